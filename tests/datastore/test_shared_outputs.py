"""A run's outputs in a shared cell."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_ydoc import YNotebook
from pycrdt import Array, Map, Text

from jupyter_rtc.datastore import outputs as module
from jupyter_rtc.datastore import shared_outputs
from jupyter_rtc.datastore.outputs import CellOutputs
from jupyter_rtc.datastore.shared_outputs import RUN, write_changes

from .kernel_messages import Shelf, clear, display, messages, stream


class View:
    """What a JupyterLab that looks on makes of the changes it hears of; it must not fall behind."""

    def __init__(self, cell):
        self.outputs = [output.to_py() for output in cell["outputs"]]
        self.last_stream = self.outputs[-1].get("name", "") if self.outputs else ""
        self._subscription = cell["outputs"].observe_deep(self.hear)

    def hear(self, events):
        texts = [event for event in events if len(event.path) == 2]
        assert len(texts) <= 1
        for event in texts:
            for part in event.delta:
                text = self.outputs[-1]["text"]
                assert "retain" not in part or part is event.delta[0]
                if "delete" in part:
                    kept = text.encode()[: len(text.encode()) - part["delete"]].decode()
                    self.outputs[-1]["text"] = kept
                if "insert" in part:
                    self.outputs[-1]["text"] += part["insert"]
        for event in events:
            if event.path == []:
                self.hear_array(event.delta)

    def hear_array(self, delta):
        at = 0
        for part in delta:
            at += part.get("retain", 0)
            for _ in range(part.get("delete", 0)):
                del self.outputs[at]
            for output in part.get("insert", ()):
                self.add(output.to_py())

    def add(self, output):
        name = output.get("name", "")
        if name and name == self.last_stream and self.outputs:
            self.outputs[-1]["text"] += output["text"]
        else:
            self.outputs.append(output)
        self.last_stream = name


def new_cell():
    document = YNotebook()
    document.set(
        {"cells": [{"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "id": "a"}], "metadata": {}}
    )
    return document, document.ycells[0]


def write(document, cell, outputs):
    steps = 0
    for step in write_changes(cell, outputs.take(), outputs):
        with document.ydoc.transaction():
            step()
        steps += 1
    return steps


def read(document):
    return document.get_cell(0)["outputs"]


def test_a_stream_is_a_text_that_grows():
    document, cell = new_cell()
    outputs = CellOutputs()
    outputs.hear(*stream("é one\n 10%"))
    write(document, cell, outputs)
    text = cell["outputs"][0]["text"]
    assert isinstance(text, Text)
    outputs.hear(*stream("\r 20%\n"))
    assert write(document, cell, outputs) == 1
    assert str(text) == "é one\n 20%\n"


def test_no_change_is_no_step():
    document, cell = new_cell()
    assert write(document, cell, CellOutputs()) == 0


def test_what_was_there_before_the_run_goes():
    document, cell = new_cell()
    old = CellOutputs()
    old.hear(*stream("old"))
    write(document, cell, old)
    new = CellOutputs()
    new.rewrite()
    assert write(document, cell, new) == 1
    assert read(document) == []


@given(st.lists(st.tuples(messages, st.booleans()), max_size=20), st.sampled_from([0, 200, 2**20]), st.booleans())
def test_the_shared_cell_and_who_looks_on_have_the_outputs(said, moved, limited):
    limits = {"max_stream_bytes": 8, "max_output_bytes": 60, "max_cell_bytes": 900, "aside": Shelf()} if limited else {}
    document, cell = new_cell()
    view, outputs = View(cell), CellOutputs(**limits)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOVED", moved)
        patch.setattr(shared_outputs, "RUN", 4)
        for (kind, content), taken in said:
            outputs.hear(kind, content)
            if taken:
                write(document, cell, outputs)
                assert read(document) == outputs.as_nbformat()
                if moved > 200:
                    assert view.outputs == read(document)
        outputs.finish()
        write(document, cell, outputs)
        assert view.outputs == read(document) == outputs.as_nbformat()


def clear_all(document):
    document.ycells[0]["outputs"].clear()


def remove_last(document):
    document.ycells[0]["outputs"].pop()


def add_another(document):
    document.ycells[0]["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": Text("mine")}))


def write_into_the_text(document):
    document.ycells[0]["outputs"][-1]["text"] += "mine"


def put_plain_values(document):
    document.ycells[0]["outputs"] = Array([{"output_type": "stream", "name": "stdout", "text": "x"}])


def put_no_array(document):
    document.ycells[0]["outputs"] = "nothing"


def remove_the_field(document):
    del document.ycells[0]["outputs"]


@pytest.mark.parametrize(
    "meddle",
    [clear_all, remove_last, add_another, write_into_the_text, put_plain_values, put_no_array, remove_the_field],
)
@pytest.mark.parametrize("first", [[stream("a")], [display({"text/plain": "1"}, "x"), stream("a" * 2**15)]])
@pytest.mark.parametrize("more", [stream("more"), display({"text/plain": "2"}, "x", "update_display_data"), clear()])
def test_what_somebody_did_to_the_outputs_meanwhile_is_written_over(meddle, first, more):
    document, cell = new_cell()
    outputs = CellOutputs()
    for kind, content in first:
        outputs.hear(kind, content)
    write(document, cell, outputs)
    meddle(document)
    outputs.hear(*more)
    if write(document, cell, outputs) and meddle is not write_into_the_text:
        assert read(document) == outputs.as_nbformat()
    outputs.rewrite()
    write(document, cell, outputs)
    assert read(document) == outputs.as_nbformat()


def test_a_text_that_somebody_else_wrote_into_is_written_over_when_it_grows():
    document, cell = new_cell()
    outputs = CellOutputs()
    outputs.hear(*stream("a"))
    write(document, cell, outputs)
    write_into_the_text(document)
    outputs.hear(*stream("b"))
    write(document, cell, outputs)
    assert read(document) == outputs.as_nbformat()


def test_the_updates_grow_with_what_is_printed():
    def size(lines):
        document, cell = new_cell()
        sizes = []
        with_updates = document.ydoc.observe(lambda event: sizes.append(len(event.update)))
        outputs = CellOutputs()
        for number in range(lines):
            outputs.hear(*stream(f"line {number:08}\n"))
            write(document, cell, outputs)
        del with_updates
        return sum(sizes)

    assert size(2000) < 4.3 * size(500)


def test_a_long_text_is_kept_in_short_runs():
    document, cell = new_cell()
    outputs = CellOutputs()
    for _ in range(2000):
        outputs.hear(*stream("x" * 50))
        write(document, cell, outputs)
    runs = [len(run) for run in re.findall(b"x+", document.ydoc.get_update())]
    assert sum(runs) > 100_000
    assert max(runs) < 2 * RUN
    assert len(runs) < 100


def test_a_display_that_changes_above_much_text_costs_what_it_shows():
    document, cell = new_cell()
    outputs = CellOutputs()
    for message in [display({"text/plain": "0"}, "x"), *[stream(f"line {number}\n") for number in range(5000)]]:
        outputs.hear(*message)
    write(document, cell, outputs)
    sizes = []
    subscription = document.ydoc.observe(lambda event: sizes.append(len(event.update)))
    for number in range(100):
        outputs.hear(*display({"text/plain": str(number)}, "x", "update_display_data"))
        write(document, cell, outputs)
    del subscription
    assert sum(sizes) < 100 * 200
