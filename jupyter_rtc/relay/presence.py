"""Who is here: the newest awareness state of each Yjs client. No I/O; time is an input.

* A state's ``user`` is the server's identity of the person behind the connection, whatever the client says:
  only the fields that the server lets people choose themselves are taken from the client.
* A client id belongs to the connection that first spoke for it while that connection lasts; what others
  say of it (y-websocket echoes everything it hears) changes nothing. A connection that speaks for nobody
  yet may take over an id that nobody speaks for, or one of its own user: that is how a client comes back.
* Who leaves is announced after a short grace, so that a reconnect does not flicker: peers ignore a state
  that comes back with the clock it left with.
* Who is silent for long (Yjs renews every 15 s) is a ghost, and is announced as gone.

Presence is never logged, and says nothing about permission.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..ids import ParticipantId
from ..protocol.messages import Presence

DEPARTURE_GRACE = 3.0
"""Seconds between a connection's end and the announcement that its client is gone."""

SILENCE = 40.0
"""Seconds without a word after which a client is a ghost; Yjs itself counts 30 on the receiving side."""

MAX_CLIENTS_PER_PARTICIPANT = 32
"""How many client ids one connection may speak for; one is usual, each costs memory for everyone."""

CHOSEN_BY_CLIENT = frozenset({"color"})
"""Fields of ``user`` that a client may always choose: how its cursor looks."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a connection, as the server's identity provider knows them."""

    fields: Mapping[str, Any]
    """username, name, display_name, initials, color, avatar_url, …"""
    choosable: frozenset[str] = CHOSEN_BY_CLIENT
    """Which of the fields the person may change themselves."""

    @property
    def username(self) -> str:
        """The one name that identifies the person."""
        return str(self.fields.get("username", ""))

    def signed(self, claimed: Any) -> dict[str, Any]:
        """Return the ``user`` entry to show for this person, given what the client claims."""
        claimed = claimed if isinstance(claimed, dict) else {}
        chosen = {key: claimed[key] for key in self.choosable | CHOSEN_BY_CLIENT if claimed.get(key) is not None}
        return {**self.fields, **chosen, "username": self.username}


@dataclass(slots=True)
class _Client:
    clock: int
    state: str | None
    owner: ParticipantId | None
    username: str
    heard: float
    left: float | None = None


class PresenceTable:
    """The newest state of each client in one room."""

    def __init__(self) -> None:
        self._clients: dict[int, _Client] = {}
        self.version = 0
        """Grows whenever a client comes or goes, or gets another connection."""

    def hear(self, speaker: ParticipantId, identity: Identity, said: Iterable[Presence], now: float) -> list[Presence]:
        """Take what a connection says; return what of it is news to everyone, as it is to be sent."""
        return [news for one in said if (news := self._hear(speaker, identity, one, now))]

    def leave(self, speaker: ParticipantId, now: float) -> None:
        """Note that a connection ended; ``tick`` announces its clients' departure after the grace."""
        for client in self._clients.values():
            if client.owner == speaker:
                client.owner = None
                client.left = now

    def tick(self, now: float) -> list[Presence]:
        """Return the departures that are due, and forget clients whose departure is long known."""
        gone = [
            (client_id, client)
            for client_id, client in self._clients.items()
            if client.state is not None and _is_gone(client, now)
        ]
        for _, client in gone:
            client.state, client.heard = None, now
            self.version += 1
        self._forget(now)
        return [Presence(client_id, client.clock, None) for client_id, client in gone]

    def everyone(self) -> list[Presence]:
        """Return the states of all who are here, for a newcomer."""
        return [
            Presence(client_id, client.clock, client.state)
            for client_id, client in self._clients.items()
            if client.state is not None
        ]

    def states_of(self, speaker: ParticipantId) -> list[str]:
        """Return the states of the clients for which a connection speaks."""
        return [one.state for one in self._clients.values() if one.owner == speaker and one.state is not None]

    def owned_by(self, speaker: ParticipantId) -> list[int]:
        """Return the client ids for which a connection speaks."""
        return [client_id for client_id, client in self._clients.items() if client.owner == speaker]

    def present(self) -> dict[ParticipantId, list[int]]:
        """Return the clients that are here, by the connection that speaks for them."""
        found: dict[ParticipantId, list[int]] = {}
        for client_id, client in self._clients.items():
            if client.state is not None and client.owner is not None:
                found.setdefault(client.owner, []).append(client_id)
        return found

    def _hear(self, speaker: ParticipantId, identity: Identity, said: Presence, now: float) -> Presence | None:
        known = self._clients.get(said.client)
        if known is None:
            if said.state is None or len(self.owned_by(speaker)) >= MAX_CLIENTS_PER_PARTICIPANT:
                return None
            known = self._clients[said.client] = _Client(-1, None, speaker, identity.username, now)
        elif known.owner != speaker:
            if not self._may_take_over(speaker, identity, known):
                return None
            known.owner, known.username = speaker, identity.username
            self.version += 1
        return self._update(known, identity, said, now)

    def _may_take_over(self, speaker: ParticipantId, identity: Identity, known: _Client) -> bool:
        if self.owned_by(speaker):
            return False
        return known.owner is None or known.username == identity.username

    def _update(self, client: _Client, identity: Identity, said: Presence, now: float) -> Presence | None:
        client.heard, client.left = now, None
        is_departure = said.state is None and client.state is not None and said.clock == client.clock
        if said.clock < client.clock or (said.clock == client.clock and not is_departure and client.state):
            return None
        client.clock = said.clock
        self.version += (client.state is None) != (said.state is None)
        client.state = _signed(said.state, identity)
        return Presence(said.client, said.clock, client.state)

    def _forget(self, now: float) -> None:
        old = [i for i, c in self._clients.items() if c.state is None and now - c.heard > 2 * SILENCE]
        for client_id in old:
            del self._clients[client_id]


def _is_gone(client: _Client, now: float) -> bool:
    if client.left is not None:
        return now - client.left >= DEPARTURE_GRACE
    return now - client.heard >= SILENCE


def _signed(state: str | None, identity: Identity) -> str | None:
    if state is None:
        return None
    said = json.loads(state)
    if not isinstance(said, dict):
        return None
    if said or identity.username:
        said["user"] = identity.signed(said.get("user"))
    return json.dumps(said, separators=(",", ":"))
