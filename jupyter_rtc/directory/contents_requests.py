"""Requests about files and folders: what Jupyter's REST interface does at ``api/contents``.

They go to the server's contents manager, with the same checks as its handlers. Open documents follow by themselves:
what is saved here is an outside change to them, and a rename or a deletion is heard of as an event.
"""

from __future__ import annotations

from typing import Any

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..documents import Author
from ..errors import DocumentMissing, NotAllowed, TableError
from .request import request

TYPES = ("notebook", "file", "directory")
FORMATS = ("json", "text", "base64")


class ContentsRequests:
    """Answers them."""

    def __init__(self, contents_manager: Any) -> None:
        """Use this contents manager."""
        self._contents = contents_manager

    @request("contents.create", "write", "contents")
    async def create(self, _asker: Author, *, path: str = "", type: str = "notebook", ext: str = "") -> Any:
        """Create an empty notebook, file or directory in a folder, under a name of the server's choice."""
        _check(type, TYPES, "type")
        await self._check_seen(path)
        return await ensure_async(self._contents.new_untitled(path=path.strip("/"), type=type, ext=ext))

    @request("contents.fetch", "read", "contents")
    async def fetch(
        self,
        _asker: Author,
        *,
        path: str,
        type: str | None = None,
        format: str | None = None,
        content: bool = True,
    ) -> Any:
        """Return the model of a file or folder, with its content or without."""
        _check(type, (None, *TYPES), "type")
        _check(format, (None, *FORMATS), "format")
        await self._check_seen(path)
        return await self._model(path.strip("/"), content=content, type=type, format=format)

    @request("contents.save", "write", "contents")
    async def save(
        self, _asker: Author, *, path: str, type: str = "file", format: str | None = None, content: object = None
    ) -> Any:
        """Write a file, or make a directory; return its model. A new file is empty if no content is given."""
        _check(type, TYPES, "type")
        _check(format, (None, *FORMATS), "format")
        await self._check_seen(path)
        found = {"notebook": "json", "file": "text"}.get(type)
        model: dict[str, Any] = {"type": type, "format": format or found}
        plain = path.strip("/")
        is_new = not await ensure_async(self._contents.file_exists(plain))
        if content is not None:
            model["content"] = content
        elif type != "directory" and not is_new:
            raise TableError(f"There is a file {path!r} already; 'contents.save' needs the argument 'content' for it.")
        save = self._contents.new if is_new and content is None else self._contents.save
        return await ensure_async(save(model, plain))

    @request("contents.rename", "write", "contents")
    async def rename(self, _asker: Author, *, path: str, new_path: str) -> Any:
        """Give a file or folder another path; return its model."""
        await self._check_seen(path, new_path)
        await self._check_there(path)
        return await ensure_async(self._contents.update({"path": new_path.strip("/")}, path.strip("/")))

    @request("contents.copy", "write", "contents")
    async def copy(self, _asker: Author, *, path: str, to: str = "") -> Any:
        """Copy a file into a folder, under a name of the server's choice, or to a path; return the copy's model."""
        await self._check_seen(path, to)
        await self._check_there(path)
        return await ensure_async(self._contents.copy(path.strip("/"), to.strip("/")))

    @request("contents.delete", "write", "contents")
    async def delete(self, _asker: Author, *, path: str) -> None:
        """Delete a file or folder."""
        await self._check_seen(path)
        await self._check_there(path)
        await ensure_async(self._contents.delete(path.strip("/")))

    @request("contents.checkpoint", "write", "contents")
    async def checkpoint(self, _asker: Author, *, path: str) -> Any:
        """Keep the file as it is now as a checkpoint; return the checkpoint's ``id`` and time."""
        await self._check_there(path)
        return await ensure_async(self._contents.create_checkpoint(path.strip("/")))

    @request("contents.restore", "write", "contents")
    async def restore(self, _asker: Author, *, path: str, checkpoint_id: str) -> None:
        """Make the file be again as it was at a checkpoint."""
        await self._check_there(path)
        known = await ensure_async(self._contents.list_checkpoints(path.strip("/")))
        if checkpoint_id not in [one["id"] for one in known]:
            raise DocumentMissing(f"{path} has no checkpoint {checkpoint_id!r}.")
        await ensure_async(self._contents.restore_checkpoint(checkpoint_id, path.strip("/")))

    async def _model(self, path: str, **options: Any) -> Any:
        try:
            return await ensure_async(self._contents.get(path, **options))
        except HTTPError as error:
            if error.status_code == 404:
                raise _missing(path) from error
            raise

    async def _check_there(self, path: str) -> None:
        plain = path.strip("/")
        if not plain:
            raise NotAllowed("This cannot be done to the root folder.")
        if not await ensure_async(self._contents.exists(plain)):
            raise _missing(path)

    async def _check_seen(self, *paths: str) -> None:
        """Refuse hidden files where the server does not show them, as the REST interface does."""
        for path in paths:
            if not self._contents.allow_hidden and await ensure_async(self._contents.is_hidden(path)):
                raise _missing(path)


def _missing(path: str) -> DocumentMissing:
    return DocumentMissing(f"There is no file or folder {path!r} on this server.")


def _check(value: str | None, known: tuple[str | None, ...], name: str) -> None:
    if value not in known:
        words = ", ".join(repr(one) for one in known if one is not None)
        raise TableError(f"The argument {name!r} is one of {words}.")
