"""What is in a folder, as rows of the table ``contents``.

Jupyter's own file manager is asked which files it shows, and the folder is then read in one go, on a thread: asking it
for a model of each file costs a hundred times as much. Any other contents manager is asked for the folder.
"""

from __future__ import annotations

import asyncio
import inspect
import mimetypes
import os
import stat
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from jupyter_core.paths import is_file_hidden, is_hidden
from jupyter_core.utils import ensure_async
from jupyter_server.services.contents.filemanager import FileContentsManager

from ..errors import DocumentMissing, DocumentUnreadable
from ..supernode.failures import file_error
from .board import Rows
from .values import seconds, text

LARGEST = 50_000
"""Entries of a folder that can be shown: everybody with the tables gets them all."""
_TYPES = ("directory", "file", "notebook")


async def list_folder(contents_manager: Any, path: str) -> Rows:
    """Return the rows of what is in a folder; raises DocumentError."""
    try:
        if _is_plain(contents_manager):
            return _bounded(await asyncio.to_thread(_scan, contents_manager, path), path)
        model = await ensure_async(contents_manager.get(path, content=True, type="directory"))
    except Exception as error:
        failed = file_error(error, path or "The root folder", "read")
        if isinstance(failed, DocumentMissing):
            failed = DocumentMissing(f"There is no folder {path!r}. It was deleted, moved, or never existed.")
        raise failed from error
    return _bounded({row_path(one): row_of(one) for one in model["content"] or ()}, path)


def _bounded(rows: Rows, path: str) -> Rows:
    if len(rows) > LARGEST:
        raise DocumentUnreadable(f"{path or 'The root folder'} has more than {LARGEST} files; it cannot be shown.")
    return rows


def row_path(model: dict[str, Any]) -> str:
    """Return the path of a contents manager's model, without a slash at its ends."""
    return text(model.get("path")).strip("/")


def row_of(model: dict[str, Any]) -> dict[str, Any]:
    """Return the row of a contents manager's model."""
    path, size = row_path(model), model.get("size")
    kind = text(model.get("type"))
    return {
        "name": path.rpartition("/")[2],
        "folder": path.rpartition("/")[0],
        "type": kind if kind in _TYPES else "file",
        "size": size if isinstance(size, int) else None,
        "mimetype": text(model.get("mimetype")) or (None if kind == "directory" else media_type(path)),
        "created": seconds(model.get("created")),
        "last_modified": seconds(model.get("last_modified")),
        "writable": bool(model.get("writable", True)),
        "hash": text(model.get("hash")) or None,
        "hash_algorithm": text(model.get("hash_algorithm")) or None,
        "room": None,
    }


def media_type(name: str) -> str | None:
    """Return the media type that a file's name tells of."""
    return _media_type(os.path.splitext(name)[1].lower())


@lru_cache(maxsize=1024)
def _media_type(extension: str) -> str | None:
    if extension == ".ipynb":
        return "application/x-ipynb+json"
    return mimetypes.guess_type(f"x{extension}")[0] if extension else None


def _is_plain(contents_manager: Any) -> bool:
    """Whether it shows files of a disk as Jupyter's own manager does; a subclass may show others, or more."""
    if not isinstance(contents_manager, FileContentsManager):
        return False
    asked = (type(contents_manager).get, type(contents_manager)._dir_model)
    return all(inspect.unwrap(method).__module__.startswith("jupyter_server.") for method in asked)


def _scan(contents_manager: Any, path: str) -> Rows:
    root = Path(contents_manager.root_dir)
    folder = Path(os.path.normpath(root / path))
    if not folder.is_relative_to(root) or (not contents_manager.allow_hidden and is_hidden(folder, root)):
        raise FileNotFoundError
    if folder.exists() and not folder.is_dir():
        raise DocumentUnreadable(f"{path} is no folder.")
    prefix = f"{path}/" if path else ""
    shown = _is_shown(contents_manager)
    with os.scandir(folder) as entries:
        rows = ((prefix + entry.name, row) for entry in entries if shown(entry) and (row := _row(entry, path)))
        return dict(islice(rows, LARGEST + 1))


def _is_shown(contents_manager: Any) -> Callable[[os.DirEntry[str]], bool]:
    allow_hidden = contents_manager.allow_hidden

    def shown(entry: os.DirEntry[str]) -> bool:
        try:
            entry.name.encode()
            hidden = not allow_hidden and is_file_hidden(entry.path, entry.stat(follow_symlinks=False))
        except (OSError, UnicodeEncodeError):
            return False  # it has just gone, or is nobody's business; or its name is no text
        return not hidden and contents_manager.should_list(entry.name)

    return shown


def _row(entry: os.DirEntry[str], folder: str) -> dict[str, Any] | None:
    """Return an entry's row; a link's is that of what it leads to, if that is there. None for a pipe and the like."""
    try:
        seen = entry.stat()
    except OSError:
        try:
            seen = entry.stat(follow_symlinks=False)
        except OSError:
            return None  # it has just gone
    is_directory = stat.S_ISDIR(seen.st_mode)
    if not is_directory and not stat.S_ISREG(seen.st_mode) and not stat.S_ISLNK(seen.st_mode):
        return None
    kind = "directory" if is_directory else "notebook" if entry.name.endswith(".ipynb") else "file"
    return {
        "name": entry.name,
        "folder": folder,
        "type": kind,
        "size": None if is_directory else seen.st_size,
        "mimetype": None if is_directory else media_type(entry.name),
        "created": getattr(seen, "st_birthtime", seen.st_ctime),
        "last_modified": seen.st_mtime,
        "writable": os.access(entry.path, os.W_OK),
        "hash": None,
        "hash_algorithm": None,
        "room": None,
    }
