"""Jupyter's tables describe what lies in the documents."""

import nbformat
import pytest
from jupyter_ydoc import YBlob, YNotebook, YUnicode
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.datastore.notebook import NotebookShape
from jupyter_rtc.datastore.shared_cells import shared_outputs
from jupyter_rtc.errors import NotAllowed, WrongValue
from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels import records
from jupyter_rtc.kernels.run import Failure, Options, Run, RunStatus
from jupyter_rtc.tables import Datastore, new_document
from jupyter_rtc.tables.jupyter import ASKING, NOTEBOOK, OTHER_FILE, RUN_STATES, SERVER, TEXT_FILE

from .conftest import heard_by

OUTPUT = {"output_type": "stream", "name": "stdout", "text": "é\n"}
CONTENT = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python"}, "language_info": {"name": "python"}},
    "cells": [
        {"id": "a", "cell_type": "code", "source": "1 😀", "metadata": {}, "outputs": [OUTPUT], "execution_count": 1},
        {"id": "b", "cell_type": "markdown", "source": "# B", "metadata": {"tags": ["t"]}, "attachments": {"x": {}}},
    ],
}


@pytest.fixture
def notebook():
    shared = YNotebook(new_document())
    shared.set(CONTENT)
    return Datastore(shared.ydoc, NOTEBOOK, author="ana", undo=True)


def test_a_notebook_is_read_as_tables(notebook):
    assert notebook["notebooks"]["notebook"].as_dict() == {key: CONTENT[key] for key in CONTENT if key != "cells"}
    cells = notebook["cells"]
    assert cells.ids() == ["a", "b"]
    a, b = cells["a"].as_dict(), cells["b"].as_dict()
    assert a["source"] == "1 😀" and a["outputs"] == [OUTPUT] and a["execution_count"] == 1
    assert b["metadata"] == {"tags": ["t"]} and b["attachments"] == {"x": {}} and b["cell_type"] == "markdown"


def test_cells_made_through_tables_are_valid_and_shared_as_browsers_share_them(notebook):
    cells = notebook["cells"]
    code = cells.create(source="x = 1", before="b")
    cells.create(source="text", cell_type="markdown", at=0)
    code["outputs"] = [OUTPUT]
    code.list("outputs").append({"output_type": "error", "ename": "E", "evalue": "", "traceback": []})
    cells["b"]["attachments"] = None
    shared = notebook.doc.get("cells", type=Array)
    assert isinstance(shared[2]["source"], Text) and isinstance(shared[2]["metadata"], Map)
    assert isinstance(shared[2]["outputs"][0]["text"], Text)
    assert sorted(shared[0].keys()) == ["cell_type", "id", "metadata", "source"]
    assert sorted(shared[2].keys()) == sorted(
        ["cell_type", "id", "metadata", "source", "outputs", "execution_count", "execution_state"]
    )
    content = NotebookShape().read(notebook.doc)
    nbformat.validate(content)
    assert [cell["source"] for cell in content["cells"]] == ["text", "1 😀", "x = 1", "# B"]
    with pytest.raises(WrongValue, match="Only a record of 'cells' whose cell_type is 'code' has 'outputs'"):
        cells.create(cell_type="raw", outputs=[])


def test_what_jupyterlab_s_shape_does_is_seen_as_changes_of_cells(notebook):
    heard = heard_by(notebook["cells"])
    shared = YNotebook(notebook.doc)
    shared.append_cell({"id": "c", "cell_type": "code", "source": "", "metadata": {}, "outputs": []})
    shared.ycells[2]["source"].insert(0, "new")
    shared.ycells[0]["outputs"][0]["text"].insert(3, "more")
    del shared.ycells[1]
    assert [(one.kind, one.id) for one in heard] == [
        ("created", "c"),
        ("updated", "c"),
        ("updated", "a"),
        ("deleted", "b"),
    ]
    assert heard[2].after["outputs"][0]["text"] == "é\nmore" and heard[2].fields == {"outputs"}


def test_editing_is_undone_and_outputs_and_runs_are_not(notebook):
    cell = notebook["cells"]["a"]
    cell.text("source").append("!")
    notebook["executions"].create(id="r", cell_id="a")
    cell["outputs"] = []
    assert notebook.undo() and not notebook.can_undo
    assert cell["source"] == "1 😀" and cell["outputs"] == [] and notebook["executions"].ids() == ["r"]


def test_runs_questions_and_kernels_are_read_as_the_server_writes_them():
    doc = Doc()
    store = Datastore(doc, NOTEBOOK)
    heard = heard_by(store["executions"], "status")
    run = Run(
        RoomId("json:notebook:1"), "kernel", "1/0", "ana", cell_id="a", asked_at=5.5, options=Options(silent=True)
    )
    run.queue(2)
    records.write_run(doc, run, 1)
    run.start(6.0)
    run.end(RunStatus.ERROR, 7.0, Failure("E", "why", ("line",)))
    records.write_run(doc, run)
    records.executions(doc)[run.id]["displays"] = Array(shared_outputs([OUTPUT]))
    records.write_input(
        doc, "q", run=run.id, cell_id="a", kernel_id="kernel", prompt="Name: ", password=False, asked_at=6.5
    )
    records.write_kernel(doc, "kernel", "idle", 2)
    found = store["executions"][run.id].as_dict()
    assert found["failure"] == {"ename": "E", "evalue": "why", "traceback": ["line"]} and found["options"]["silent"]
    assert (found["status"], found["user"], found["generation"]) == ("error", "ana", 2)
    assert (found["asked_at"], found["ended_at"], found["displays"]) == (5.5, 7.0, [OUTPUT])
    assert found.keys() == doc.get("executions", type=Map)[run.id].to_py().keys()
    assert store["inputs"]["q"]["prompt"] == "Name: " and store["inputs"]["q"]["status"] == "waiting"
    assert store["kernels"]["kernel"].as_dict() == {"execution_state": "idle", "generation": 2, "reason": ""}
    assert [(one.kind, one.after["status"]) for one in heard] == [("created", "queued"), ("updated", "error")]


def test_a_run_is_asked_for_by_creating_a_record(notebook):
    run = notebook["executions"].create(cell_id="a", options={"silent": True})
    found = notebook.doc.get("executions", type=Map)[run.id]
    assert found["status"] == "requested" and found["cell_id"] == "a" and found["options"] == {"silent": True}
    with pytest.raises(NotAllowed):
        run["status"] = "ok"
    assert set(RUN_STATES) == {status.value for status in RunStatus}


def test_files_are_read_as_tables():
    text, blob = YUnicode(), YBlob()
    text.set("é\n")
    blob.set(b"\x00\xff")
    source = Datastore(text.ydoc, TEXT_FILE)["text_content"]["file"]
    source.text("source").insert(1, "😀")
    assert text.get() == "é😀\n"
    content = Datastore(blob.ydoc, OTHER_FILE)["base64_content"]["file"]
    assert content["bytes"] == b"\x00\xff"
    content["bytes"] = b"new"
    assert blob.get() == b"new"
    text.dirty = True
    assert Datastore(text.ydoc, TEXT_FILE)["state"]["state"]["dirty"] is True


def test_the_server_s_tables_are_the_server_s_and_requests_are_anyone_s():
    doc = Doc()
    server, client = Datastore(doc, SERVER, server=True), Datastore(doc, SERVER)
    server["status"].create(version="1")
    server["kernels"].create(id="k", name="python3", execution_state="idle")
    assert client["status"]["server"]["version"] == "1" and client["kernels"]["k"]["generation"] == 0
    for name in client:
        with pytest.raises(NotAllowed, match="written by the server alone"):
            client[name].create()
    request = Datastore(Doc(), ASKING)["requests"].create(name="kernels.start", args={"name": "python3"})
    assert request["status"] == "requested"
    with pytest.raises(NotAllowed):
        request["result"] = {}
