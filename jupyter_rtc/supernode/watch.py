"""Who hears that a file may have changed: whoever keeps it, whichever way the change was made.

Two sources: the events of Jupyter's own contents API, for what is done through this server, and ``Folders`` for
everything else on a local disk. Both only say "look again". Reading a file is not a change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..notices import Announce, unheard
from .folders import Folders, listed

CONTENTS_EVENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"

Touched = Callable[[bool], None]
"""Called with whether something was seen of the file; otherwise it may only have been missed."""


class Watch:
    """The sources of hints, and those who want them."""

    def __init__(
        self,
        root: Path | None,
        event_logger: Any | None,
        renamed: Callable[[str, str], None],
        announce: Announce = unheard,
    ) -> None:
        """Watch files below ``root`` (None: not on a local disk); call ``renamed(old, new)`` for renames told."""
        self._folders = None if root is None else Folders(root, self._touched, announce)
        self._events = event_logger
        self._renamed = renamed
        self._followers: dict[str, list[Touched]] = {}

    @property
    def sees_outside(self) -> bool:
        """Whether changes are seen that are not made through this server."""
        return self._folders is not None and self._folders.works

    async def start(self) -> None:
        """Begin to listen."""
        if self._folders is not None:
            self._folders.start()
        if self._events is not None:
            self._events.add_listener(schema_id=CONTENTS_EVENTS, listener=self._on_event)

    async def close(self) -> None:
        """Stop listening."""
        if self._events is not None:
            self._events.remove_listener(schema_id=CONTENTS_EVENTS, listener=self._on_event)
        if self._folders is not None:
            await self._folders.close()

    def follow(self, path: str, touched: Touched) -> Callable[[], None]:
        """Call back when the file at this path may have changed, or what is in a folder; return what ends it.

        ``folders.listed`` names a folder of which all entries are of interest.
        """
        self._followers.setdefault(path, []).append(touched)
        if self._folders is not None:
            self._folders.add(path)

        def end() -> None:
            followers = self._followers[path]
            followers.remove(touched)
            if not followers:
                del self._followers[path]
            if self._folders is not None:
                self._folders.remove(path)

        return end

    def _touched(self, path: str, seen: bool = True) -> None:
        for touched in list(self._followers.get(path, ())):
            touched(seen)

    async def _on_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data["action"] == "get":
            return
        path = data["path"].strip("/")
        old = (data.get("source_path") or "").strip("/")
        if data["action"] == "rename":
            self._renamed(old, path)
        folders = {listed(touched.rpartition("/")[0]) for touched in (path, old) if touched}
        for place in list(self._followers):
            if place in folders or any(
                place == touched or place.startswith(touched + "/") for touched in (path, old) if touched
            ):
                self._touched(place)
