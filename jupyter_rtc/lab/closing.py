"""Close codes and reasons."""

from __future__ import annotations

import json

from ..errors import EpochMismatch, RtcError
from ..ids import Epoch


def closing(error: RtcError | None, path: str | None, epoch: Epoch | None) -> tuple[int, str]:
    """Return the close code and reason."""
    if error is None:
        return 1001, ""
    if isinstance(error, EpochMismatch):
        return 1003, json.dumps({"reason": "unknown_session", "sessionId": epoch, "reloadable": True})
    return error.close_code, error.words
