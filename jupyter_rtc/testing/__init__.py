"""For tests, ours and those of users: contract suites, and peers that need no network."""

from __future__ import annotations

from .log_contract import LogContract

__all__ = ["LogContract"]
