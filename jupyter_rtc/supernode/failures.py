"""What went wrong with a file, in words for people.

Contents managers raise ``HTTPError`` (tornado's), ``OSError``, or anything; here each becomes one of our
``DocumentError`` classes. The words name no machine path: what a contents manager says is passed on only where
it holds none. Only defects are logged, for those who can mend them; nothing is retried here.
"""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import nbformat
from nbformat.reader import NotJSONError
from tornado.web import HTTPError

from ..errors import DocumentError, DocumentMissing, DocumentUnavailable, DocumentUnreadable, StoreError

_LOG = logging.getLogger(__name__)

_CAUSES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "the server is not allowed to",
    errno.EPERM: "the server is not allowed to",
    errno.EIO: "the disk reported an error",
    errno.ESTALE: "the network disk is not reachable",
    errno.ETIMEDOUT: "the network disk did not answer",
    errno.ENOENT: "its folder is not there any more",
    errno.ENAMETOOLONG: "its name is too long",
}

_OF_CONTENT = (NotJSONError, nbformat.NBFormatError, nbformat.ValidationError, UnicodeDecodeError)
"""What is raised while content is read; not all contents managers make a status of it."""

_CONFLICT_MARKERS = ("<<<<<<< ", ">>>>>>> ")


def file_error(error: BaseException, path: str, doing: str) -> DocumentError:
    """Return what an error of a contents manager means; ``doing`` is "read" or "written"."""
    if isinstance(error, DocumentError):
        return error
    status = error.status_code if isinstance(error, HTTPError) else None
    if status == 404 or isinstance(error, FileNotFoundError):
        return DocumentMissing(f"There is no file {path}. It was deleted, moved, or never existed.")
    cause = "the server is not allowed to" if status == 403 else _cause(error)
    if cause:
        return DocumentUnavailable(f"{path} cannot be {doing}: {cause}.")
    if doing == "read" and (status == 400 or isinstance(error, _OF_CONTENT)):
        return DocumentUnreadable(f"{path} cannot be read as what its type asks for{_said(error)}.")
    return DocumentUnavailable(f"{path} cannot be {doing}: the storage answered with an error{_said(error)}.")


@contextmanager
def defects_contained(path: str) -> Iterator[None]:
    """Make of whatever goes wrong in here a ``DocumentError``; of a defect too, which is logged.

    Document types that packages register run in here, and pycrdt, whose panics are no ``Exception``. A defect in
    one document must not end what keeps it, or people would go on typing into one that nobody saves.
    """
    try:
        yield
    except DocumentError:
        raise
    except StoreError as error:
        raise DocumentUnavailable(error.words) from error
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        _LOG.exception("Keeping a file in step with its document failed")
        raise DocumentUnavailable(f"{path} cannot be kept because of a defect in the server.") from error


def not_utf8(path: str) -> DocumentUnreadable:
    """Return the error for a text file in another encoding."""
    return DocumentUnreadable(f"{path} is not UTF-8 text, so it cannot be opened as text.")


def not_a_file(path: str) -> DocumentUnreadable:
    """Return the error for what has no text or bytes: a folder."""
    return DocumentUnreadable(f"{path} is not a file that can be opened.")


def not_a_notebook(path: str, text: str) -> DocumentUnreadable:
    """Return the error for a text that is not a notebook, saying why as far as one can see."""
    return DocumentUnreadable(f"{path} is not a valid notebook: {_why_not_a_notebook(text)}.")


def no_answer(path: str, seconds: float) -> DocumentUnavailable:
    """Return the error for a storage that does not answer."""
    return DocumentUnavailable(f"The storage of {path} has not answered for {seconds:.0f} seconds. Try again later.")


def _cause(error: BaseException) -> str | None:
    """Return in words what the operating system said, wherever in the chain of causes it stands."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OSError) and link.errno in _CAUSES:
            return _CAUSES[link.errno]
        link = link.__cause__ or link.__context__
    return None


def _said(error: BaseException) -> str:
    """Return what the contents manager said of it, if that can be shown to anybody."""
    if not isinstance(error, HTTPError):
        return ""
    said = error.reason or _filled_in(error)
    shown = said if said.isprintable() and len(said) <= 200 and "/" not in said and "\\" not in said else ""
    return f" ({shown})" if shown else f" (status {error.status_code})"


def _filled_in(error: HTTPError) -> str:
    """Return the message with its arguments, as tornado puts them together: without any, percent signs are doubled."""
    said = error.log_message or ""
    try:
        return said % error.args
    except (TypeError, ValueError):
        return said


def _why_not_a_notebook(text: str) -> str:
    if any(line.startswith(_CONFLICT_MARKERS) for line in text.splitlines()):
        return "it holds the conflict marks of an unfinished git merge. Resolve them first"
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno} is not valid JSON"
    except RecursionError:
        return "it is nested too deeply"
    if not isinstance(found, dict) or "nbformat" not in found:
        return "it is JSON, but it has no notebook format version"
    return f"nothing here can read its format version {found['nbformat']!s:.20}"
