"""Rules of jupyter_rtc.datastore.style."""

import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.notebook import NotebookShape
from jupyter_rtc.datastore.style import TextStyle, is_plain, write_notebook

from .notebooks import notebooks, real_notebooks
from .test_notebook import filled

shape = NotebookShape()


@pytest.mark.parametrize("path", real_notebooks())
def test_a_notebook_nobody_edited_is_written_byte_for_byte_as_it_was(path):
    original = path.read_text()
    read = shape.read(filled(json.loads(json.dumps(nbformat.reads(original, as_version=4)))))
    if json.loads(original)["nbformat_minor"] == read["nbformat_minor"]:
        assert write_notebook(read, original) == original


@given(notebooks(), st.sampled_from([None, 1, 2, 4, "\t"]), st.booleans(), st.booleans(), st.sampled_from(["", "\n"]))
def test_any_spelling_of_a_notebook_is_kept(notebook, indent, ascii_only, by_lines, end):
    spelled = json.loads(json.dumps(notebook))
    if by_lines:
        for cell in spelled["cells"]:
            cell["source"] = cell["source"].splitlines(keepends=True)
    original = json.dumps(spelled, indent=indent, ensure_ascii=ascii_only) + end
    if len({*map(str, spelled)}) and spelled["cells"]:
        written = write_notebook(shape.read(filled(notebook)), original)
        assert shape.digest(json.loads(written)) == shape.digest(notebook)
        assert list(json.loads(written)) == list(json.loads(original))


def test_an_edit_changes_only_its_own_lines():
    notebook = {
        "metadata": {"zeta": 1.0, "alpha": "é"},
        "nbformat_minor": 5,
        "nbformat": 4,
        "cells": [{"source": f"x = {i}", "id": f"c{i}", "cell_type": "markdown", "metadata": {}} for i in range(9)],
    }
    original = json.dumps(notebook, indent=4) + "\n"
    read = shape.read(filled(notebook))
    read["cells"][4]["source"] = "edited"
    before, after = original.splitlines(), write_notebook(read, original).splitlines()
    assert len(before) == len(after)
    assert [b for a, b in zip(before, after, strict=True) if a != b] == ['            "source": "edited",']


def test_what_jupyter_writes_is_plain_and_other_spellings_are_not():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("é")])
    text = nbformat.writes(notebook) + "\n"
    assert is_plain(text)
    assert not is_plain(text.removesuffix("\n")), "Jupyter ends the last line"
    assert not is_plain(json.dumps(json.loads(text), indent=2))
    assert not is_plain("rubbish") and not is_plain("[]")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("score", 1.0),
        ("kernelspec", {"display_name": "", "name": ""}),
        ("orig_nbformat", 3),
        ("big", 2**70),
        ("broken", "\ud800"),
        ("nothing", float("nan")),
    ],
)
def test_what_a_document_cannot_give_back_is_not_plain(key, value):
    notebook = {"cells": [], "metadata": {key: value}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, indent=1, sort_keys=True) + "\n"
    assert not is_plain(text)
    read = shape.read(filled(json.loads(text)))
    read["cells"] = []
    assert write_notebook(read, text) == text


@given(notebooks())
def test_plain_is_just_what_nbformat_writes_of_the_document(notebook):
    text = write_notebook(notebook, None)
    read = shape.read(filled(json.loads(text)))
    if not notebook["cells"]:
        read["cells"] = []
    assert is_plain(text) == (write_notebook(read, None) == text)


@pytest.mark.parametrize("path", real_notebooks())
def test_a_plain_real_notebook_is_just_what_nbformat_writes_of_the_document(path):
    text = path.read_text()
    read = shape.read(filled(json.loads(text)))
    assert is_plain(text) == (write_notebook(read, None) == text)


def test_a_notebook_without_an_original_is_written_as_jupyter_writes_it():
    cell = {"id": "a", "cell_type": "markdown", "metadata": {"trusted": True}, "source": "é\nb"}
    written = write_notebook(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {"signature": "s"}, "cells": [cell]}, None
    )
    assert is_plain(written)
    assert json.loads(written)["cells"] == [{**cell, "metadata": {}, "source": ["é\n", "b"]}]


@given(st.lists(st.tuples(st.text("ab", max_size=2), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8))
def test_a_text_with_several_kinds_of_line_ends_is_written_as_it_was(lines):
    original = "".join(line + end for line, end in lines).replace("\r\n\n", "\r\n")
    style = TextStyle.of(original)
    assert style.apply(style.plain(original)) == original


def test_lines_that_nobody_edited_keep_their_ends_in_a_mixed_file():
    style = TextStyle.of("one\r\ntwo\nthree\r\nfour\rfive\r\n")
    assert style.apply("one\ntwo\nnew\nthree\nfour\n5\n") == "one\r\ntwo\nnew\r\nthree\r\nfour\r5\r\n"


@given(st.text("ab\n", max_size=20), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_a_text_with_one_kind_of_line_end_is_written_as_it_was(text, newline, bom):
    original = ("\ufeff" if bom else "") + text.replace("\n", newline)
    style = TextStyle.of(original)
    assert style.apply(style.plain(original)) == original
