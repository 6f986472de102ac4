"""The system's list of mounts, where there is one: it tells a local disk from a network's."""

from __future__ import annotations

from pathlib import Path


def read_mounts() -> str:
    """Return the text of ``/proc/mounts``; nothing where there is none."""
    try:
        return Path("/proc/mounts").read_text()
    except OSError:
        return ""
