"""The page ``docs/requests.md``, made from the requests themselves: ``python -m jupyter_rtc.directory``. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from ..ids import RoomId
from .code_requests import CodeRequests
from .contents_requests import ContentsRequests
from .folder_requests import FolderRequests
from .kernel_requests import KernelRequests
from .refresh_requests import RefreshRequests
from .request import Argument, Request, requests_of
from .session_requests import SessionRequests
from .terminal_requests import TerminalRequests

_HEAD = """# Requests

What a program or a frontend asks the server to do, as a record in the table `requests` ([fields](tables.md)):
`{"name": "kernels.start", "args": {"name": "python3"}}`. The server makes it `running`, and in the end `done` with a
`result`, or `failed` with a `reason` in words; it notes the user, the time and the duration. Who asks is the user of
the connection that brought the record, whatever the record says.

Each user's own room `requests` (`api/rtc/rooms/requests`) is seen by nobody else. Questions about code are asked in
the notebook's room. The Python client has `rtc.request(name, …)` and `nb.request(name, …)`; most requests have a method
too ([the client's guide](client.md)). Of those that ended the newest hundred are kept. What is not ended when the
server stops has failed.

A request is allowed to whom Jupyter's authorizer allows the same over REST; the permission stands behind its name.

This page is made by `python -m jupyter_rtc.directory > docs/requests.md`.
"""


def page() -> str:
    """Return the page."""
    nothing = cast("Any", None)
    own = requests_of(
        KernelRequests(nothing),
        SessionRequests(nothing, nothing),
        ContentsRequests(nothing),
        FolderRequests(nothing, nothing),
        TerminalRequests(nothing, nothing),
        RefreshRequests(nothing),
    )
    code = requests_of(CodeRequests(RoomId(""), nothing, nothing))
    parts = [_HEAD, "## In each user's own room\n", *_listed(own.values()), "## In a notebook's room\n"]
    return "\n".join([*parts, *_listed(code.values())])


def _listed(requests: Iterable[Request]) -> Iterable[str]:
    for one in requests:
        yield f"### `{one.name}`\n"
        yield f"{one.words}\n\nNeeds: {one.action} {one.resource}.\n"
        if one.arguments:
            yield "| argument | takes |\n|---|---|"
            yield from (f"| `{name}` | {_takes(argument)} |" for name, argument in one.arguments.items())
            yield ""


def _takes(argument: Argument) -> str:
    return argument.words if argument.required else f"{argument.words}; may be left out"
