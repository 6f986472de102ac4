"""What is too large to share, kept in files beside the store: one folder for each notebook, one file for each output.

A reference is the address at which it can be had (``api/rtc/outputs/…``). It is written as it comes, and read whole.
What is needed no more is deleted by who knows that (``tidying``); here is noted what may tell: which runs were
replaced by a newer one, and how much came since somebody looked.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..datastore.left_out import NOWHERE, Aside
from ..ids import RoomId, file_address

_REFERENCE = re.compile(r"/outputs/([\w-]+)/([0-9a-f]{32}-\d+)\Z")
_NAME = re.compile(r"[0-9a-f]{32}-\d+")
_RUN_ID = re.compile(r"[0-9a-f]{32}")
_FILE_ID = re.compile(r"[\w-]+")
_GONE = "gone-since"
"""The file in a folder that says since when its notebook is known to be gone."""


@dataclass(slots=True)
class Growth:
    """What came of one notebook since somebody looked."""

    size: int = 0
    """In bytes, about."""
    runs: set[str] = field(default_factory=set)
    """The runs of which something is kept."""
    replaced: set[str] = field(default_factory=set)
    """Those of them whose cell shows another run now."""


@dataclass(frozen=True, slots=True)
class RunAside:
    """What is kept of one run; a ``datastore.left_out.Aside``."""

    folder: Path
    address: str
    run_id: str
    growth: Growth
    grew: Callable[[], None]

    def add(self, key: int, text: str) -> str:
        """Put a text behind what is kept under this number; return the reference to all of it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{self.run_id}-{key}"
        with (self.folder / name).open("a", encoding="utf-8", errors="surrogatepass", newline="") as file:
            file.write(text)
        self.growth.runs.add(self.run_id)
        self.growth.size += len(text)
        self.grew()
        return f"{self.address}/{name}"

    def drop(self, key: int) -> None:
        """Keep it no longer."""
        (self.folder / f"{self.run_id}-{key}").unlink(missing_ok=True)

    def replaced(self) -> None:
        """Note that the cell shows another run now."""
        if self.run_id in self.growth.runs:
            self.growth.replaced.add(self.run_id)


class LeftAside:
    """All that is kept of all notebooks."""

    def __init__(self, folder: Path, base_url: str = "/") -> None:
        """Keep it below this folder, which is made when it is needed."""
        self._folder = folder
        self._address = f"{base_url}api/rtc/outputs"
        self._growth: dict[str, Growth] = {}
        self.grew: Callable[[str, Growth], None] = lambda file_id, growth: None
        """Called whenever something was put beside a notebook's document, with the file's id; it returns at once."""

    def for_run(self, room: RoomId, run_id: str) -> Aside:
        """Return where one run keeps what is too large: nowhere if it belongs to no file."""
        file_id = _file_id(room)
        if file_id is None:
            return NOWHERE
        growth = self._growth.setdefault(file_id, Growth())
        folder, address = self._folder / file_id, f"{self._address}/{file_id}"
        return RunAside(folder, address, _safe(run_id), growth, lambda: self.grew(file_id, growth))

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

    # --- what is needed no more -------------------------------------------------------------------------

    def sizes(self, room: RoomId) -> dict[str, int]:
        """Return what is kept of this notebook, by name, and how large each is, in bytes."""
        folder = self._folder / (_file_id(room) or ".")
        if folder == self._folder or not folder.is_dir():
            return {}
        return {path.name: path.stat().st_size for path in folder.iterdir() if _NAME.fullmatch(path.name)}

    def delete(self, room: RoomId, names: Iterable[str]) -> None:
        """Keep these no longer; the last one takes the folder with it."""
        folder = self._folder / (_file_id(room) or ".")
        for name in names:
            (folder / name).unlink(missing_ok=True)
        if folder != self._folder and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def close(self, room: RoomId) -> None:
        """Note no more what comes of this notebook."""
        self._growth.pop(_file_id(room) or "", None)

    @property
    def file_ids(self) -> list[str]:
        """The ids of all files of which something is kept."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []

    def gone_since(self, file_id: str, at: float) -> float:
        """Return since when this file is known to be gone, in seconds since 1970: if nobody has said so yet, ``at``."""
        mark = self._folder / file_id / _GONE
        try:
            return float(mark.read_text())
        except (OSError, ValueError):
            mark.write_text(str(at))
            return at

    def is_there(self, file_id: str) -> None:
        """Note that this file is not gone."""
        (self._folder / file_id / _GONE).unlink(missing_ok=True)

    def delete_all(self, file_id: str) -> None:
        """Keep nothing of this file any longer; it may take a moment."""
        shutil.rmtree(self._folder / file_id, ignore_errors=True)


def name_in(reference: str) -> str:
    """Return the name under which it is kept what this reference names."""
    return reference.rpartition("/")[2]


def run_of(name: str) -> str:
    """Return the run of which this is kept."""
    return name.rpartition("-")[0]


def _safe(run_id: str) -> str:
    """Return a name for files: who asks for a run by a record names it as they like."""
    if _RUN_ID.fullmatch(run_id):
        return run_id
    return hashlib.sha256(run_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _file_id(room: RoomId) -> str | None:
    address = file_address(room)
    return address.file_id if address is not None and _FILE_ID.fullmatch(address.file_id) else None
