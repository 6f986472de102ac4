"""Who looks at a document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    """One connection of a person or a program; somebody with three tabs is three times here."""

    client: int
    """The Yjs client id."""
    username: str
    """Who that is, as the server knows them; nobody can claim to be somebody else."""
    name: str
    state: Mapping[str, Any] = field(default_factory=dict, compare=True, hash=False)
    """All that they say of themselves: where their cursor is, for example."""


def people_in(states: Mapping[int, Mapping[str, Any]]) -> list[Person]:
    """Return who is here, in a steady order."""
    return [_person(client, states[client]) for client in sorted(states)]


def _person(client: int, state: Mapping[str, Any]) -> Person:
    user = state.get("user")
    user = user if isinstance(user, Mapping) else {}
    username = str(user.get("username", ""))
    name = user.get("display_name") or user.get("name") or username
    return Person(client, username, str(name), state)
