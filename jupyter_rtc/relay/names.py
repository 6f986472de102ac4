"""Which Yjs client ids belong to the connections that are here, as far as that is certain. Pure.

Every change bears the client id of the document in which it was made. That id is said together with who one is:

* A connection owns an id for which it says an awareness state that bears its own user's name (``user.username``, as
  JupyterLab writes it), or any state, if it speaks our own messages: then it speaks for nobody else.
* Who passes on what others say of themselves, as y-websocket does with all that it hears, owns nothing by it.
* The first user to own an id keeps it while one of their connections that said so is here.

What is not known here may be anybody's. Nothing is known of those who are not here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from ..ids import ParticipantId
from ..protocol.codec import encode_number, read_number
from ..protocol.messages import Presence

MAX_NAMES = 32
"""Ids that one connection may own; one is usual."""


@dataclass(slots=True)
class _Owner:
    username: str
    name: bytes
    """The id, as it stands in updates."""
    here: set[ParticipantId] = field(default_factory=set)


class Names:
    """Whose client ids are whose, in one room."""

    def __init__(self) -> None:
        self._owners: dict[int, _Owner] = {}
        self._owned: dict[ParticipantId, int] = {}

    def hear(self, who: ParticipantId, username: str, said: Iterable[Presence], *, only_itself: bool) -> None:
        """Take note of what a connection of this user says of who is here; ``only_itself``: it speaks for no other."""
        for one in said:
            owner = self._owners.get(one.client)
            if one.state is None or not username or (owner and (owner.username != username or who in owner.here)):
                continue
            if (only_itself or _username(one.state) == username) and self._owned.get(who, 0) < MAX_NAMES:
                owner = self._owners.setdefault(one.client, _Owner(username, encode_number(one.client)))
                owner.here.add(who)
                self._owned[who] = self._owned.get(who, 0) + 1

    def leave(self, who: ParticipantId) -> None:
        """Forget what a connection owned."""
        if self._owned.pop(who, 0):
            for client, owner in list(self._owners.items()):
                owner.here.discard(who)
                if not owner.here:
                    del self._owners[client]

    def owners(self, client: int) -> Set[ParticipantId]:
        """Return the connections to which an id belongs."""
        owner = self._owners.get(client)
        return owner.here if owner else frozenset()

    def foreign(self, update: bytes, username: str) -> list[int]:
        """Return ids of other users that a sound update may bear: at least all of which it has structs."""
        sections, at = read_number(update, 0)
        if sections == 1:  # as all typing is
            client, _ = read_number(update, read_number(update, at)[1])
            owner = self._owners.get(client)
            return [client] if owner and owner.username != username else []
        return [client for client, owner in self._owners.items() if owner.username != username and owner.name in update]


def _username(state: str) -> str | None:
    said = json.loads(state)
    user = said.get("user") if isinstance(said, dict) else None
    username = user.get("username") if isinstance(user, dict) else None
    return username if isinstance(username, str) else None
