"""A notebook with what is kept beside its document put back."""

from pycrdt import Doc

from jupyter_rtc.datastore.complete import WholeNotebook, completed, left_out_again
from jupyter_rtc.datastore.left_out import as_kept, closing_line, placeholder

LARGE = {"output_type": "display_data", "data": {"image/png": "x" * 100}, "metadata": {}}
SHORT = placeholder(LARGE, "/outputs/f/1")
STREAM = {"output_type": "stream", "name": "stdout", "text": "begin" + closing_line(4, "/outputs/f/2")}
KEPT = {"/outputs/f/1": as_kept(LARGE), "/outputs/f/2": " end"}


def notebook(*outputs, source="1"):
    cell = {"id": "a", "cell_type": "code", "metadata": {}, "source": source, "execution_count": 1}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**cell, "outputs": list(outputs)}]}


def outputs(content):
    return content["cells"][0]["outputs"]


def document(content):
    doc = Doc()
    for _ in WholeNotebook(KEPT.get).fill(doc, content):
        pass
    return doc


def test_what_was_left_out_is_put_back():
    assert outputs(completed(notebook(SHORT, STREAM), KEPT.get)) == [
        LARGE,
        {"output_type": "stream", "name": "stdout", "text": "begin end"},
    ]


def test_a_notebook_from_which_nothing_was_left_out_is_the_same_object():
    content = notebook({"output_type": "stream", "name": "stdout", "text": "[not this]"})
    assert completed(content, KEPT.get) is content


def test_what_only_looks_like_a_reference_stays():
    looks = {"output_type": "stream", "name": "stdout", "text": "x" + closing_line(4, "/outputs/other/9")}
    assert outputs(completed(notebook(looks, SHORT), lambda _: None)) == [looks, SHORT]
    assert outputs(completed(notebook(SHORT), lambda _: "no json")) == [SHORT]


def test_a_change_elsewhere_in_the_file_leaves_out_again_what_the_document_leaves_out():
    shape, doc = WholeNotebook(KEPT.get), document(notebook(SHORT))
    assert outputs(shape.read(doc)) == [LARGE]
    shape.change(doc, notebook(LARGE, source="2"))
    assert doc.get("cells", type=type(doc["cells"]))[0]["outputs"].to_py() == [SHORT]
    assert shape.read(doc)["cells"][0]["source"] == "2"


def test_an_output_that_the_file_has_otherwise_is_taken_as_it_is():
    shape, doc = WholeNotebook(KEPT.get), document(notebook(SHORT))
    other = {"output_type": "stream", "name": "stdout", "text": "other"}
    shape.change(doc, notebook(other))
    assert outputs(shape.read(doc)) == [other]


def test_joining_keeps_left_out_what_nobody_changed():
    shape = WholeNotebook(KEPT.get)
    base, live = document(notebook(SHORT)), document(notebook(SHORT, source="live"))
    joined, conflicts = shape.join(base, live, notebook(LARGE))
    assert conflicts == ()
    assert outputs(joined) == [LARGE]
    assert joined["cells"][0]["source"] == "live"


def test_what_is_no_notebook_is_left_alone():
    assert completed("text", KEPT.get) == "text"
    assert left_out_again("text", "text", KEPT.get) == "text"
