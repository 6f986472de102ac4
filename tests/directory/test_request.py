"""Rules of jupyter_rtc.directory.request."""

from typing import Any

import pytest

from jupyter_rtc.directory.request import request, requests_of
from jupyter_rtc.errors import TableError


class Things:
    @request("things.make", "write", "things")
    async def make(self, asker: Any, *, name: str, size: int | None = None, extra: Any = None) -> Any:
        """Make a thing."""
        return [asker, name, size]

    async def other(self) -> None:
        pass


MAKE = requests_of(Things())["things.make"]


async def test_a_marked_method_is_a_request_with_its_arguments():
    assert list(requests_of(Things())) == ["things.make"]
    assert (MAKE.action, MAKE.resource, MAKE.words) == ("write", "things", "Make a thing.")
    assert {name: (one.words, one.required) for name, one in MAKE.arguments.items()} == {
        "name": ("str", True),
        "size": ("int or null", False),
        "extra": ("any JSON value", False),
    }
    assert await MAKE.answer("ana", **MAKE.checked({"name": "n", "size": 3})) == ["ana", "n", 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "'things.make' needs the argument 'name'."),
        (None, "'things.make' needs the argument 'name'."),
        ({"name": "n", "colour": 1}, "'things.make' has no argument 'colour'; it has 'name', 'size', 'extra'."),
        ({"name": 5}, "The argument 'name' of 'things.make' takes str, not 5 (int)."),
        ({"name": None}, "The argument 'name' of 'things.make' takes str, not None (NoneType)."),
        (["n"], "The arguments of 'things.make' are an object, each under its name."),
    ],
)
def test_wrong_arguments_are_refused_in_words(given, words):
    with pytest.raises(TableError) as refused:
        MAKE.checked(given)
    assert refused.value.words == words
