"""What is too large to share, kept in files beside the store: one folder for each notebook, one file for each output.

A reference is the address at which it can be had (``api/rtc/outputs/…``). It is written as it comes, and read whole.
Names cannot be guessed: who has a reference has seen what stands for the output. So an output that is pasted into
another notebook is whole there too: that notebook takes in what it refers to, under the same name.
What is needed no more is deleted by who knows that (``tidying``); here is noted what may tell: which runs were
replaced by a newer one, and how much came since somebody looked.
"""

from __future__ import annotations

import os
import re
import secrets
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
        """Return what a reference in this notebook names, or None if it is none or nothing is there."""
        found, file_id = _REFERENCE.search(reference), _file_id(room)
        if found is None or file_id is None:
            return None
        there = next((path for path in self._places(file_id, found[1], found[2]) if path.is_file()), None)
        return None if there is None else _text(there)

    def take_in(self, room: RoomId, reference: str) -> str | None:
        """Return what a reference in this notebook names, and keep it with this notebook from now on."""
        found, file_id = _REFERENCE.search(reference), _file_id(room)
        if found is None or file_id is None:
            return None
        own, other = self._places(file_id, found[1], found[2])
        if not own.exists() and other.is_file():
            own.parent.mkdir(parents=True, exist_ok=True)
            _place_again(other, own)
        return _text(own)

    def read(self, file_id: str, name: str) -> str | None:
        """Return what is kept under this name, of this notebook or of one that has taken it in, or None."""
        if not _FILE_ID.fullmatch(file_id) or not _NAME.fullmatch(name):
            return None
        there = self._folder / file_id / name
        if not there.is_file():
            there = next(self._folder.glob(f"*/{name}"), there)
        return _text(there)

    def _places(self, file_id: str, kept_by: str, name: str) -> tuple[Path, Path]:
        """Return where it may be: with this notebook, or with the one whose run it is of."""
        return self._folder / file_id / name, self._folder / kept_by / name

    # --- what is needed no more -------------------------------------------------------------------------

    def has(self, file_id: str) -> bool:
        """Whether something is kept of this file."""
        return (self._folder / file_id).is_dir()

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


def file_in(reference: str) -> str | None:
    """Return the id of the file by whose run it is kept what this reference names."""
    found = _REFERENCE.search(reference)
    return found[1] if found else None


def run_of(name: str) -> str:
    """Return the run of which this is kept."""
    return name.rpartition("-")[0]


def _safe(run_id: str) -> str:
    """Return a name for files: who asks for a run by a record names it as they like."""
    return run_id if _RUN_ID.fullmatch(run_id) else secrets.token_hex(16)


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogatepass")
    except OSError:
        return None


def _place_again(path: Path, where: Path) -> None:
    """Let a file be in another place too, without a copy where the disk can do that."""
    try:
        os.link(path, where)
    except OSError:
        shutil.copyfile(path, where)


def _file_id(room: RoomId) -> str | None:
    address = file_address(room)
    return address.file_id if address is not None and _FILE_ID.fullmatch(address.file_id) else None
