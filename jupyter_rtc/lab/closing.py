"""The close code and reason by which JupyterLab's frontends are told why a document was closed. Pure.

=====================  ======  ==========================================================================
what                   code    what the frontend does
=====================  ======  ==========================================================================
history not readable   1013    dials again by itself; what it has is kept
another epoch          1003    a dialog «session expired», with a button that reloads
file is missing        4404    «could not find», and the tab is closed
cannot be opened       1003    a dialog with our words
anything else          its own dials again by itself
=====================  ======  ==========================================================================

A reason has at most 123 bytes (RFC 6455 section 5.5), and the frontends want it to be JSON with code 1003; so it is
the words that are shortened, never the JSON.
"""

from __future__ import annotations

import json

from ..errors import DocumentError, DocumentMissing, EpochMismatch, HistoryUnavailable, RtcError
from ..ids import Epoch

MAX_REASON_BYTES = 123
DIALOG = 1003
GOING_AWAY = 1001


def closing(error: RtcError | None, epoch: Epoch | None) -> tuple[int, str]:
    """Return the close code and reason for an error; None: the server goes away."""
    if error is None:
        return GOING_AWAY, ""
    if isinstance(error, EpochMismatch):
        reason = {"reason": "unknown_session", "sessionId": (epoch or "")[:32], "reloadable": True}
        return DIALOG, json.dumps(reason, separators=(",", ":"))
    if isinstance(error, DocumentError) and not isinstance(error, DocumentMissing | HistoryUnavailable):
        return DIALOG, _with_words({"reason": "initialization_error", "reloadable": False}, error.words)
    return error.close_code, _shortened(error.words, MAX_REASON_BYTES)


def shows_dialog(code: int) -> bool:
    """Whether the frontend shows a dialog for this code, and dials again while it is shown."""
    return code == DIALOG


def _with_words(reason: dict[str, object], words: str) -> str:
    """Return the reason with as many of the words as fit."""
    room = MAX_REASON_BYTES
    while True:
        text = json.dumps({**reason, "errorReason": _shortened(words, room)}, separators=(",", ":"))
        excess = len(text) - MAX_REASON_BYTES
        if excess <= 0 or room <= 0:
            return text
        room -= max(1, excess // 6)


def _shortened(words: str, size: int) -> str:
    """Return the words, or as many of them as fit into so many bytes, with an ellipsis."""
    if len(words.encode()) <= size:
        return words
    return words.encode()[: max(0, size - 3)].decode(errors="ignore").rstrip() + "…"
