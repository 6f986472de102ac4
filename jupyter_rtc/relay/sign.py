"""A sign: a few words in the text itself, where a person writes, as long as something lasts. No I/O; time is an input.

It is for clients that know nothing of our messages: they show presence, so the sign is the presence of a client that
is the server's own. Each connection gets it at its own cursor, and again where its cursor is then every
``RENEW`` seconds, since Yjs forgets a state that is not renewed; who has no cursor in the document gets none.

Nobody else's presence is touched, and what clients say of it (y-websocket echoes everything) counts for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..ids import ParticipantId, new_server_client_id
from ..protocol.messages import Presence

RENEW = 15.0
"""Seconds after which a sign is shown again; Yjs forgets it after 30."""

USERNAME = "server:"
COLOUR = "#b3261e"


class Sign:
    """The sign in one room, up or not."""

    def __init__(self) -> None:
        """Begin without one."""
        self._client = new_server_client_id()
        self._clock = 0
        self._user: Mapping[str, str] | None = None
        self._shown: dict[ParticipantId, float] = {}

    def put_up(self, brief: str, words: str) -> None:
        """Show these from now on; ``brief`` is what there is room for beside a cursor."""
        self._user = {"username": USERNAME, "name": words, "display_name": brief, "initials": "!", "color": COLOUR}
        self._shown = dict.fromkeys(self._shown, float("-inf"))

    def take_down(self) -> None:
        """Show nothing from now on."""
        self._user = None

    def forget(self, who: ParticipantId) -> None:
        """Forget a connection that ended."""
        self._shown.pop(who, None)

    def without(self, said: Iterable[Presence]) -> list[Presence]:
        """Return what was said of others than the sign."""
        return [one for one in said if one.client != self._client]

    def news(self, who: ParticipantId, states: Iterable[str], now: float) -> Presence | None:
        """Return what is to be said of the sign to a connection that has these states; None: nothing."""
        since = self._shown.get(who)
        if self._user is None:
            return self._gone(who) if since is not None else None
        if since is not None and now - since < RENEW:
            return None
        place = _cursor(states)
        if place is None:
            return None
        self._shown[who] = now
        cursor = {"anchor": place, "head": place, "primary": True, "empty": True}
        return self._say(json.dumps({"user": self._user, "cursors": [cursor]}, separators=(",", ":")))

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to say to anybody."""
        return self._user is None and not self._shown

    def _gone(self, who: ParticipantId) -> Presence:
        del self._shown[who]
        return self._say(None)

    def _say(self, state: str | None) -> Presence:
        self._clock += 1
        return Presence(self._client, self._clock, state)


def _cursor(states: Iterable[str]) -> Any:
    """Return where the person writes, as Yjs says it; None if nowhere."""
    for state in states:
        said = json.loads(state)
        cursors = said.get("cursors") if isinstance(said, dict) else None
        for cursor in cursors if isinstance(cursors, list) else ():
            if isinstance(cursor, dict) and cursor.get("head") is not None:
                return cursor["head"]
    return None
