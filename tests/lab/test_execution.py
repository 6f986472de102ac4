"""Requests for runs in each of their forms, polling, answers to input(), and everything that is refused."""

import asyncio
import json

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_rtc.kernels.source_hash import source_hash
from jupyter_rtc.kernels.wire import Wire

from ..kernels.world import ROOM, Notebook, until
from .running import Rules, json_of, served


@pytest.fixture
def jp_server_config():
    return Rules.config()


@pytest.fixture
def serving(jp_serverapp, jp_base_url):
    return lambda notebook, **cells: served(jp_serverapp, jp_base_url, notebook, **cells)


@pytest.fixture
def post(jp_fetch):
    async def post(body, what="execute", kernel="k", **options):
        text = body if isinstance(body, str) else json.dumps(body)
        return await json_of(jp_fetch("api/kernels", kernel, what, method="POST", body=text, **options))

    return post


@pytest.fixture
def get(jp_fetch):
    async def get(*path):
        return await json_of(jp_fetch("api/kernels", *path))

    return get


HERE = {"document_id": ROOM}
CELL = {**HERE, "cell_id": "a"}


async def test_jupyterlab_s_own_form_runs_the_cell(serving, post):
    notebook = Notebook("one", "two")
    async with serving(notebook) as (w, _):
        code, answer = await post(CELL)
        assert code == 202 and answer["cell_id"] == "a"
        await until(lambda: notebook.records[answer["request_id"]]["status"] == "ok")
        assert notebook.text("a") == "one" and notebook.outputs("b") == []


async def test_code_with_metadata_runs_as_the_cell_and_can_be_polled(serving, post, get):
    notebook = Notebook("one")
    async with serving(notebook) as (w, _):
        code, answer = await post({"code": "other", "metadata": {**CELL, "record_timing": False}})
        assert code == 202 and answer["request_url"].endswith(f"requests/{answer['request_id']}")
        await until(lambda: notebook.records[answer["request_id"]]["status"] == "ok")
        code, ended = await get("k", "requests", answer["request_id"])
        assert (code, ended["status"], ended["execution_count"]) == (200, "ok", 1)
        assert json.loads(ended["outputs"]) == [{"output_type": "stream", "name": "stdout", "text": "other"}]
        assert notebook.text("a") == "other"


async def test_a_notebook_may_be_named_by_its_path(serving, post):
    notebook = Notebook("one")
    async with serving(notebook) as (w, _):
        code, answer = await post({"code": "other", "metadata": {"document_path": "a.ipynb"}})
        assert code == 202
        await until(lambda: notebook.records[answer["request_id"]]["status"] == "ok")


async def test_of_two_names_of_a_notebook_the_one_that_is_right_counts(serving, post):
    notebook = Notebook("one")
    async with serving(notebook) as (w, _):
        where = {"document_id": "json:notebook:stale", "document_path": "a.ipynb", "cell_id": "a"}
        code, answer = await post({"code": "other", "metadata": where})
        assert (code, answer["document_path"]) == (202, "a.ipynb")
        await until(lambda: notebook.text("a") == "other")
        code, answer = await post({"code": "other", "metadata": {**where, "document_path": "none.ipynb"}})
        assert code == 404


async def test_what_waits_is_listed_and_can_be_taken_back_and_its_cell_says_where_to_ask_meanwhile(
    serving, post, get, jp_fetch
):
    async def blocks(request):
        await asyncio.Event().wait()

    def marks(cell_id):
        return notebook.cell(cell_id)["metadata"].to_py() or {}

    notebook = Notebook("blocks", "two")
    async with serving(notebook, blocks=blocks) as (w, kernel):
        asked = [(await post({"code": code, "metadata": {**HERE, "cell_id": cell}}))[1]
                 for code, cell in (("blocks", "a"), ("two", "b"))]  # fmt: skip
        await until(lambda: kernel.requests == ["blocks"])
        code, listed = await get("k", "execute")
        assert [(one["request_id"], one["request_status"]) for one in listed["requests"]] == [
            (asked[0]["request_id"], "running"),
            (asked[1]["request_id"], "queued"),
        ]
        at = {key: asked[1][name] for key, name in
              (("requestId", "request_id"), ("kernelId", "kernel_id"), ("requestUrl", "request_url"))}  # fmt: skip
        assert marks("b") == {"jupyter_server_nbmodel": at}
        answer = await jp_fetch("api/kernels/k/requests", asked[1]["request_id"], method="DELETE")
        assert answer.code == 204
        code, ended = await get("k", "requests", asked[1]["request_id"])
        assert (code, ended["status"], ended["request_status"]) == (200, "aborted", "complete")
        assert marks("b") == {} and marks("a") != {}
        kernel.interrupt()
        await until(lambda: notebook.records[asked[0]["request_id"]]["status"] == "error")
        assert kernel.requests == ["blocks"] and marks("a") == {}
        with pytest.raises(HTTPClientError, match="404"):
            await jp_fetch("api/kernels/k/requests/never", method="DELETE")
        assert await get("none", "execute") == (200, {"kernel_id": "none", "requests": []})


async def test_a_batch_runs_in_order_and_a_later_request_behind_it(serving, post):
    notebook = Notebook("one", "two", "three")
    async with serving(notebook, patience=5) as (w, kernel):
        first = {**HERE, "cells": [{"cell_id": "a", "source_hash": source_hash("one")}, {"cell_id": "b"}]}
        assert await post({**first, "request_id": "1"}) == (200, None)
        later = {**HERE, "cells": [{"cell_id": "c"}], "request_id": "2", "previous_request_id": "1"}
        assert await post(later) == (200, None)
        await until(lambda: kernel.requests == ["one", "two", "three"])
        await until(lambda: all(one["status"] == "ok" for one in notebook.records.values()))


async def test_a_request_that_waits_for_another_and_was_made_before_a_restart_does_not_run_after_it(serving, post):
    notebook = Notebook("one", "two", "three")
    async with serving(notebook, patience=5) as (w, kernel):
        assert await w.ran("a") == ["ok"]
        cells = {**HERE, "cells": [{"cell_id": "c"}]}
        asked, asks = [], w.kernels.asks
        w.kernels.asks = lambda username: (asker := asks(username), asked.append(asker))[0]
        waiting = asyncio.create_task(post({**cells, "request_id": "2", "previous_request_id": "1"}))
        await until(lambda: asked)
        await w.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "success"})
        assert await post({**HERE, "cells": [{"cell_id": "b"}], "request_id": "1"}) == (200, None)
        assert await waiting == (200, None)
        ended = {"a": "ok", "b": "ok", "c": "aborted"}
        await until(lambda: {one["cell_id"]: one["status"] for one in notebook.records.values()} == ended)


async def test_a_stale_request_is_answered_with_the_fresh_text_and_runs_nothing(serving, post):
    notebook = Notebook("one", "fresh")
    async with serving(notebook) as (w, kernel):
        cells = [{"cell_id": "a"}, {"cell_id": "b", "source_hash": source_hash("old")}]
        for body in ({**HERE, "cells": cells}, {**HERE, "cell_id": "b", "source_hash": source_hash("old")}):
            code, answer = await post(body)
            assert (code, answer["cell_id"], answer["source"]) == (409, "b", "fresh")
            assert "changed" in answer["message"]
        assert kernel.requests == [] and notebook.records == {}


async def test_what_cannot_be_run_is_refused_in_words(serving, post):
    notebook = Notebook("one")
    async with serving(notebook) as (w, _):
        for body, status, words in (
            ({**HERE, "cell_id": "nowhere"}, 400, "no such cell"),
            ({**CELL, "document_id": "json:notebook:nowhere"}, 404, "no such notebook"),
            ({**CELL, "document_id": "text:file:1"}, 400, "must name a notebook"),
            ({**HERE, "cells": [{"cell_id": "a"}], "previous_request_id": "never"}, 408, "never came"),
        ):
            code, answer = await post(body)
            assert code == status and words in answer["message"], (body, answer)
        code, answer = await post(CELL, kernel="none")
        assert code == 404 and "not running" in answer["message"]
        assert notebook.outputs("a")[0]["evalue"] == answer["message"]
        assert w.kernel is None


async def test_who_may_not_execute_is_refused(serving, post, get):
    notebook = Notebook("one")
    async with serving(notebook) as (w, kernel):
        Rules.may = {"read", "write"}
        assert (await post(CELL))[0] == 403
        assert (await post({"input": "x"}, "input"))[0] == 403
        assert (await get("k", "requests", "0"))[0] == 403
        assert kernel.requests == [] and notebook.records == {}


async def test_nobody_executes_without_being_known(serving, post):
    notebook = Notebook("one")
    async with serving(notebook) as (w, kernel):
        assert (await post(CELL, headers={"Authorization": "token wrong"}))[0] == 403
        assert kernel.requests == []


ODD = [None, True, 7, 1.5, "", "x", "\ud800", [], ["x"], {}, {"x": 1}, [[]], [{}], [None]]


def bodies():
    """Each of the forms, with each field of each wrong type."""
    forms = (
        {**CELL, "source_hash": "x", "options": {}},
        {"code": "1", "metadata": {**CELL, "record_timing": False}},
        {"code": "1", "metadata": {"cell_id": "a", "document_path": "a.ipynb"}},
        {**HERE, "cells": [{"cell_id": "a", "source_hash": "x"}], "request_id": "r", "previous_request_id": "p"},
    )
    for form in forms:
        for name in form:
            yield from ({**form, name: odd} for odd in ODD)
        for name in form.get("metadata", ()):
            yield from ({**form, "metadata": {**form["metadata"], name: odd}} for odd in ODD)
        for cell in form.get("cells", ()):
            yield from ({**form, "cells": [{**cell, name: odd}]} for name in cell for odd in ODD)
    yield from ({**CELL, "options": {"silent": odd}} for odd in ODD)
    yield from ("", "[]", "null", "7", '"text"', "{", "\\", '{"cell_id": NaN}', "[" * 5000)


async def test_whatever_a_body_is_the_answer_is_no_fault_of_ours(serving, post):
    notebook = Notebook("one")
    async with serving(notebook, patience=0.001) as (w, _):
        for body in bodies():
            code, answer = await post(body)
            assert code in (200, 202, 400, 404, 408, 409), (body, code, answer)
            assert code < 300 or len(answer["message"]) > 10, (body, answer)
        await until(lambda: all(one["status"] in ("ok", "aborted") for one in notebook.records.values()))


async def test_code_that_is_no_sound_text_runs_as_well_as_it_can(serving, post):
    notebook = Notebook("one")
    async with serving(notebook) as (w, kernel):
        assert (await post({"code": "x\ud800", "metadata": CELL}))[0] == 202
        await until(lambda: kernel.requests == ["x\ufffd"])
        await until(lambda: notebook.text("a") == "x\ufffd")


async def asks(request):
    request.prints(await request.ask("Name: "))
    request.reply()
    request.idle()


async def test_an_answer_that_the_kernel_cannot_be_given_is_refused_in_words(serving, post, monkeypatch):
    notebook = Notebook("ask")
    async with serving(notebook, ask=asks):
        await post(CELL)
        await until(lambda: notebook.questions)
        with monkeypatch.context() as cut:
            cut.setattr(Wire, "answer", lambda *_: False)
            code, refused = await post({"input": "lost"}, "input")
            assert code == 424 and "your answer was not given" in refused["message"]
        assert (await post({"input": "x"}, "input"))[0] == 201
        await until(lambda: notebook.text("a") == "x")


async def test_of_two_answers_in_the_same_moment_one_wins_and_the_other_is_refused_in_words(serving, post, get):
    notebook = Notebook("ask")
    async with serving(notebook, ask=asks) as (w, _):
        _, run = await post(CELL)
        (asked,) = await until(lambda: list(notebook.questions))
        code, question = await get("k", "requests", run["request_id"])
        assert (code, question["input_id"]) == (300, asked)
        assert question["input_request"] == {"prompt": "Name: ", "password": False}
        for odd in (None, 7, [], {}):
            assert (await post({"input": odd}, "input"))[0] == 400
        for odd in (7, [], {}):
            assert (await post({"input": "x", "input_id": odd}, "input"))[0] == 400
        assert (await post({"input": "x", "input_id": "another"}, "input"))[0] == 404
        assert (await post({"input": "x"}, "input", kernel="other"))[0] == 404
        given = [post({"input": value, "input_id": asked}, "input") for value in ("x", "y")]
        answers = dict(zip("xy", await asyncio.gather(*given), strict=True))
        (taken,) = [value for value, (code, _) in answers.items() if code == 201]
        (refused,) = [answer for code, answer in answers.values() if code == 409]
        assert "Somebody else has answered already" in refused["message"]
        await until(lambda: notebook.text("a") == taken)
        assert (await post({"input": "z"}, "input"))[0] == 404


async def test_a_run_is_polled_until_it_ends_however_it_ends(serving, post, get):
    async def fails(request):
        await go.wait()
        request.fails("Oh", "no")
        request.idle()

    go, notebook = asyncio.Event(), Notebook("fails")
    async with serving(notebook, fails=fails) as (w, _):
        _, run = await post(CELL)
        code, answer = await get("k", "requests", run["request_id"])
        assert (code, answer["pending"]) == (202, True)
        assert (await get("other", "requests", run["request_id"]))[0] == 404
        go.set()
        await until(lambda: notebook.records[run["request_id"]]["status"] == "error")
        code, answer = await get("k", "requests", run["request_id"])
        assert (code, answer["status"], answer["ename"], answer["evalue"]) == (200, "error", "Oh", "no")


async def test_who_comes_late_is_told_of_widgets(serving, post, get):
    async def shows(request):
        request.say("comm_open", comm_id="c", target_name="jupyter.widget", data={"state": {"value": 7}})
        request.reply()
        request.idle()

    notebook = Notebook("shows")
    async with serving(notebook, shows=shows) as (w, _):
        assert (await get("k", "comms"))[0] == 404
        _, run = await post(CELL)
        await until(lambda: notebook.records[run["request_id"]]["status"] == "ok")
        code, answer = await get("k", "comms")
        assert code == 200 and answer["comms"]["c"]["state"] == {"value": 7}


async def test_the_times_of_a_run_are_in_its_cell_only_where_they_are_wanted(serving, post):
    notebook = Notebook("one", "two")
    async with serving(notebook) as (w, _):
        for cell_id, wanted in (("a", True), ("b", False)):
            body = {**HERE, "cell_id": cell_id, "options": {"record_timing": wanted}}
            _, run = await post(body)
            await until(lambda run=run: notebook.records[run["request_id"]]["status"] == "ok")
        assert set(notebook.cell("a")["metadata"]["execution"]) == {
            "iopub.status.busy",
            "iopub.execute_input",
            "iopub.status.idle",
            "shell.execute_reply",
        }
        assert "execution" not in notebook.cell("b")["metadata"]
