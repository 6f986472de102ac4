"""What an administrator may choose of the relay."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubSettings:
    """Seconds and bytes."""

    cleanup_delay: float | None = 60.0
    """How long a room that nobody looks at stays open; None: until the server stops."""
    outbox_bytes: int = 8 * 2**20
    """How much may wait for one slow participant before it is resynchronised instead."""
    backlog_bytes: int = 64 * 2**20
    """How much one participant may say while its room loads."""
    slow_after: float = 60.0
    """After how long a participant that takes no bytes at all is closed."""
    quiet: float = 10.0
    """After how long of silence something is sent, for proxies and clients that watch for life."""
    permission_interval: float = 4.0
    """How often each connection's user is asked for again; a change takes effect within this time."""
    permission_patience: float = 10.0
    """How long an answer about a connection's user is waited for before nothing more is taken from it meanwhile."""
    load_attempts: int = 3
    """How often a room may stop the process while loading before it is quarantined."""
    compact_bytes: int = 256 * 1024
    """How much log a small room collects before it is shortened."""
    compact_rows: int = 5000
    """How many changes a room's log collects before it is shortened."""
