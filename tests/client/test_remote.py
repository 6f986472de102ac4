"""What a client asks of a real server (see also tests/server/test_client.py), and what it says if there is none."""

import asyncio
import json

import pytest
from tornado.testing import bind_unused_port

from jupyter_rtc.client import connect
from jupyter_rtc.client.address import parse_address
from jupyter_rtc.client.http import Http
from jupyter_rtc.client.login import Login
from jupyter_rtc.client.remote import RemoteTransport
from jupyter_rtc.errors import (
    DocumentError,
    DocumentMissing,
    ExtensionMissing,
    LoginRefused,
    ServerRefused,
    ServerUnreachable,
)

from ..server.rig import TOKEN, running
from ..server.runs import code_notebook


def test_what_cannot_be_is_said_in_words(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "broken.ipynb").write_text("{")
            url = server.url("")
            with pytest.raises(LoginRefused, match="jupyter server list"):
                await enter(url, token="wrong")
            with pytest.raises(ExtensionMissing, match="no Jupyter server"):
                await enter(server.url("nothing/here"), token=TOKEN)
            async with connect(f"{url}lab?token={TOKEN}") as rtc:
                assert rtc.user["username"]
                with pytest.raises(DocumentMissing, match=r"no file gone\.ipynb"):
                    await rtc.notebook("gone.ipynb")
                with pytest.raises(DocumentError):
                    await rtc.notebook("broken.ipynb")

    asyncio.run(story())


def test_a_server_without_the_extension_is_known(tmp_path):
    async def story():
        async with running(tmp_path, rtc=False) as server:
            with pytest.raises(ExtensionMissing, match="pip install"):
                await enter(server.url(""), token=TOKEN)

    asyncio.run(story())


def test_no_server_at_all_is_known():
    async def story():
        socket, port = bind_unused_port()
        socket.close()
        with pytest.raises(ServerUnreachable, match="Is it running"):
            await enter(f"http://127.0.0.1:{port}")

    asyncio.run(story())


def test_kernels_are_started_found_and_acted_on_and_all_that_one_does_is_one_user_s(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            (server.root / "a.ipynb").write_text(json.dumps(code_notebook("1")))
            transport = RemoteTransport(Http(parse_address(server.url("")), Login(TOKEN)))
            await transport.greet()
            assert await transport.kernel_of("a.ipynb") is None
            kernel_id = await transport.start_session("a.ipynb", None)
            assert await transport.kernel_of("a.ipynb") == kernel_id
            document = await transport.open_file("a.ipynb", "json", "notebook")
            document.say({"x": 1})
            while document.doc.client_id not in document.others:
                await asyncio.sleep(0.01)
            assert document.others[document.doc.client_id]["user"]["username"] == transport.user["username"]
            with pytest.raises(ServerRefused, match="Nothing asks") as caught:
                await transport.answer(kernel_id, "unknown", "x")
            assert caught.value.status == 404
            await transport.act(kernel_id, "interrupt")
            await transport.act(kernel_id, "shutdown")
            assert await transport.kernel_of("a.ipynb") is None
            shared = await transport.open_room("todo")
            assert shared.room == "app:todo" and shared.synced
            await transport.close()
            assert document.failed is not None and not transport._open

    asyncio.run(story())


async def enter(url, **how):
    async with connect(url, **how):
        pass
