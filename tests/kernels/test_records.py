"""The tables of a notebook's runs."""

from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.run import Failure, Run, RunStatus


def a_run(**fields):
    return Run(RoomId("json:notebook:1"), "kernel", "1 + 1", "ana", **fields)


def test_a_record_says_how_its_run_stands():
    doc, run = Doc(), a_run(cell_id="a", asked_at=5.0)
    run.queue(2)
    records.write_run(doc, run, 3)
    record = records.executions(doc)[run.id]
    assert {key: record[key] for key in ("cell_id", "user", "code", "status", "position", "generation")} == {
        "cell_id": "a",
        "user": "ana",
        "code": "1 + 1",
        "status": "queued",
        "position": 3,
        "generation": 2,
    }
    run.start(6.0)
    run.end(RunStatus.ERROR, 7.0, Failure("E", "why", ("line",)))
    records.write_run(doc, run)
    assert record["status"] == "error"
    assert record["position"] is None
    assert record["failure"] == {"ename": "E", "evalue": "why", "traceback": ["line"]}


def test_only_what_changed_is_written():
    doc, run = Doc(), a_run()
    records.write_run(doc, run)
    before = doc.get_state()
    records.write_run(doc, run)
    assert doc.get_state() == before


def test_runs_that_have_not_ended_are_found_and_can_be_ended():
    doc, run = Doc(), a_run()
    run.queue(0)
    records.write_run(doc, run, 0)
    ((run_id, record),) = records.unfinished(doc)
    records.abort(record, "The server ended.", 9.0)
    assert run_id == run.id
    assert record["failure"]["evalue"] == "The server ended."
    assert not list(records.unfinished(doc))


def test_what_others_put_into_the_table_does_no_harm():
    doc = Doc()
    records.executions(doc)["odd"] = "text"
    records.executions(doc)["empty"] = Map({})
    for number, odd in enumerate(({}, [], {"of": "no use"}, b"bytes", None, 1.5, Map({}))):
        records.executions(doc)[f"odd {number}"] = Map({"status": odd})
    assert not list(records.unfinished(doc))
    assert records.cell_ids(doc) == set()
    records.prune(doc, 0)


def test_old_records_go_but_the_newest_of_each_cell_stays():
    doc = Doc()
    for number in range(12):
        run = a_run(cell_id="ab"[number % 2] if number < 4 else "c", asked_at=float(number))
        run.end(RunStatus.OK, 1.0)
        records.write_run(doc, run)
    waiting = a_run(asked_at=-1.0)
    records.write_run(doc, waiting)
    records.prune(doc, 3)
    left = [(record["cell_id"], record["asked_at"]) for record in records.executions(doc).values()]
    assert sorted(left, key=str) == sorted(
        [("c", 11.0), ("c", 10.0), ("c", 9.0), ("b", 3.0), ("a", 2.0), (None, -1.0)], key=str
    )


def test_a_question_is_a_record_that_changes():
    doc = Doc()
    records.write_input(doc, "q", prompt="Name: ", status="waiting")
    records.write_input(doc, "q", status="answered", user="bo")
    assert records.inputs(doc)["q"].to_py() == {"prompt": "Name: ", "status": "answered", "user": "bo"}


def test_the_record_of_a_run_of_no_cell_says_that_it_has_shown_nothing():
    doc, run = Doc(), a_run(cell_id=None)
    records.write_run(doc, run)
    records.end_displays(doc, run.id)
    shown = records.executions(doc)[run.id]["displays"]
    assert shown.to_py() == []
    shown.append(Map({"output_type": "stream"}))
    records.end_displays(doc, run.id)
    records.write_run(doc, run)
    assert records.executions(doc)[run.id]["displays"].to_py() == [{"output_type": "stream"}]


def test_of_what_runs_of_no_cell_have_shown_so_much_stays_and_the_newest():
    doc = Doc()
    for number in range(6):
        run = a_run(cell_id=None, asked_at=float(number))
        run.end(RunStatus.OK, 1.0)
        records.write_run(doc, run)
        output = Map({"output_type": "stream", "name": "stdout", "text": Text("x" * (5000 if number == 5 else 100))})
        records.executions(doc)[run.id]["displays"] = Array([output])
    records.prune(doc, displayed=5200)
    assert sorted(one["asked_at"] for one in records.executions(doc).values()) == [4.0, 5.0]
    records.prune(doc, displayed=1000)
    assert [one["asked_at"] for one in records.executions(doc).values()] == [5.0]


def test_records_that_show_nothing_stay_however_much_others_have_shown():
    doc = Doc()
    for number in range(6):
        run = a_run(cell_id="abc"[number] if number < 3 else None, asked_at=float(number))
        run.end(RunStatus.OK, 1.0)
        records.write_run(doc, run)
        if run.cell_id is None:
            output = Map({"output_type": "stream", "name": "stdout", "text": Text("x" * 1000)})
            records.executions(doc)[run.id]["displays"] = Array([output])
    records.prune(doc, displayed=1500)
    left = sorted((record["asked_at"], record["cell_id"]) for record in records.executions(doc).values())
    assert left == [(0.0, "a"), (1.0, "b"), (2.0, "c"), (5.0, None)]


def test_how_a_kernel_stands_is_written_where_it_changed():
    doc = Doc()
    records.write_kernel(doc, "k", "busy", 0)
    before = doc.get_state()
    records.write_kernel(doc, "k", "busy", 0)
    assert doc.get_state() == before
    assert doc.get(records.KERNELS, type=Map)["k"] == {"execution_state": "busy", "generation": 0, "reason": ""}


def test_what_a_run_asked_goes_with_its_record():
    doc = Doc()
    for number in range(3):
        run = Run(RoomId("json:notebook:1"), "k", "1", "ana", asked_at=float(number))
        run.queue(0)
        run.end(RunStatus.OK, 1.0)
        records.write_run(doc, run)
        records.write_input(doc, f"q{number}", run=run.id, status="answered")
    records.prune(doc, keep=1)
    assert list(records.inputs(doc)) == ["q2"]


def test_what_waits_for_nobody_any_more_is_cancelled():
    doc = Doc()
    for number, status in enumerate(("waiting", "answered", "waiting")):
        records.write_input(doc, f"q{number}", run=f"r{number}", status=status)
    records.cancel_inputs(doc, {"r0", "r1"})
    assert [records.inputs(doc)[f"q{number}"]["status"] for number in range(3)] == ["cancelled", "answered", "waiting"]
