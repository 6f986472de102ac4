"""What went wrong, in words."""

import asyncio
import errno

import pytest
from tornado.web import HTTPError

from jupyter_rtc.errors import DocumentMissing, DocumentUnavailable, DocumentUnreadable, StoreUnavailable
from jupyter_rtc.supernode.failures import defects_contained, file_error, not_a_notebook


def caused_by(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "doing", "kind", "words"),
    [
        (HTTPError(404, "/secret/a.txt"), "read", DocumentMissing, "no file"),
        (FileNotFoundError("/secret/a.txt"), "read", DocumentMissing, "no file"),
        (HTTPError(403, "/secret/a.txt"), "written", DocumentUnavailable, "not allowed"),
        (OSError(errno.ENOSPC, "x", "/secret/a.txt"), "written", DocumentUnavailable, "disk is full"),
        (OSError(errno.EROFS, "x"), "written", DocumentUnavailable, "can only be read"),
        (
            caused_by(HTTPError(500, "/secret"), OSError(errno.EDQUOT, "x")),
            "written",
            DocumentUnavailable,
            "quota",
        ),
        (HTTPError(400, "/secret/a.txt is odd"), "read", DocumentUnreadable, "status 400"),
        (HTTPError(507, reason="Ask the quota office"), "written", DocumentUnavailable, "Ask the quota office"),
        (HTTPError(500, "it is %s", "late"), "written", DocumentUnavailable, "it is late"),
        (HTTPError(500, "it is 100% full"), "written", DocumentUnavailable, "it is 100% full)"),
        (HTTPError(500, "it is 100% full: %s", "x"), "written", DocumentUnavailable, "it is 100% full"),
        (ValueError("/secret"), "read", DocumentUnavailable, "error"),
    ],
)
def test_each_error_has_its_class_and_words_and_names_no_place(error, doing, kind, words):
    told = file_error(error, "a.txt", doing)
    assert type(told) is kind
    assert words in told.words
    assert "a.txt" in told.words
    assert "secret" not in told.words


def test_our_own_errors_stay_as_they_are():
    error = DocumentMissing("gone")
    assert file_error(error, "a.txt", "read") is error


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 1, column 2"),
        ("a\n<<<<<<< HEAD\n", "git merge"),
        ("[" * 100_000, "nested"),
        ('{"a": 1}', "no notebook format version"),
        ('{"nbformat": 99}', "format version 99"),
    ],
)
def test_a_text_that_is_no_notebook_says_why(text, why):
    assert why in not_a_notebook("a.ipynb", text).words


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), StoreUnavailable("The log is full."), type("PanicException", (BaseException,), {})()],
)
def test_a_defect_becomes_an_error_of_this_document_alone(error):
    with pytest.raises(DocumentUnavailable), defects_contained("a.txt"):
        raise error


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), DocumentMissing("gone")])
def test_what_is_no_defect_passes(error):
    with pytest.raises(type(error)) as caught, defects_contained("a.txt"):
        raise error
    assert caught.value is error
