"""``GET api/rtc/status``: what an administrator wants to see; no content, no secret, no machine path.

It needs the permission to read ``server``, as Jupyter's own status does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from . import __version__

SHOWN_VERSIONS = ("pycrdt", "jupyter_ydoc", "jupyter_server", "tornado", "nbformat")


class StatusHandler(APIHandler):
    """Answers with the state of all rooms."""

    auth_resource = "server"

    def initialize(self, report: Callable[[], dict[str, Any]]) -> None:
        """Take the function that makes the report."""
        self._report = report

    @web.authenticated
    @authorized
    def get(self) -> None:
        """Answer."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"versions": versions(), **self._report()}))


def versions() -> dict[str, str]:
    """Return the versions of this package and of what it stands on."""
    return {"jupyter_rtc": __version__} | {name: _version(name) for name in SHOWN_VERSIONS}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
