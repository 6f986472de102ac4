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
    text = nbformat.writes(notebook)
    assert is_plain(text) and is_plain(text + "\n")
    assert not is_plain(json.dumps(json.loads(text), indent=2))
    assert not is_plain("rubbish") and not is_plain("[]")


@given(st.text("ab\n", max_size=20), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_a_text_with_one_kind_of_line_end_is_written_as_it_was(text, newline, bom):
    original = ("\ufeff" if bom else "") + text.replace("\n", newline)
    style = TextStyle.of(original)
    assert style.apply(style.plain(original)) == original
