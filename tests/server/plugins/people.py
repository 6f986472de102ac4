"""Users who log in with their name as a token, and what each of them may do."""

from jupyter_server.auth import Authorizer, IdentityProvider, User


class People(IdentityProvider):
    """Knows everybody by the token."""

    def get_user_token(self, handler):
        name = self.get_token(handler)
        return User(username=name, name=name.title(), initials=name[:2].upper()) if name else None


class Doors(Authorizer):
    """Opens them to most."""

    def is_authorized(self, handler, user, action, resource):
        forbidden = {
            "stranger": True,
            "reader": action != "read",
            "no-kernels": resource == "kernels",
            "no-files": resource == "contents",
        }
        return not forbidden.get(user.username, False)


SWITCH = ("--ServerApp.identity_provider_class=people.People", "--ServerApp.authorizer_class=people.Doors")
