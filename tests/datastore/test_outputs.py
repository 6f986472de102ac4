"""What becomes of a kernel's messages."""

import copy
import json
from itertools import pairwise

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

from jupyter_rtc.datastore import outputs as module
from jupyter_rtc.datastore.left_out import reference_in, whole
from jupyter_rtc.datastore.outputs import (
    AppendOutput,
    AppendText,
    CellOutputs,
    ClearOutputs,
    EditOutput,
    ReplaceOutput,
)

from .kernel_messages import Shelf, apply, clear, display, error, messages, plain_messages, stream


def heard(*said, **limits):
    outputs = CellOutputs(**limits)
    for kind, content in said:
        outputs.hear(kind, content)
    return outputs


def shown(*said, **limits):
    return heard(*said, **limits).as_nbformat()


def out(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def picture(data, metadata=None):
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def test_the_text_of_one_stream_is_joined():
    assert shown(stream("a"), stream("b\n"), stream("c")) == [out("ab\nc")]


def test_another_stream_and_another_output_begin_a_new_one():
    assert shown(stream("a"), stream("b", "stderr"), stream("c"), display({"text/plain": "d"}), stream("e")) == [
        out("a"),
        out("b", "stderr"),
        out("c"),
        picture({"text/plain": "d"}),
        out("e"),
    ]


def test_streams_are_as_a_terminal_shows_them():
    assert shown(stream(" 10%|#\r"), stream(" 20%|##"), stream("\r"), stream("\nab\bc")) == [out(" 20%|##\nac")]


def test_results_and_errors_are_as_nbformat_has_them():
    said = display({"text/plain": "4"}, kind="execute_result", metadata={"a": 1}), error("why")
    outputs = shown(*said)
    assert outputs == [
        {"output_type": "execute_result", "data": {"text/plain": "4"}, "metadata": {"a": 1}, "execution_count": 3},
        {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["why", "why"]},
    ]
    for output in outputs:
        nbformat.validate(output, ref="output", version=4, version_minor=5)


def test_clearing_takes_away_what_is_there():
    assert shown(stream("a"), clear(), stream("b")) == [out("b")]
    assert shown(stream("a"), clear()) == []


def test_clearing_that_waits_is_done_just_before_the_next_output():
    assert shown(stream("a"), clear(wait=True)) == [out("a")]
    assert shown(stream("a"), clear(wait=True), stream("b"), stream("c")) == [out("bc")]
    assert shown(stream("a"), clear(wait=True), clear(), stream("b")) == [out("b")]


def test_a_display_with_an_id_can_be_changed():
    said = [display({"text/plain": "1"}, "x"), stream("a"), display({"text/plain": "2"}, "x", "update_display_data")]
    assert shown(*said) == [picture({"text/plain": "2"}), out("a")]


def test_a_change_of_a_display_that_nobody_shows_changes_nothing():
    outputs = heard(stream("a"), display({"text/plain": "2"}, "x", "update_display_data"))
    assert outputs.as_nbformat() == [out("a")]
    assert not outputs.holds("x")


def test_a_display_that_was_cleared_cannot_be_changed():
    outputs = heard(display({"text/plain": "1"}, "x"))
    assert outputs.holds("x")
    outputs.hear(*clear())
    assert not outputs.holds("x")


def test_a_display_can_be_changed_from_another_cell():
    outputs = heard(display({"text/plain": "1"}, "x", "execute_result"))
    outputs.take()
    outputs.update("x", {"data": {"text/plain": "2"}, "metadata": {}})
    (change,) = outputs.take()
    assert isinstance(change, ReplaceOutput)
    assert (change.output["output_type"], change.output["data"]) == ("execute_result", {"text/plain": "2"})


def test_a_thousand_pieces_are_one_change():
    outputs = heard(*[stream(f"{number}\n") for number in range(1000)])
    (change,) = outputs.take()
    assert change == AppendOutput(0, out("".join(f"{number}\n" for number in range(1000))))
    for number in range(1000):
        outputs.hear(*stream(f"\r{number}"))
    assert outputs.take() == [AppendText(0, 3890, "", "999")]
    outputs.hear(*stream("\r10"))
    assert outputs.take() == [AppendText(0, 3893, "999", "109")]


def test_nothing_heard_is_no_change():
    outputs = heard(("status", {"execution_state": "idle"}), stream(""), clear(), clear(wait=True))
    assert outputs.take() == []


def test_only_what_was_taken_is_cleared():
    outputs = heard(stream("a"), clear(), stream("b"))
    assert outputs.take() == [AppendOutput(0, out("b"))]
    outputs.hear(*clear())
    assert outputs.take() == [ClearOutputs()]


def test_after_rewriting_all_is_told_anew():
    outputs = heard(stream("a"), stream("b", "stderr"))
    outputs.take()
    outputs.rewrite()
    assert outputs.take() == [ClearOutputs(), AppendOutput(0, out("a")), AppendOutput(1, out("b", "stderr"))]
    assert outputs.take() == []


def test_a_display_that_much_follows_is_changed_where_it_is_and_all_is_told_anew_at_the_end(monkeypatch):
    monkeypatch.setattr(module, "MOVED", 1000)
    outputs = heard(display({"text/plain": "1"}, "x"), stream("a" * 2000))
    outputs.take()
    outputs.hear(*display({"text/plain": "2"}, "x", "update_display_data"))
    assert outputs.take() == [EditOutput(0, picture({"text/plain": "2"}))]
    outputs.finish()
    assert outputs.take()[0] == ClearOutputs()
    outputs.finish()
    assert outputs.take() == []


@pytest.mark.parametrize(
    "said",
    [
        ("stream", {}),
        ("stream", {"name": 1, "text": ["a", "b"]}),
        ("stream", {"text": "\ud83d"}),
        ("display_data", {}),
        ("display_data", {"data": None, "metadata": 3, "transient": "no"}),
        (
            "display_data",
            {
                "data": {"application/json": 2**70, "application/x+json": [float("nan")]},
                "transient": {"display_id": []},
            },
        ),
        ("execute_result", {"data": {"text/plain": "\udfff"}, "execution_count": 2.0}),
        ("error", {"ename": None, "traceback": "lines"}),
        ("update_display_data", {"transient": None}),
        ("clear_output", {}),
        ("nonsense", {"data": 1}),
    ],
)
def test_messages_in_the_wrong_form_are_taken_as_well_as_they_can_be(said):
    for output in shown(said, stream("after")):
        json.dumps(output, allow_nan=False).encode()
        nbformat.validate(output, ref="output", version=4, version_minor=5)


@given(st.lists(st.tuples(messages, st.booleans()), max_size=20))
def test_the_changes_lead_to_the_outputs(said):
    outputs, applied = CellOutputs(), []
    for (kind, content), taken in said:
        outputs.hear(kind, content)
        if taken:
            apply(applied, outputs.take())
            assert applied == outputs.as_nbformat()
    apply(applied, outputs.take())
    assert applied == outputs.as_nbformat() == shown(*[message for message, _ in said])
    assert all(one.get("name", one) != other.get("name") for one, other in pairwise(applied))


def by_nbclient(said):
    """What nbclient makes of messages, its streams joined."""
    cell = nbformat.v4.new_code_cell("")
    client = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), record_timing=False)
    client.reset_execution_trackers()
    client.clear_before_next_output = False
    for kind, content in copy.deepcopy(said):
        content.setdefault("metadata", {})
        message = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {"msg_id": "1"}, "content": content}
        client.process_message(message, cell, 0)
    joined = []
    for output in cell.outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1]["text"] += output.text
        else:
            joined.append(json.loads(json.dumps(output)))
    return joined


@given(st.lists(plain_messages, max_size=20))
def test_it_is_what_nbclient_makes_of_the_same_messages(said):
    assert shown(*said) == by_nbclient(said)


# --- limits ---


def test_a_stream_that_is_too_long_stops_growing_and_says_so():
    shelf = Shelf()
    outputs = heard(*[stream(f"line {number}\n") for number in range(100)], max_stream_bytes=60, aside=shelf)
    (output,) = outputs.as_nbformat()
    first, last = output["text"].split("\n[")
    assert first == "".join(f"line {number}\n" for number in range(8))
    assert last == "734 characters are left out here; kept as kept/1]"
    assert outputs.complete(shelf.fetch) == [out("".join(f"line {number}\n" for number in range(100)))]


def test_a_stream_that_is_too_long_rewrites_its_last_line_only_now_and_then():
    outputs, shelf, changes = CellOutputs(max_stream_bytes=100, aside=(shelf := Shelf())), shelf, 0
    for number in range(2000):
        outputs.hear(*stream(f"line {number}\n"))
        changes += len(outputs.take())
    assert changes < 60
    outputs.finish()
    assert len(outputs.take()) == 1
    (output,) = outputs.as_nbformat()
    assert whole(output, shelf.fetch(reference_in(output))) == [out("".join(f"line {n}\n" for n in range(2000)))]


def test_a_large_output_is_stood_for_by_a_small_one():
    shelf = Shelf()
    big = display({"image/png": "x" * 1000, "text/plain": "<Figure>"}, kind="execute_result")
    outputs = heard(big, max_output_bytes=500, aside=shelf)
    (output,) = outputs.as_nbformat()
    words = "image/png, text/plain: [1,080 characters are left out here; kept as kept/1]"
    link = f'<a href="kept/1" target="_blank" rel="noopener">{words}</a>'
    assert output["data"] == {"text/plain": words, "text/html": link}
    assert output["execution_count"] == 3
    assert reference_in(output) == "kept/1"
    assert outputs.complete(shelf.fetch) == shown(big)


def test_a_large_error_is_stood_for_by_a_small_one():
    shelf = Shelf()
    outputs = heard(error("why" * 1000), max_output_bytes=500, aside=shelf)
    (output,) = outputs.as_nbformat()
    assert len(json.dumps(output)) < 500
    nbformat.validate(output, ref="output", version=4, version_minor=5)
    assert whole(output, shelf.fetch(reference_in(output))) == shown(error("why" * 1000))


def test_what_is_cleared_or_changed_is_not_kept_any_more():
    shelf = Shelf()
    limits = {"max_stream_bytes": 10, "max_output_bytes": 60, "aside": shelf}
    outputs = heard(stream("a" * 20 + "\n"), display({"text/plain": "b" * 50}, "x"), **limits)
    outputs.take()
    assert len(shelf.kept) == 2
    outputs.hear(*display({}, "x", "update_display_data"))
    outputs.take()
    assert len(shelf.kept) == 1
    outputs.hear(*clear())
    assert shelf.kept == {}


def test_only_the_last_of_many_large_pictures_is_kept():
    class Counting(Shelf):
        added = 0

        def add(self, key, text):
            self.added += 1
            return super().add(key, text)

    shelf = Counting()
    said = [message for _ in range(50) for message in (clear(wait=True), display({"image/png": "x" * 1000}))]
    heard(*said, max_output_bytes=100, aside=shelf).take()
    assert shelf.added == 1


def test_without_anyone_to_keep_it_nothing_is_too_large():
    said = stream("a" * 50 + "\n"), display({"text/plain": "b" * 50})
    assert shown(*said, max_stream_bytes=20, max_output_bytes=20, max_cell_bytes=20) == shown(*said)


def test_for_all_outputs_beyond_a_limit_one_stands():
    shelf = Shelf()
    said = [stream(f"{number}\n", ("stdout", "stderr")[number % 2]) for number in range(1000)]
    outputs = heard(*said, max_cell_bytes=1000, aside=shelf)
    *first, last = outputs.as_nbformat()
    assert len(first) == 8
    words = "[992 more outputs are left out here; kept as kept/8]"
    link = f'<a href="kept/8" target="_blank" rel="noopener">{words}</a>'
    assert last["data"] == {"text/plain": words, "text/html": link}
    assert outputs.complete(shelf.fetch) == shown(*said)
    outputs.finish()
    assert [*first, *whole(last, shelf.fetch(reference_in(last)))] == shown(*said)


def test_empty_text_ends_no_stream():
    said = stream("a"), stream("", "stderr"), stream("b")
    assert shown(*said) == [out("ab")]
    assert shown(*said, max_cell_bytes=0, aside=Shelf()) == [out("ab")]


def test_that_many_outputs_are_left_out_is_said_only_now_and_then():
    shelf, changes = Shelf(), 0
    outputs = CellOutputs(max_cell_bytes=1000, aside=shelf)
    for number in range(2000):
        outputs.hear(*display({"text/plain": str(number)}))
        changes += len(outputs.take())
    assert changes < 60
    assert len(outputs) < 12
    outputs.finish()
    (change,) = outputs.take()
    assert whole(change.output, shelf.fetch(reference_in(change.output)))[-1]["data"] == {"text/plain": "1999"}


def test_a_display_that_is_left_out_can_be_changed_while_it_is_the_last():
    shelf = Shelf()
    outputs = heard(stream("a"), display({"text/plain": "1"}, "x"), max_cell_bytes=0, aside=shelf)
    assert outputs.holds("x")
    outputs.hear(*display({"text/plain": "2"}, "x", "update_display_data"))
    assert outputs.complete(shelf.fetch)[1]["data"] == {"text/plain": "2"}
    outputs.hear(*stream("b"))
    outputs.take()
    assert not outputs.holds("x")


@given(st.lists(st.tuples(messages, st.booleans()), max_size=20), st.integers(0, 30), st.integers(0, 60), st.booleans())
def test_with_limits_nothing_is_lost_and_the_changes_still_lead_to_the_outputs(said, stream_limit, limit, finishing):
    shelf, applied = Shelf(), []
    outputs = CellOutputs(max_stream_bytes=stream_limit, max_output_bytes=limit, aside=shelf)
    for (kind, content), taken in said:
        outputs.hear(kind, content)
        if taken:
            apply(applied, outputs.take())
            assert applied == outputs.as_nbformat()
    everything = shown(*[message for message, _ in said])
    assert outputs.complete(shelf.fetch) == everything
    if finishing:
        outputs.finish()
    apply(applied, outputs.take())
    assert applied == outputs.as_nbformat()
    if finishing:
        assert completed(applied, shelf) == everything


@given(st.lists(st.tuples(messages, st.booleans()), max_size=20), st.integers(0, 400))
def test_when_outputs_are_left_out_all_but_changes_of_displays_is_there(said, limit):
    said = [(message, taken) for message, taken in said if not (message[1].get("transient") or {}).get("display_id")]
    shelf, applied = Shelf(), []
    outputs = CellOutputs(max_stream_bytes=30, max_cell_bytes=limit, aside=shelf)
    for (kind, content), taken in said:
        outputs.hear(kind, content)
        if taken:
            apply(applied, outputs.take())
            assert applied == outputs.as_nbformat()
    outputs.finish()
    apply(applied, outputs.take())
    everything = shown(*[message for message, _ in said])
    assert applied == outputs.as_nbformat()
    assert completed(applied, shelf) == outputs.complete(shelf.fetch) == everything


def completed(outputs, shelf):
    """All outputs, from what is in the document and on the shelf."""
    whole_ones = []
    for output in outputs:
        reference = reference_in(output)
        whole_ones += whole(output, shelf.fetch(reference)) if reference else [output]
    return whole_ones


# --- what it costs ---


def test_what_is_written_grows_with_what_is_printed():
    def written(lines):
        outputs, count = CellOutputs(), 0
        for number in range(lines):
            outputs.hear(*stream(f"line {number:08}\n"))
            for change in outputs.take():
                count += len(change.text) + len(change.dropped) if isinstance(change, AppendText) else 100
        return count

    assert written(8000) < 4.2 * written(2000)
