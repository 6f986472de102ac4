"""What can be asked for: a name, arguments, what the asker must be allowed to do, and who answers. Pure.

A request is a method with a docstring, whose arguments after the asker are keywords with types::

    @request("kernels.start", "write", "kernels")
    async def start(self, asker: Author, *, name: str | None = None) -> Any:
        \"\"\"Start a kernel.\"\"\"

``action`` and ``resource`` are those that Jupyter's authorizer is asked for when the same is done through REST.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from ..errors import TableError, WrongValue
from ..tables.values import Types, checked, type_words, types_of

Answer = Callable[..., Awaitable[Any]]
_MARK = "_jupyter_rtc_request"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument."""

    types: Types
    required: bool

    @property
    def words(self) -> str:
        """What it takes, in words."""
        return type_words(self.types)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that can be asked for."""

    name: str
    action: str
    resource: str
    arguments: Mapping[str, Argument]
    words: str
    answer: Answer

    def checked(self, given: Any) -> dict[str, Any]:
        """Return the arguments as they are to be used; raises TableError, in words."""
        if given is None:
            given = {}
        if not isinstance(given, dict):
            raise WrongValue(f"The arguments of {self.name!r} are an object, each under its name.")
        for name in given:
            if name not in self.arguments:
                raise TableError(f"{self.name!r} has no argument {name!r}; it has {self._listed()}.")
        for name, argument in self.arguments.items():
            if argument.required and name not in given:
                raise TableError(f"{self.name!r} needs the argument {name!r}.")
        return {
            name: checked(value, self.arguments[name].types, f"The argument {name!r} of {self.name!r}")
            for name, value in given.items()
        }

    def _listed(self) -> str:
        return ", ".join(repr(name) for name in self.arguments) or "none"


def request(name: str, action: str, resource: str) -> Callable[[Answer], Answer]:
    """Mark a method as the answer to a request of this name."""

    def mark(method: Answer) -> Answer:
        setattr(method, _MARK, (name, action, resource))
        return method

    return mark


def requests_of(*owners: Any) -> dict[str, Request]:
    """Return the requests that these objects answer, by name."""
    return {one.name: one for owner in owners for one in _requests_of(owner)}


def _requests_of(owner: Any) -> Iterable[Request]:
    for _, method in inspect.getmembers(owner, inspect.ismethod):
        mark = getattr(method, _MARK, None)
        if mark is not None:
            name, action, resource = mark
            yield Request(name, action, resource, _arguments(method), inspect.getdoc(method) or "", method)


def _arguments(method: Answer) -> dict[str, Argument]:
    hints = get_type_hints(method)
    return {
        one.name: Argument(types_of(object if hints[one.name] is Any else hints[one.name]), one.default is one.empty)
        for one in inspect.signature(method).parameters.values()
        if one.kind is one.KEYWORD_ONLY
    }
