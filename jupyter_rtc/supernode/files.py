"""The supernode's half that keeps files: it hands out keepers, and owns what they share.

``app`` builds one, starts it, gives its ``keeper`` to the relay, and closes it after the relay. It decides nothing
about a file; each keeper does that for its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import FileContentsManager

from ..datastore.content import Shape
from ..ids import FileAddress, RoomId, file_address
from ..notices import Announce, unheard
from .clock import Clock, SystemClock
from .contents import Contents
from .disks import is_local
from .file import FileKeeper
from .folders import listed
from .identity import Identity
from .inodes import Inodes
from .surroundings import FileSettings, Surroundings
from .watch import Watch

__all__ = ["FileSettings", "Files"]


class Files:
    """All files that are open here."""

    def __init__(
        self,
        contents_manager: Any,
        file_ids: Any | None = None,
        event_logger: Any | None = None,
        *,
        settings: FileSettings | None = None,
        announce: Announce = unheard,
        clock: Clock | None = None,
        shape: Callable[[FileAddress], Shape] | None = None,
    ) -> None:
        """Keep files of this contents manager; nothing is started.

        ``file_ids`` is jupyter_server_fileid's manager, or a function that returns it once it is there;
        ``event_logger`` is the server's. Both may be absent. ``shape`` says what documents are made of.
        """
        self._contents_manager = contents_manager
        settings = settings or FileSettings()
        root = _local_root(contents_manager)
        self._identity = Identity(
            file_ids if callable(file_ids) else lambda: file_ids, Inodes(root) if root else None, announce
        )
        self._watch = Watch(root, event_logger, self._identity.renamed, announce)
        self._around = Surroundings(
            contents=Contents(contents_manager, settings.read_timeout),
            identity=self._identity,
            watch=self._watch,
            clock=clock or SystemClock(),
            settings=settings,
            announce=announce,
            **({} if shape is None else {"shape": shape}),
        )
        self._keepers: WeakValueDictionary[RoomId, FileKeeper] = WeakValueDictionary()

    async def start(self) -> None:
        """Begin to see changes that are made outside."""
        await self._watch.start()

    def keeper(self, room: RoomId) -> FileKeeper | None:
        """Return what stands behind a file's room, for one opening of it; None for another kind of room."""
        address = file_address(room)
        if address is None:
            return None
        keeper = FileKeeper(address, self._around)
        self._keepers[room] = keeper
        return keeper

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""
        return self._identity.index(path)

    def path(self, room: RoomId) -> str | None:
        """Return where the file of an open room is, as the contents manager names it."""
        keeper = self._keepers.get(room)
        return keeper.path if keeper is not None else None

    async def is_gone(self, file_id: str) -> bool:
        """Whether there is no file of this id any more; an index that cannot be asked says that of none.

        Raises whatever the contents manager raises.
        """
        if any(address and address.file_id == file_id for address in map(file_address, list(self._keepers))):
            return False
        path = await self._identity.locate(file_id)
        self._identity.forget(file_id)
        if path is None:
            return self._identity.works
        return not await ensure_async(self._contents_manager.file_exists(path))

    @property
    def sees_outside(self) -> bool:
        """Whether changes are seen that are not made through this server."""
        return self._watch.sees_outside

    def follow_folder(self, path: str, changed: Callable[[], None]) -> Callable[[], None]:
        """Call back when something in this folder may have changed; return what ends it."""
        return self._watch.follow(listed(path), lambda _seen: changed())

    async def save_all(self, deadline: float) -> list[str]:
        """Save all that waits to be saved, in at most this many seconds; return the paths that were not."""
        closing = {asyncio.create_task(keeper.close()): keeper for keeper in self._keepers.values()}
        if not closing:
            return []
        await asyncio.wait(closing, timeout=deadline)
        return [keeper.path for task, keeper in closing.items() if not task.done() or keeper.holds()]

    def status(self) -> dict[str, Any]:
        """Return what an administrator wants to see of each open file."""
        return {room: keeper.status() for room, keeper in self._keepers.items()}

    async def close(self) -> None:
        """Let go of everything; keepers that are still open save what they can."""
        await asyncio.gather(*(keeper.close() for keeper in self._keepers.values()))
        await self._watch.close()


def _local_root(contents_manager: Any) -> Path | None:
    """Return the folder that this contents manager serves, if it is one on a local disk."""
    if not isinstance(contents_manager, FileContentsManager):
        return None
    root = Path(contents_manager.root_dir).resolve()
    return root if is_local(root) else None
