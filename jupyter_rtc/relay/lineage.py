"""Whether a participant holds the history that the room has, as far as its state vector shows it. Pure.

It does not if it knows more of this server's own changes than this server (whose log was lost or set back); or if it
has content, named no epoch, and knows none of the changes with which this server filled the document.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import EpochMismatch
from ..ids import is_server_client_id

LOST_HISTORY = (
    "The server lost a part of this document's history that you still have. "
    "Reload to continue with what the server has."
)
OTHER_HISTORY = "You hold another copy of this document than the server. Reload to continue with the server's."


def check_lineage(theirs: Mapping[int, int], ours: Mapping[int, int], *, filled: bool, claimed: bool) -> None:
    """Refuse one that holds another history.

    Args:
        theirs: the clock of each client that the participant knows.
        ours: those that the room has.
        filled: whether this server gave the document its first content.
        claimed: whether the participant named the epoch that it holds, and named this one.

    Raises:
        EpochMismatch: it does.

    """
    if any(clock > ours.get(client, 0) for client, clock in theirs.items() if is_server_client_id(client)):
        raise EpochMismatch(LOST_HISTORY)
    seeds = {client for client in ours if is_server_client_id(client)}
    if filled and theirs and seeds and not claimed and not seeds & theirs.keys():
        raise EpochMismatch(OTHER_HISTORY)
