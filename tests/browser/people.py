"""Who takes part in the browser tests: three people, each with a token of their own.

The server under test loads this module through its configuration, so that its identity provider and authorizer are
Jupyter's own interfaces and nothing is faked: a person logs in once with the token in the address, and is known by
the cookie from then on. Rea may look at everything and change nothing.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth import Authorizer, IdentityProvider, User

ANA = User("ana", "Ana Lima", "Ana Lima", "AL", color="#1a73e8")
BO = User("bo", "Bo Chen", "Bo Chen", "BC", color="#d93025")
REA = User("rea", "Rea Only", "Rea Only", "RO", color="#188038")

BY_TOKEN = {f"token-of-{user.username}": user for user in (ANA, BO, REA)}
READERS = {REA.username}


def token_of(user: User) -> str:
    """Return the token that this person logs in with."""
    return f"token-of-{user.username}"


class TokensOfPeople(IdentityProvider):
    """Knows a person by their own token, and then by the cookie that Jupyter sets."""

    async def get_user_token(self, handler: Any) -> User | None:
        """Return whose token this request carries, if any."""
        return BY_TOKEN.get(self.get_token(handler) or "")


class ReadersOnlyRead(Authorizer):
    """Lets readers read, and everyone else do everything."""

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Return whether this person may do this."""
        return action == "read" or user.username not in READERS
