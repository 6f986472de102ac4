"""Files, as Jupyter's contents manager gives and takes them; the only module that talks to it.

Any contents manager works, sync or async, with the arguments that all have. What it cannot do is done without:
one that reports no hash is judged by time and size, and by content where these say little (``open_file``), one that
does not give a notebook's text has it written in Jupyter's own spelling
(docs/decisions/0004-how-a-notebook-is-written.md).

Every failure becomes a ``DocumentError`` in plain words. This module keeps nothing, retries nothing, and does
not decide when to read or write.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from base64 import decodebytes, encodebytes
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import nbformat
from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from ..datastore.content import Content
from ..datastore.style import TextStyle, is_plain, write_notebook
from ..errors import DocumentError, DocumentUnavailable, DocumentUnreadable
from .aside import MUCH, aside
from .failures import file_error, no_answer, not_a_file, not_a_notebook, not_utf8
from .large_notebook import LARGE, LargeNotebooks


@dataclass(frozen=True, slots=True)
class Sight:
    """What a file looks like from outside."""

    hash: str
    """The hash of its bytes, as the contents manager reports it; empty if it reports none."""
    stamp: str
    """Time of the last change and size: cheap to ask for, and a hint only where there is a hash."""
    writable: bool
    empty: bool
    """Whether it is known to have no bytes."""

    @property
    def fingerprint(self) -> str:
        """What tells one state of the file from another, as well as it can be told."""
        return self.hash or self.stamp


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the file writes its content; only what cannot be had from the content itself."""

    plain: bool | None = True
    """Whether it is a notebook as Jupyter itself writes it; None: nobody has looked, which the first write does."""
    text: TextStyle | None = None
    """A text file's line ends and the like."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file's content, and what the file looked like then."""

    sight: Sight
    content: Content
    spelling: Spelling
    size: int = 0
    """Characters or bytes, as far as known: how long it takes to calculate with it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a contents manager says of what it has just written."""

    stamp: str
    """As in ``Sight``."""
    content: Content | None
    """What the file should have now if a pre-save hook may have changed it, otherwise None."""
    spelling: Spelling
    """How it was written."""
    may_differ: bool = False
    """Whether somebody may have changed the file after it was written, as part of this: a post-save hook."""


@dataclass(frozen=True, slots=True)
class FileType:
    """What a file is opened as, in the words of a contents manager."""

    type: str
    format: str | None

    @classmethod
    def of(cls, document_type: str, document_format: str) -> FileType:
        """Return how to ask for the file behind a document of this type and format."""
        if document_type == "notebook":
            return cls("notebook", None)
        return cls("file", document_format if document_format in ("text", "base64") else "text")


_Read = Callable[[str, FileType], Awaitable[Reading]]


class Contents:
    """One contents manager."""

    def __init__(self, contents_manager: Any, timeout: float = 30.0) -> None:
        """Use this contents manager; ``timeout`` is for an answer to a question, in seconds."""
        self._contents = contents_manager
        self._timeout = timeout
        self._hashes = _takes(contents_manager.get, "require_hash")
        self._keeps_bytes = _keeps_bytes(contents_manager)
        self._large = LargeNotebooks(contents_manager)

    async def look(self, path: str, what: FileType, *, hashed: bool = True) -> Sight:
        """Return what the file looks like; not ``hashed``: only what costs little. Raises DocumentError."""
        return _sight(await self._get(path, what, content=False, hashed=hashed))

    async def read(self, path: str, what: FileType) -> Reading:
        """Return the file's content, and a sight that later looks compare with. Raises DocumentError."""
        return await self._as_looked_at(self._read, path, what)

    async def _as_looked_at(self, read: _Read, path: str, what: FileType) -> Reading:
        """Return what ``read`` gives. Without a hash, its sight is that of a look.

        Some contents managers tell size or time otherwise, or only, with the content. What is read after a look may
        be newer than that look, never older: a change that comes between is seen by the next one.
        """
        found = await read(path, what)
        if found.sight.hash:
            return found
        seen = await self.look(path, what)
        if seen.fingerprint == found.sight.fingerprint:
            return found
        found = await read(path, what)
        return replace(found, sight=replace(seen, empty=found.sight.empty))

    async def _read(self, path: str, what: FileType) -> Reading:
        if what.type == "notebook":
            return await self._read_notebook(path, what)
        model = await self._get(path, what, content=True)
        text, given = model["content"], model.get("format") or what.format
        if not isinstance(text, str):
            raise not_a_file(path)
        if what.format == "base64":
            content = decodebytes(text.encode("ascii")) if given == "base64" else text.encode()
            return Reading(_sight(model), content, Spelling(), len(content))
        if given == "base64":
            raise not_utf8(path)  # not all give a file in the format that is asked for, or refuse
        style = TextStyle.of(text)
        return Reading(_sight(model), style.plain(text), Spelling(text=style), len(text))

    async def read_back(self, path: str, what: FileType) -> Reading:
        """Return what was just written; costs less than ``read``, and does not look at the spelling."""
        return await self._as_looked_at(self._read_back, path, what)

    async def _read_back(self, path: str, what: FileType) -> Reading:
        if what.type != "notebook":
            return await self._read(path, what)
        text = await self._text_of(path)
        notebook = None if text is None else await text.parsed()
        if text is None or notebook is None:
            return await self._read(path, what)
        return Reading(text.sight, notebook, Spelling(), text.size)

    async def write(self, path: str, what: FileType, content: Content, spelling: Spelling) -> Written:
        """Write the file.

        Raises:
            DocumentError: it was not written.

        """
        spelling, original = await self._look_at_spelling(path, content, spelling)
        model = await self._model(path, what, content, spelling, original)
        try:
            saved = await ensure_async(self._contents.save(model, path))
        except Exception as error:
            raise file_error(error, path, "written") from error
        hooked = model["type"] == "notebook" and self._has_hooks()
        stamp = _sight(saved or {}).stamp
        return Written(stamp, model.get("content") if hooked else None, spelling, may_differ=self._has_hooks("post"))

    async def _read_notebook(self, path: str, what: FileType) -> Reading:
        found = await self._read_large(path, what) if self._large.possible else None
        if found is not None:
            return found
        try:
            model = await self._get(path, what, content=True)
        except DocumentUnreadable as error:
            return await self._explain(path, error)
        spelling = Spelling(plain=None if self._keeps_bytes else True)
        return Reading(_sight(model), model["content"], spelling, model.get("size") or MUCH)

    async def _read_large(self, path: str, what: FileType) -> Reading | None:
        """Return a large notebook, read without holding others up; None if it is to be read as always."""
        model = await self._get(path, what, content=False, hashed=False)
        text = await self._text_of(path, hashed=False) if (model.get("size") or 0) >= LARGE else None
        found = None if text is None else await self._large.of(text.content, path)
        if text is None or found is None:
            return None
        sight = replace(text.sight, hash=found.hash if self._hashes else "")
        return Reading(sight, found.content, Spelling(plain=None), text.size)

    async def _look_at_spelling(self, path: str, content: Content, spelling: Spelling) -> tuple[Spelling, _Text | None]:
        """Return how a file is to be written, and the text to be changed where that is not Jupyter's way.

        It is looked at when it is needed, since reading the text once more would make every opening slower.
        """
        text = None if spelling.plain or self._has_hooks() else await self._text_of(path)
        if text is None:
            return spelling, None
        if spelling.plain is None:
            spelling = Spelling(plain=not await self._spells(content, text))
        return spelling, None if spelling.plain else text

    async def _spells(self, content: Any, text: _Text) -> bool:
        """Whether this text is a notebook of the current format in a spelling of its own."""
        if await aside(text.size, is_plain, text.content):
            return False
        found = await text.parsed()
        return found is not None and found.get("nbformat_minor") == content["nbformat_minor"]

    async def _explain(self, path: str, error: DocumentError) -> Reading:
        """Return the empty notebook if the file has no bytes; otherwise say why it cannot be read."""
        text = await self._text_of(path)
        if text is None:
            raise error
        if text.content.strip():
            raise not_a_notebook(path, text.content) from error
        return Reading(text.sight, _empty_notebook(), Spelling())

    async def _text_of(self, path: str, *, hashed: bool = True) -> _Text | None:
        """Return the file's text, or None if the contents manager does not give it."""
        try:
            model = await self._get(path, FileType("file", "text"), content=True, hashed=hashed)
        except (DocumentUnreadable, DocumentUnavailable):
            return None
        text = model["content"] if model.get("format") != "base64" else None
        return _Text(_sight(model), text) if isinstance(text, str) else None

    async def _model(
        self, path: str, what: FileType, content: Content, spelling: Spelling, original: _Text | None
    ) -> dict[str, Any]:
        if what.type == "notebook":
            return await self._notebook_model(path, content, original)
        if isinstance(content, bytes):
            return {"type": "file", "format": "base64", "content": encodebytes(content).decode("ascii")}
        text = spelling.text.apply(str(content)) if spelling.text else content
        return {"type": "file", "format": what.format, "content": text}

    async def _notebook_model(self, path: str, content: Any, original: _Text | None) -> dict[str, Any]:
        if original is None:
            return {"type": "notebook", "format": "json", "content": content}
        notebook = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
        self._contents.check_and_sign(notebook, path)
        text = await aside(original.size, write_notebook, content, original.content)
        return {"type": "file", "format": "text", "content": text}

    def _has_hooks(self, when: str = "pre") -> bool:
        """Whether somebody wants to change notebooks before they are written, and then sees one, or files after."""
        registered = getattr(self._contents, f"_{when}_save_hooks", ())
        return bool(registered or getattr(self._contents, f"{when}_save_hook", None))

    async def _get(self, path: str, what: FileType, *, content: bool, hashed: bool = True) -> Any:
        options: dict[str, Any] = {"content": content, "type": what.type, "format": what.format}
        try:
            async with asyncio.timeout(self._timeout):
                if hashed and self._hashes:
                    with suppress(TypeError):  # from the one behind it, which does not take the argument
                        return await ensure_async(self._contents.get(path, require_hash=True, **options))
                return await ensure_async(self._contents.get(path, **options))
        except TimeoutError as error:
            raise no_answer(path, self._timeout) from error
        except Exception as error:
            raise _told(error, path, what) from error


@dataclass(frozen=True, slots=True)
class _Text:
    sight: Sight
    content: str

    @property
    def size(self) -> int:
        return len(self.content)

    async def parsed(self) -> dict[str, Any] | None:
        return await aside(self.size, _parsed, self.content)


def _empty_notebook() -> dict[str, Any]:
    """Return what a file of no bytes is, opened as a notebook."""
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


def _sight(model: Mapping[str, Any]) -> Sight:
    return Sight(
        hash=model.get("hash") or "",
        stamp=f"{model.get('last_modified')} {model.get('size')}",
        writable=model.get("writable") is not False,
        empty=model.get("size") == 0,
    )


def _parsed(text: str) -> dict[str, Any] | None:
    """Return the notebook of format 4 that this text is, or None."""
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("nbformat") == 4 else None


def _told(error: Exception, path: str, what: FileType) -> DocumentError:
    if isinstance(error, HTTPError) and error.reason == "bad format":
        return not_utf8(path)
    return file_error(error, path, "read")


def _takes(call: Callable[..., Any], argument: str) -> bool:
    parameters = inspect.signature(call).parameters.values()
    return any(p.name == argument or p.kind is p.VAR_KEYWORD for p in parameters)


def _keeps_bytes(contents_manager: Any) -> bool:
    """Whether a notebook written as text is the same file: true of Jupyter's own, unknown of all others.

    A subclass that writes notebooks its own way (a pair of files, a database) overrides ``save``.
    """
    saver = inspect.unwrap(type(contents_manager).save)
    return bool(saver.__module__.startswith("jupyter_server."))
