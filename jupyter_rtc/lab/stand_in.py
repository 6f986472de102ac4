"""This extension where others look for jupyter-collaboration's: under the name ``jupyter_server_ydoc``.

Other extensions ask the server's extension manager whether that name is enabled, and for its app, before they use it
(jupyterlab-chat, jupyter-server-nbmodel). There is nothing to link, load or start behind the name: all of that has
been done. If that extension is really enabled beside this one, its name stays its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .api import DocumentApi

NAME = "jupyter_server_ydoc"


@dataclass(frozen=True)
class ExtensionPoint:
    """What the extension manager calls a point: where an extension's app is found."""

    app: DocumentApi
    name: str = NAME


@dataclass
class StandIn:
    """An enabled extension, as the extension manager keeps it."""

    app: DocumentApi
    version: str
    """This extension's; the server's metrics show it."""
    name: str = NAME
    enabled: bool = True
    extension_points: dict[str, ExtensionPoint] = field(init=False)

    def __post_init__(self) -> None:
        """Have the app where it is looked for."""
        self.extension_points = {NAME: ExtensionPoint(self.app)}

    def link_all_points(self, _server: Any) -> None:
        """Do nothing."""

    def load_all_points(self, _server: Any) -> None:
        """Do nothing."""

    async def start_all_points(self, _server: Any) -> None:
        """Do nothing."""


def stand_in(extensions: dict[str, Any], app: DocumentApi, version: str) -> None:
    """Take the name in a server's extensions, unless the one that it belongs to is enabled."""
    other = extensions.get(NAME)
    if other is None or not other.enabled:
        extensions[NAME] = StandIn(app, version)
