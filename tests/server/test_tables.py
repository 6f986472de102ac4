"""The tables of what the server has, and requests, in a real server over real websockets."""

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from pycrdt import Doc, Map, create_update_message
from tornado.httpclient import HTTPClientError

from jupyter_rtc.ids import DIRECTORY
from jupyter_rtc.tables import Datastore
from jupyter_rtc.tables.jupyter import SERVER

from .plugins.people import SWITCH
from .rig import Server, Tab, running, standing
from .tables import Viewer

PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])
TERMINALS = "--ServerApp.jpserver_extensions=jupyter_server_terminals=True"
MANY = 10_000


def story(tmp_path, play, *options, **environment):
    """Run a server, and a play with it and one who looks at its tables."""

    async def run():
        async with running(tmp_path, *options, **environment) as server:
            await play(server, await Viewer(server, "jupyter").open())

    asyncio.run(run())


def beside(server, play):
    """Run a play with the server of many tests, and one who looks at its tables."""

    async def run():
        await play(server, await Viewer(server, "jupyter").open())

    asyncio.run(run())


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """A server whose users log in with their names."""
    with standing(tmp_path_factory.mktemp("server"), *SWITCH, PYTHONPATH=PLUGINS) as server:
        yield server


def people(tmp_path, play):
    """Run a play with a server whose users log in with their names."""

    async def run():
        async with running(tmp_path, *SWITCH, PYTHONPATH=PLUGINS) as server:
            await play(server)

    asyncio.run(run())


async def rest(server: Server, method: str, path: str, body=None):
    answer = await server.request(method, path, body)
    assert answer.code < 300, answer.body
    return json.loads(answer.body) if answer.body else None


async def kernel(server: Server, viewer: Viewer) -> str:
    """Start a kernel as somebody else does, and wait until it is idle."""
    kernel_id = (await rest(server, "POST", "api/kernels", {"name": "python3"}))["id"]
    await viewer.sees(lambda: viewer.rows("kernels").get(kernel_id, {}).get("execution_state") == "idle")
    return kernel_id


def process_of(kernel_id: str) -> int:
    """Return the process of a kernel."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_text()
        except OSError:
            continue
        if f"kernel-{kernel_id}.json" in command:
            return int(place.name)
    raise AssertionError("no such kernel")


def watches(server: Server) -> int:
    """Return how many folders the server's process watches."""
    found = 0
    for place in Path(f"/proc/{server._process.pid}/fdinfo").iterdir():
        try:
            found += place.read_text().count("inotify wd:")
        except OSError:
            continue
    return found


def test_a_kernel_that_somebody_asks_for_is_seen_by_everybody(server):
    async def play(server, jupyter):
        ana = await Viewer(server, "requests").open()
        ended = await ana.ask("kernels.start", name="python3")
        assert ended["status"] == "done", ended
        kernel_id = ended["result"]["id"]
        await jupyter.sees(lambda: kernel_id in jupyter.rows("kernels"), 1)
        await jupyter.sees(lambda: jupyter.rows("kernels")[kernel_id]["execution_state"] == "idle")
        row = jupyter.rows("kernels")[kernel_id]
        assert row["name"] == "python3" and row["generation"] == 0 and row["reason"] == ""
        assert (await rest(server, "GET", f"api/kernels/{kernel_id}"))["execution_state"] == "idle"
        assert (await ana.ask("kernels.shutdown", kernel_id=kernel_id))["status"] == "done"
        await jupyter.sees(lambda: kernel_id not in jupyter.rows("kernels"), 1)

    beside(server, play)


def test_a_kernel_that_is_killed_or_restarted_by_others_is_seen(server):
    async def play(server, jupyter):
        kernel_id = await kernel(server, jupyter)

        def row():
            return jupyter.rows("kernels")[kernel_id]

        os.kill(process_of(kernel_id), signal.SIGKILL)
        await jupyter.sees(lambda: row()["execution_state"] == "restarting", 2)
        await jupyter.sees(lambda: row()["execution_state"] == "idle" and row()["generation"] == 1)
        await rest(server, "POST", f"api/kernels/{kernel_id}/restart")
        await jupyter.sees(lambda: row()["execution_state"] == "idle" and row()["generation"] == 2)
        await rest(server, "DELETE", f"api/kernels/{kernel_id}")
        await jupyter.sees(lambda: kernel_id not in jupyter.rows("kernels"), 2)

    beside(server, play)


def test_a_kernel_that_is_culled_goes_with_its_session(tmp_path):
    async def play(server, jupyter):
        made = await rest(
            server, "POST", "api/sessions", {"path": "a.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
        )
        await jupyter.sees(lambda: made["id"] in jupyter.rows("sessions") and jupyter.rows("kernels"))
        await jupyter.sees(lambda: not jupyter.rows("kernels") and not jupyter.rows("sessions"), 20)
        await jupyter.sees(lambda: jupyter.rows("status")["server"]["kernels"] == 0)

    story(tmp_path, play, "--MappingKernelManager.cull_idle_timeout=1", "--MappingKernelManager.cull_interval=1")


def test_sessions_that_are_changed_through_rest_are_seen(tmp_path):
    async def play(server, jupyter):
        made = await rest(
            server,
            "POST",
            "api/sessions",
            {"path": "a.ipynb", "name": "A", "type": "notebook", "kernel": {"name": "python3"}},
        )
        await jupyter.sees(lambda: made["id"] in jupyter.rows("sessions"), 2)
        row = jupyter.rows("sessions")[made["id"]]
        assert row == {"path": "a.ipynb", "name": "A", "type": "notebook", "kernel_id": made["kernel"]["id"]}
        await rest(server, "PATCH", f"api/sessions/{made['id']}", {"path": "b.ipynb"})
        await jupyter.sees(lambda: jupyter.rows("sessions")[made["id"]]["path"] == "b.ipynb", 2)
        await rest(server, "DELETE", f"api/sessions/{made['id']}")
        await jupyter.sees(lambda: not jupyter.rows("sessions"), 2)
        await jupyter.sees(lambda: not jupyter.rows("kernels"), 2)

    story(tmp_path, play)


def test_terminals_that_are_opened_and_ended_through_rest_are_seen(tmp_path):
    async def play(server, jupyter):
        name = (await rest(server, "POST", "api/terminals"))["name"]
        await jupyter.sees(lambda: name in jupyter.rows("terminals"), 2)
        await rest(server, "DELETE", f"api/terminals/{name}")
        await jupyter.sees(lambda: not jupyter.rows("terminals"), 5)

    story(tmp_path, play, TERMINALS)


def test_a_folder_shows_what_is_done_through_rest_on_the_disk_and_by_git(tmp_path):
    def git(root, *args):
        identity = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
        subprocess.run(["git", *identity, *args], cwd=root, check=True, capture_output=True)

    async def play(server, jupyter):
        repository = server.root / "work"
        repository.mkdir()
        git(repository, "init", "-b", "main")
        (repository / "a.txt").write_text("one")
        git(repository, "add", "a.txt")
        git(repository, "commit", "-m", "one")
        git(repository, "checkout", "-b", "other")
        (repository / "a.txt").write_text("three")
        (repository / "b.txt").write_text("new")
        git(repository, "add", ".")
        git(repository, "commit", "-m", "two")

        ana = await Viewer(server, "requests").open()
        ended = await ana.ask("folders.open", path="work")
        assert ended["result"] == {"path": "work", "count": 2}, ended
        await jupyter.sees(lambda: jupyter.rows("folders").get("work", {}).get("state") == "ready", 2)

        def sizes():
            return {path: row["size"] for path, row in jupyter.rows("contents").items()}

        assert sizes() == {"work/a.txt": 5, "work/b.txt": 3}
        git(repository, "checkout", "main")
        await jupyter.sees(lambda: sizes() == {"work/a.txt": 3}, 5)
        git(repository, "checkout", "other")
        await jupyter.sees(lambda: sizes() == {"work/a.txt": 5, "work/b.txt": 3}, 5)
        await rest(server, "PUT", "api/contents/work/a.txt", {"type": "file", "format": "text", "content": "1234567"})
        await jupyter.sees(lambda: sizes()["work/a.txt"] == 7, 5)
        (repository / "a.txt").write_text("12")
        await jupyter.sees(lambda: sizes()["work/a.txt"] == 2, 5)
        await rest(server, "PATCH", "api/contents/work/a.txt", {"path": "c.txt"})
        await jupyter.sees(lambda: set(sizes()) == {"work/b.txt"}, 5)
        await rest(server, "DELETE", "api/contents/work/b.txt")
        await jupyter.sees(lambda: sizes() == {}, 5)

    story(tmp_path, play)


def test_a_folder_shows_which_documents_are_open(tmp_path):
    async def play(server, jupyter):
        (server.root / "a.txt").write_text("one")
        ana = await Viewer(server, "requests").open()
        assert (await ana.ask("folders.open"))["status"] == "done"
        tab = await Tab(server, "a.txt", "file", "ana").open()
        await jupyter.sees(lambda: jupyter.rows("contents").get("a.txt", {}).get("room") == tab.room)
        await jupyter.sees(lambda: jupyter.rows("status")["server"]["rooms"] == 1)
        await jupyter.sees(
            lambda: tab.room in [room for row in jupyter.rows("users").values() for room in row["documents"]]
        )
        tab.hang_up()
        await jupyter.sees(lambda: jupyter.rows("contents")["a.txt"]["room"] is None)
        await jupyter.sees(lambda: jupyter.rows("status")["server"]["rooms"] == 0)

    story(tmp_path, play, "--JupyterRtc.document_cleanup_delay=0")


def test_a_large_folder_opens_soon_and_costs_nothing_once_nobody_looks(tmp_path):
    async def play(server, jupyter):
        (server.root / "many").mkdir()
        for number in range(MANY):
            (server.root / "many" / f"file number {number}.csv").touch()
        before = watches(server)
        ana = await Viewer(server, "requests").open()
        began = time.monotonic()
        ended = await ana.ask("folders.open", path="many")
        assert ended["result"] == {"path": "many", "count": MANY}, ended
        await jupyter.sees(lambda: jupyter.rows("folders").get("many", {}).get("state") == "ready")
        took = time.monotonic() - began
        assert len(jupyter.tables["contents"]) == MANY
        print(f"a folder of {MANY} files was shown after {took:.2f} s")  # noqa: T201
        await jupyter.sees(lambda: watches(server) > before)
        ana.close()
        await jupyter.sees(lambda: len(jupyter.tables["contents"]) == 0, 20)
        assert not jupyter.rows("folders")
        await jupyter.sees(lambda: watches(server) == before)

    story(tmp_path, play)


def test_users_come_and_go_with_their_documents(tmp_path):
    async def play(server):
        (server.root / "a.txt").touch()
        ana = await Viewer(server, "jupyter", token="ana").open()
        await ana.sees(lambda: ana.rows("users").get("ana", {}).get("sessions") == [ana.peer.doc.client_id], 2)
        row = ana.rows("users")["ana"]
        assert row["name"] == "Ana" and row["initials"] == "AN" and row["documents"] == []
        bo = await Viewer(server, "todo", token="bo").open()
        await ana.sees(lambda: ana.rows("users").get("bo", {}).get("documents") == ["app:todo"], 2)
        await ana.sees(lambda: ana.rows("users")["bo"]["sessions"] == [bo.peer.doc.client_id], 2)
        bo.close()
        await ana.sees(lambda: "bo" not in ana.rows("users"), 2)

    people(tmp_path, play)


def test_what_a_client_writes_into_the_room_is_refused_and_nobody_sees_it(tmp_path):
    async def play(server):
        ana = await Viewer(server, "jupyter", token="ana").open()
        bo = await Viewer(server, "jupyter", token="bo").open()
        forging = Datastore(ana.peer.doc, SERVER, author="server", server=True)
        forging["kernels"].create(id="forged", name="python3")
        crafted = Doc()
        crafted.get("kernels", type=Map)["crafted"] = Map({"name": "python3"})
        crafted.get("contents", type=Map)["crafted"] = {"name": "x"}
        await ana.socket.write_message(create_update_message(crafted.get_update()), binary=True)
        requests = await Viewer(server, "requests", token="bo").open()
        ended = await requests.ask("kernels.start", name="python3")
        await bo.sees(lambda: ended["result"]["id"] in bo.rows("kernels"))
        late = await Viewer(server, "jupyter", token="bo").open()
        for viewer in (bo, late):
            assert not viewer.rows("kernels").keys() & {"forged", "crafted"} and "crafted" not in viewer.rows(
                "contents"
            )
        assert (await requests.ask("kernels.shutdown", kernel_id=ended["result"]["id"]))["status"] == "done"

    people(tmp_path, play)


@pytest.mark.parametrize("name", ["stranger", "no-kernels", "no-files"])
def test_who_may_not_read_all_of_it_is_not_let_into_the_room(theirs, name):
    async def story():
        with pytest.raises(HTTPClientError) as caught:
            await Viewer(theirs, "jupyter", token=name).open()
        assert caught.value.code == 403

    asyncio.run(story())


def test_who_may_do_nothing_is_given_nothing_and_who_may_read_changes_nothing(tmp_path):
    async def play(server):
        (server.root / "secret").mkdir()
        (server.root / "secret" / "a.txt").touch()
        requests = {"folders.open": {"path": "secret"}, "kernelspecs.refresh": {}, "status.refresh": {}}
        stranger = await Viewer(server, "requests", token="stranger").open()
        for name, args in requests.items():
            ended = await stranger.ask(name, **args)
            assert ended["status"] == "failed" and ended["reason"].startswith("You may not do this"), ended
        reader = await Viewer(server, "requests", token="reader").open()
        for name, args in requests.items():
            assert (await reader.ask(name, **args))["status"] == "done"
        assert (await reader.ask("kernels.start", name="python3"))["status"] == "failed"
        looks = await Viewer(server, "jupyter", token="reader").open()
        await looks.sees(lambda: "secret/a.txt" in looks.rows("contents"))
        assert not looks.rows("kernels")

    people(tmp_path, play)


def test_nobody_names_the_room_of_another_user_or_the_server_s_own(tmp_path):
    async def play(server):
        for name in (DIRECTORY, "server:requests:ana", "server%3Arequests%3Aana"):
            bo = await Viewer(server, name, token="bo").open()
            assert bo.peer.doc.get("requests", type=Map).to_py() == {}
        ana = await Viewer(server, "requests", token="ana").open()
        await ana.ask("status.refresh")
        bo = await Viewer(server, "requests", token="bo").open()
        assert ana.rows("requests") and not bo.rows("requests")

    people(tmp_path, play)
