"""The first content of a document, made aside."""

from threading import Thread

from pycrdt import Doc

from jupyter_rtc.datastore.content import shape_of
from jupyter_rtc.datastore.draft import drafted
from jupyter_rtc.ids import is_server_client_id
from jupyter_rtc.protocol.bounds import decode_state_vector

NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "x", "display_name": "X"}},
    "cells": [
        {"cell_type": "markdown", "id": f"c{number}", "metadata": {}, "source": "text " * 20_000}
        for number in range(10)
    ],
}


def test_its_updates_give_an_empty_document_the_content():
    shape, doc = shape_of("notebook"), Doc()
    for update in drafted(shape, NOTEBOOK):
        doc.apply_update(update)
    assert shape.read(doc) == NOTEBOOK


def test_a_large_content_comes_in_many_updates():
    updates = drafted(shape_of("notebook"), NOTEBOOK)
    assert len(updates) >= 6
    assert max(map(len, updates)) < 300_000


def test_it_is_the_server_that_wrote_it():
    doc = Doc()
    for update in drafted(shape_of("file"), "text"):
        doc.apply_update(update)
    assert all(map(is_server_client_id, decode_state_vector(doc.get_state())))


def test_it_can_be_made_on_any_thread():
    made = []
    thread = Thread(target=lambda: made.extend(drafted(shape_of("file"), "one\ntwo\n")))
    thread.start()
    thread.join()
    doc = Doc()
    for update in made:
        doc.apply_update(update)
    assert shape_of("file").read(doc) == "one\ntwo\n"
