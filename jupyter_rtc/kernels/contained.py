"""What may fail without holding up what comes behind it: it is said in the log, and that is all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)


@contextmanager
def contained(words: str, *about: object) -> Iterator[None]:
    """Do something; if it fails, let the log say so in these words."""
    try:
        yield
    except Exception:  # noqa: BLE001  for what comes behind it does not matter what failed
        _log.exception(words, *about)
