"""What is too large to share, kept in files beside the store: one folder for each notebook, one file for each output.

A reference is the address at which it can be had (``api/rtc/outputs/…``). What no output of the notebook refers to any
more is deleted when its document is closed. It is written as it comes, and read whole.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..datastore.left_out import NOWHERE, Aside
from ..ids import RoomId, file_address

_REFERENCE = re.compile(r"/outputs/([\w-]+)/([0-9a-f]{32}-\d+)\Z")
_NAME = re.compile(r"[0-9a-f]{32}-\d+")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_FILE_ID = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class RunAside:
    """What is kept of one run; a ``datastore.left_out.Aside``."""

    folder: Path
    address: str
    run_id: str

    def add(self, key: int, text: str) -> str:
        """Put a text behind what is kept under this number; return the reference to all of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.run_id}-{key}"
        with (self.folder / name).open("a", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(text)
        return f"{self.address}/{name}"

    def drop(self, key: int) -> None:
        """Keep it no longer."""
        (self.folder / f"{self.run_id}-{key}").unlink(missing_ok=True)


class LeftAside:
    """All that is kept of all notebooks."""

    def __init__(self, folder: Path, base_url: str = "/") -> None:
        """Keep it below this folder, which is made when it is needed."""
        self._folder = folder
        self._address = f"{base_url}api/rtc/outputs"

    def for_run(self, room: RoomId, run_id: str) -> Aside:
        """Return where one run keeps what is too large: nowhere if it belongs to no file."""
        file_id = _file_id(room)
        if file_id is None:
            return NOWHERE
        return RunAside(self._folder / file_id, f"{self._address}/{file_id}", _safe(run_id))

    def fetch(self, room: RoomId, reference: str) -> str | None:
        """Return what this notebook's reference names, or None if it is none or nothing is there."""
        found = _REFERENCE.search(reference)
        return self.read(found[1], found[2]) if found and found[1] == _file_id(room) else None

    def read(self, file_id: str, name: str) -> str | None:
        """Return what is kept of this notebook under this name, or None."""
        if not _FILE_ID.fullmatch(file_id) or not _NAME.fullmatch(name):
            return None
        try:
            return (self._folder / file_id / name).read_bytes().decode("utf-8", "surrogatepass")
        except OSError:
            return None

    def tidy(self, room: RoomId, referred: Callable[[], set[str]]) -> None:
        """Delete what is kept of this notebook and not referred to any more; ``referred`` tells, if that matters."""
        file_id = _file_id(room)
        folder = self._folder / (file_id or "")
        if file_id is None or not folder.is_dir():
            return
        names = {reference.rpartition("/")[2] for reference in referred()}
        if not names:
            shutil.rmtree(folder, ignore_errors=True)
            return
        for path in folder.iterdir():
            if path.name not in names:
                path.unlink(missing_ok=True)


def _safe(run_id: str) -> str:
    """Return a name for files: who asks for a run by a record names it as they like."""
    if _RUN_ID.fullmatch(run_id):
        return run_id
    return hashlib.sha256(run_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _file_id(room: RoomId) -> str | None:
    address = file_address(room)
    return address.file_id if address is not None and _FILE_ID.fullmatch(address.file_id) else None
