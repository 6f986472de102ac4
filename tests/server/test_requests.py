"""Requests of several users at a real server, over real websockets: each lands where it should, as who asked."""

from __future__ import annotations

import asyncio
import json

import pytest
from pycrdt import Map

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed
from jupyter_rtc.tables import Datastore
from jupyter_rtc.tables.jupyter import ASKING

from .rig import running, until
from .runs import Runner, code_notebook
from .tables import Viewer
from .test_tables import people

EACH = 25
"""Of five kinds of requests, by each of four."""


def test_five_hundred_requests_of_two_people_and_two_agents_at_once_land_where_they_should(tmp_path):
    def prepare(root, name):
        (root / name).mkdir()
        for number in range(EACH):
            for old in ("to rename", "to copy", "to delete", "to read"):
                (root / name / f"{old} {number}.txt").write_text(f"{name} {old} {number}")

    async def ask(server, name):
        async with connect(server.url(""), token=name) as rtc:
            contents = rtc.contents

            async def read(number):
                model = await contents.fetch(f"{name}/to read {number}.txt")
                assert model["content"] == f"{name} to read {number}"

            async def copy(number):
                made = await contents.copy(f"{name}/to copy {number}.txt", f"{name}/copies")
                assert made == f"{name}/copies/to copy {number}.txt"

            (server.root / name / "copies").mkdir()
            await asyncio.gather(
                *(contents.save(f"{name}/new {number}.txt", f"{name} new {number}") for number in range(EACH)),
                *(contents.rename(f"{name}/to rename {n}.txt", f"{name}/renamed {n}.txt") for n in range(EACH)),
                *(contents.delete(f"{name}/to delete {number}.txt") for number in range(EACH)),
                *(copy(number) for number in range(EACH)),
                *(read(number) for number in range(EACH)),
            )
            room = await rtc._requests.room()
            table = room.tables["requests"]
            await room.until(lambda: len(table) <= 100, 20)  # those that ended are pruned
            records = table.as_dict().values()
            assert {record["user"] for record in records} == {name}
            assert all(record["duration"] >= 0 and record["ended_at"] >= record["asked_at"] for record in records)
            with pytest.raises(RequestFailed):
                await contents.fetch("no such file")

    async def play(server):
        names = ("ana", "bo", "agent-one", "agent-two")
        for name in names:
            prepare(server.root, name)
        await asyncio.gather(*(ask(server, name) for name in names))
        for name in names:
            found = {path.relative_to(server.root / name).as_posix(): path.read_text()
                     for path in (server.root / name).rglob("*.txt")}  # fmt: skip
            assert found == {
                f"{where} {number}.txt": f"{name} {what} {number}"
                for number in range(EACH)
                for where, what in (
                    ("new", "new"),
                    ("renamed", "to rename"),
                    ("to copy", "to copy"),
                    ("copies/to copy", "to copy"),
                    ("to read", "to read"),
                )
            }

    people(tmp_path, play)


def test_who_a_record_says_it_is_of_and_how_it_says_it_stands_counts_for_nothing(tmp_path):
    async def play(server):
        bo = await Viewer(server, "requests", token="bo").open()
        table = bo.peer.doc.get("requests", type=Map)
        with bo.peer.doc.transaction():
            table["forged"] = Map(
                {"name": "status.refresh", "args": {}, "status": "requested", "user": "ana", "result": "mine"}
            )
            table["done"] = Map({"name": "contents.save", "args": {"path": "x.txt", "content": "x"}, "status": "done"})
            table["odd"] = Map({"name": 7, "args": "none", "status": "requested"})
            table["rubbish"] = "no record at all"
        await until(lambda: table["forged"]["status"] == "done" and table["odd"]["status"] == "failed")
        assert table["forged"]["user"] == "bo" and table["forged"]["result"] is None
        assert (await bo.ask("contents.fetch", path="x.txt"))["status"] == "failed", "it was not done"
        ended = await bo.ask("status.refresh")
        assert (ended["status"], ended["user"]) == ("done", "bo")

    people(tmp_path, play)


@pytest.mark.parametrize("name", ["no-kernels", "no-files", "reader"])
def test_nobody_does_by_a_request_what_they_may_not_do(tmp_path, name):
    tries = {
        "no-kernels": [("kernels.start", {"name": "python3"}), ("kernels.shutdown", {"kernel_id": "k"})],
        "no-files": [("contents.fetch", {"path": "a.txt"}), ("contents.save", {"path": "a.txt", "content": "x"})],
        "reader": [("contents.delete", {"path": "a.txt"}), ("sessions.create", {"path": "a.ipynb"})],
    }

    async def play(server):
        (server.root / "a.txt").write_text("as it was")
        viewer = await Viewer(server, "requests", token=name).open()
        for request, args in tries[name]:
            ended = await viewer.ask(request, **args)
            assert ended["status"] == "failed" and ended["reason"].startswith("You may not do this"), ended
        assert (server.root / "a.txt").read_text() == "as it was"
        assert json.loads((await server.request("GET", "api/kernels")).body) == []

    people(tmp_path, play)


def test_a_question_about_code_is_asked_in_the_notebook_s_room_by_a_bare_provider(server):
    async def story():
        tab = await Runner.open_new(server, "table = {}", path="question.ipynb")
        table = Datastore(tab.doc, ASKING, author="tab")["requests"]
        record = table.create(name="complete", args={"code": "prin"})
        await until(lambda: record["status"] in ("done", "failed"), 60)
        assert record["status"] == "done" and "print" in record["result"]["matches"], record.as_dict()
        refused = table.create(name="complete", args={})
        await until(lambda: refused["status"] == "failed")
        assert refused["reason"] == "'complete' needs the argument 'code'."

    asyncio.run(story())


def test_a_request_that_a_killed_server_did_not_end_has_failed_when_it_is_back(tmp_path):
    async def story():
        from jupyter_rtc.tables import Datastore

        async with running(tmp_path) as server:
            tab = await Runner.open_new(server, "1")
            await tab.run(0)
            table = Datastore(tab.doc, ASKING, author="tab")["requests"]
            done = table.create(name="is_complete", args={"code": "1"})
            await until(lambda: done["status"] == "done", 60)
            await tab.ran(0)
            tab.type_in_cell(0, "import time; time.sleep(600); ")
            await tab.run(0)
            await until(lambda: tab.cell(0)["execution_state"] == "running")
            cut = table.create(name="complete", args={"code": "prin"})
            await until(lambda: cut["status"] == "running")
            await server.kill()
            await server.start()
            again = await Runner(server, "a.ipynb", "notebook", "ana").open()
            kept = Datastore(again.doc, ASKING, author="tab")["requests"]
            assert [kept[one.id]["status"] for one in (done, cut)] == ["done", "failed"]
            assert kept[cut.id]["reason"] == "The server was stopped before this was done."

    asyncio.run(story())


def test_in_a_notebook_s_room_the_asker_is_who_wrote_the_record_whatever_it_says(tmp_path):
    async def play(server):
        (server.root / "a.ipynb").write_text(json.dumps(code_notebook("1")))
        async with connect(server.url(""), token="ana") as ana, connect(server.url(""), token="no-kernels") as other:
            nb, theirs = await ana.notebook("a.ipynb"), await other.notebook("a.ipynb")
            await (await nb.cells[0].run())
            with pytest.raises(RequestFailed, match="You may not do this"):
                await theirs.complete("prin")
            raw = theirs.tables.doc.get("requests", type=Map)
            with theirs.tables.doc.transaction():
                raw["forged"] = Map(
                    {"name": "complete", "args": {"code": "prin"}, "status": "requested", "user": "ana"}
                )
            await nb.until(lambda: (nb.tables["requests"].get("forged") or {"status": ""})["status"] == "failed", 20)
            assert nb.tables["requests"]["forged"]["user"] == "no-kernels"
            assert "print" in await nb.complete("prin")

    people(tmp_path, play)


def test_a_file_that_is_saved_by_a_request_while_it_is_open_is_taken_in(tmp_path):
    async def play(server):
        (server.root / "a.txt").write_text("one\n")
        async with connect(server.url(""), token="ana") as ana:
            text = await ana.text("a.txt")
            text.append("two\n")
            await text.save()
            await ana.contents.save("a.txt", "zero\none\ntwo\n")
            await text.until(lambda: text.source == "zero\none\ntwo\n", 20)

    people(tmp_path, play)
