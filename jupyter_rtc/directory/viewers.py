"""Who looks at a notebook is connected to its kernel, as Jupyter Server counts it: for culling, and for REST.

JupyterLab's frontends connect to the kernel themselves; a program that looks at the document alone does not, nor does
one whose runs the server makes. Only a ``MappingKernelManager`` counts; any other is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..documents import Visit
from ..ids import RoomId
from ..notices import Notice, NoticeKind

NEWS = (NoticeKind.JOINED, NoticeKind.LEFT, NoticeKind.MOVED, NoticeKind.ROOM_CLOSED)


class Viewers:
    """Counts them."""

    def __init__(
        self,
        kernel_manager: Any,
        visits: Callable[[], Iterable[Visit]],
        path_of: Callable[[RoomId], str | None],
    ) -> None:
        """Tell this kernel manager; ``path_of`` names the file of an open room."""
        self._manager = kernel_manager
        self._visits = visits
        self._path_of = path_of
        self._kernels: dict[str, str] = {}
        self._told: Counter[str] = Counter()

    def take(self, sessions: Mapping[str, Mapping[str, Any]]) -> None:
        """Take note of which file has which kernel: the table ``sessions``."""
        self._kernels = {row["path"]: row["kernel_id"] for row in sessions.values() if row["kernel_id"]}
        self._look()

    def hear(self, notice: Notice) -> None:
        """Take note of who comes and goes."""
        if notice.kind in NEWS:
            self._look()

    def close(self) -> None:
        """Count nobody."""
        self._tell(Counter())

    def _look(self) -> None:
        paths = (self._path_of(visit.room) for visit in self._visits())
        self._tell(Counter(self._kernels[path] for path in paths if path in self._kernels))

    def _tell(self, wanted: Counter[str]) -> None:
        if not hasattr(self._manager, "notify_connect"):
            return
        for kernel_id, count in (wanted - self._told).items():
            for _ in range(count):
                self._manager.notify_connect(kernel_id)
        for kernel_id, count in (self._told - wanted).items():
            for _ in range(count):
                self._manager.notify_disconnect(kernel_id)
        self._told = wanted
