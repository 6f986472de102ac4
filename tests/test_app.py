"""Rules of jupyter_rtc.app: a real server with the extension, through its addresses."""

import asyncio

from pycrdt import Text
from tornado.websocket import websocket_connect

from jupyter_rtc.testing.peer import Peer

from .server.rig import TOKEN, Server, Tab, running, until, write_notebook


def test_a_document_is_open_in_the_status_and_in_the_metrics_and_no_secret_is_in_the_log(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            write_notebook(server.root / "a.ipynb", "text")
            await Tab(server, "a.ipynb", "notebook", "ana").open()
            status = await server.status()
            [room] = status["rooms"]
            assert room["keeper"]["path"] == "a.ipynb" and len(room["participants"]) == 1
            assert status["store"] == {"kind": "file", "words": None}
            metrics = (await server.request("GET", "metrics")).body.decode()
            assert "jupyter_rtc_rooms 2.0" in metrics  # the one of the server's tables too
            assert "jupyter_rtc_open_seconds_count 2.0" in metrics
            assert TOKEN not in server.log
            assert list(server.root.iterdir()) == [server.root / "a.ipynb"]

    asyncio.run(story())


def test_an_application_s_own_document_is_shared_and_survives_a_restart(tmp_path):
    async def join(server, name):
        peer = Peer(name)
        socket = await websocket_connect(f"ws://127.0.0.1:{server.port}/api/rtc/rooms/todo?token={TOKEN}")
        peer.connect(lambda data: socket.write_message(data, binary=True))

        async def read():
            while (message := await socket.read_message()) is not None:
                peer.receive(message)

        reading = asyncio.create_task(read())
        await until(lambda: peer.synced)
        return peer, reading

    async def story():
        async with running(tmp_path) as server:
            ana, _ana_reads = await join(server, "ana")
            ana.doc.get("todo", type=Text).insert(0, "milk")
            bo, _bo_reads = await join(server, "bo")
            await until(lambda: str(bo.doc.get("todo", type=Text)) == "milk")
            await server.kill()
            await server.start()
            cat, _cat_reads = await join(server, "cat")
            assert str(cat.doc.get("todo", type=Text)) == "milk"

    asyncio.run(story())


def test_a_second_server_on_the_same_files_has_a_log_of_its_own(tmp_path):
    async def story():
        async with running(tmp_path) as first:
            second = Server(tmp_path)
            await second.start()
            try:
                assert (await first.status())["store"]["kind"] == "file"
                assert (await second.status())["store"]["kind"] == "file 2"
            finally:
                await second.kill()

    asyncio.run(story())


def test_switched_off_no_address_of_ours_answers(tmp_path):
    async def story():
        server = Server(tmp_path)
        config = tmp_path / "config" / "jupyter_server_config.json"
        config.write_text(config.read_text().replace('"jupyter_rtc": true', '"jupyter_rtc": false'))
        server._ready = lambda: asyncio.sleep(0)
        await server.start()
        try:

            async def code(path):
                try:
                    return (await server.request("GET", path)).code
                except OSError:
                    return 0

            while await code("api") != 200:
                await asyncio.sleep(0.05)
            assert await code("api/rtc/status") == 404
        finally:
            await server.kill()

    asyncio.run(story())
