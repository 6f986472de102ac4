"""What a websocket's end means for who was connected: dial again, or give up, and why. Pure.

``docs/protocol.md`` has the codes. JupyterLab's manner puts the reason into JSON where the code is 1003.
"""

from __future__ import annotations

import json
from typing import Any

from ..errors import (
    DocumentError,
    DocumentMissing,
    DocumentUnreadable,
    EpochMismatch,
    LoginRefused,
    MessageTooLarge,
    NotAllowed,
    ProtocolError,
    RtcError,
    ServerUnreachable,
)

FIRST_DELAY = 0.2
"""Seconds before the second attempt; the first is made at once."""
LONGEST_DELAY = 20.0

_FINAL: dict[int, type[RtcError]] = {
    1007: ProtocolError,
    1008: ProtocolError,
    1009: MessageTooLarge,
    4400: DocumentUnreadable,
    4403: NotAllowed,
    4404: DocumentMissing,
    4500: DocumentError,
}
OTHER_HISTORY = "The server has another history of this document than this program. Open it again."


def reason_to_give_up(code: int | None, reason: str | None) -> RtcError | None:
    """Return why there is no use in dialing again, or None if there may be."""
    words = reason or ""
    if code == 1003:
        told = _json(words)
        if told.get("reason") == "initialization_error":
            return DocumentError(str(told.get("errorReason") or "The server could not open this document."))
        return EpochMismatch(OTHER_HISTORY)
    kind = _FINAL.get(code or 0)
    return None if kind is None else kind(words or "The server closed this document.")


def reason_of_status(status: int) -> RtcError | None:
    """Return why there is no use in dialing again after the handshake was answered with this HTTP status."""
    if status in (401, 403):
        return LoginRefused("The server does not let this program in any more; give it a valid token.")
    if status in (301, 302, 303, 307, 308):
        return LoginRefused("The server sends this program to a login page; give it a valid token.")
    if status in (400, 405, 426):
        return ServerUnreachable("What stands before the server lets no websockets through.")
    return None


def delay_before(attempt: int, chance: float) -> float:
    """Return how long to wait before an attempt (the first is 0); ``chance`` is from 0 to 1.

    Many programs that lost the same server do not all come back at the same moment.
    """
    if attempt <= 0:
        return 0.0
    longest: float = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 16))
    return longest * (0.5 + chance / 2)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
