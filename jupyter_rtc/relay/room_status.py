"""What can be seen of an open room from outside: for administrators, and for the table of users. Pure; no content."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..documents import Visit
from .open_room import OpenRoom, Seat


def visits(place: OpenRoom) -> Iterator[Visit]:
    """Return the connections that a room serves."""
    if place.room is None:
        return
    present = place.room.presence.present()
    for who, member in place.room.members.items():
        yield Visit(place.id, member.identity.fields, tuple(present.get(who, ())))


def room_status(place: OpenRoom) -> dict[str, Any]:
    """Return how a room stands."""
    return {
        "room": place.id,
        "phase": place.phase.value,
        "epoch": place.epoch,
        "revision": place.room.changes.revision if place.room else 0,
        "participants": [_seat_status(seat) for seat in place.seats.values()],
        "holders": place.holders,
        "log": {
            "rows": place.log_rows,
            "bytes": place.log_bytes,
            "snapshot_bytes": place.snapshot_bytes,
            "unstored": len(place.unstored),
            "in_memory": place.around is not None,
            "words": place.around.words if place.around else place.failing or place.damage,
        },
        "keeper": place.keeper.status() if place.keeper else None,
    }


def _seat_status(seat: Seat) -> dict[str, Any]:
    member = seat.room.room.members.get(seat.id) if seat.room.room else None
    return {
        "username": seat.visitor.identity.username,
        "standing": (member or seat.visitor).standing.value,
        "sent_bytes": seat.outbox.sent_bytes,
        "waiting_bytes": seat.outbox.held_bytes,
    }
