"""The hash of a cell's source; see ``datastore.source_hash``."""

from __future__ import annotations

from ..datastore.source_hash import source_hash

__all__ = ["source_hash"]
