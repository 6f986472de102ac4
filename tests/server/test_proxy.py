"""Real servers as they are reached in the world: below a base_url, from a browser's origin, through a proxy."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import pytest
from pycrdt import Text
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_rtc.testing.peer import Peer

from .proxy import proxied
from .rig import TOKEN, Tab, eventually, running, saved_sources, until, write_notebook

PINGS = '--ServerApp.tornado_settings={"ws_ping_interval": 300, "ws_ping_timeout": 3000}'


class EncodedTab(Tab):
    """A tab whose client writes the room's address percent-encoded, as some do and some proxies do for them."""

    @property
    def room(self):
        return quote(super().room, safe="")


def test_everything_is_below_the_base_url_and_an_encoded_room_is_the_same_room(tmp_path):
    async def story():
        async with running(tmp_path, base="/a/b/") as server:
            path = server.root / "é b.ipynb"
            write_notebook(path, "text")
            ana = await Tab(server, path.name, "notebook", "ana").open()
            bo = await EncodedTab(server, path.name, "notebook", "bo").open()
            assert "%3A" in bo.address and "%3A" not in ana.address
            ana.type_in_cell(0, "ana ")
            bo.type_in_cell(0, "bo ")
            await until(lambda: ana.sources == bo.sources and len(ana.sources[0]) == len("ana bo text"))
            await until(lambda: saved_sources(path) == ana.sources)
            assert len((await server.status())["rooms"]) == 1

    asyncio.run(story())


def test_an_application_s_room_is_below_the_base_url_whatever_its_name(tmp_path):
    async def story():
        async with running(tmp_path, base="/a/b/") as server:
            peers = []
            for name in ("my%20room%2F%C3%A9", "my%20room/%C3%A9"):
                socket = await websocket_connect(server.url(f"api/rtc/rooms/{name}?token={TOKEN}", "ws"))
                peers.append(await listening_peer(socket))
            with peers[0].edit() as doc:
                doc.get("text", type=Text).insert(0, "hello")
            await until(lambda: str(peers[1].doc.get("text", type=Text)) == "hello")
            assert [room["room"] for room in (await server.status())["rooms"]] == ["app:my room/é"]

    asyncio.run(story())


async def listening_peer(socket):
    peer = Peer()
    reading = asyncio.create_task(read(peer, socket))
    peer.connect(lambda data: socket.write_message(data, binary=True))
    await until(lambda: peer.synced)
    peer.reading = reading
    return peer


async def read(peer, socket):
    while (message := await socket.read_message()) is not None:
        peer.receive(message)


@pytest.mark.parametrize("kind", ["api/collaboration/room/{room}", "api/rtc/rooms/some"])
def test_a_page_of_another_origin_cannot_use_the_browser_s_cookie(tmp_path, kind):
    async def story():
        async with running(tmp_path) as server:
            write_notebook(server.root / "a.ipynb", "text")
            tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
            address = server.url(kind.format(room=tab.room), "ws")
            cookie = await cookie_of(server)
            own = f"http://127.0.0.1:{server.port}"
            (await dial(address, {"Cookie": cookie, "Origin": own})).close()
            for headers in (
                {"Cookie": cookie, "Origin": "https://evil.example.org"},
                {"Cookie": cookie, "Origin": f"http://127.0.0.1:{server.port + 1}"},
                {"Origin": own},
                {"Cookie": "", "Origin": "https://evil.example.org"},
                {"Authorization": "token wrong", "Origin": own},
            ):
                with pytest.raises(HTTPClientError) as refused:
                    await dial(address, headers)
                assert refused.value.code == 403, headers
            assert tab.close_code is None

    asyncio.run(story())


def test_an_origin_that_the_administrator_allows_is_let_in(tmp_path):
    async def story():
        async with running(tmp_path, "--ServerApp.allow_origin=https://friend.example.org") as server:
            cookie = await cookie_of(server)
            address = server.url("api/rtc/rooms/some", "ws")
            (await dial(address, {"Cookie": cookie, "Origin": "https://friend.example.org"})).close()
            with pytest.raises(HTTPClientError):
                await dial(address, {"Cookie": cookie, "Origin": "https://evil.example.org"})

    asyncio.run(story())


async def cookie_of(server):
    """Log in as a browser does that opens the address with a token."""
    request = HTTPRequest(server.url(f"login?token={TOKEN}"), follow_redirects=False)
    answer = await AsyncHTTPClient().fetch(request, raise_error=False)
    return "; ".join(one.split(";")[0] for one in answer.headers.get_list("Set-Cookie"))


async def dial(address, headers):
    return await websocket_connect(HTTPRequest(address, headers=headers))


def test_pings_keep_a_link_up_that_a_proxy_would_cut_when_idle(tmp_path):
    async def story():
        async with running(tmp_path, PINGS) as server, proxied(server.port, idle=2) as proxy:
            write_notebook(server.root / "a.ipynb", "text")
            _mute = await asyncio.open_connection("127.0.0.1", proxy.port)
            far = await Tab(server, "a.ipynb", "notebook", "far", port=proxy.port).open()
            near = await Tab(server, "a.ipynb", "notebook", "near").open()
            await until(lambda: proxy.cut == 1)  # the proxy does what it should
            await until(lambda: proxy.longest > 3 * proxy.idle)
            assert far.close_code is None and proxy.cut == 1
            near.type_in_cell(0, "near ")
            await until(lambda: far.sources == ["near text"])
            far.type_in_cell(0, "far ")
            await until(lambda: near.sources == ["far near text"])

    asyncio.run(story())


@pytest.mark.slow
def test_a_link_outlives_an_idle_proxy_of_fifteen_seconds_with_no_setting_at_all(tmp_path):
    async def story():
        async with running(tmp_path) as server, proxied(server.port, idle=15) as proxy:
            write_notebook(server.root / "a.ipynb", "text")
            far = await Tab(server, "a.ipynb", "notebook", "far", port=proxy.port).open()
            await until(lambda: proxy.longest > 3 * proxy.idle, 60)
            assert far.close_code is None and proxy.cut == 0
            far.type_in_cell(0, "late ")
            await until(lambda: saved_sources(server.root / "a.ipynb") == ["late text"])

    asyncio.run(story())


@pytest.mark.slow
def test_a_half_open_link_is_noticed_and_nothing_is_lost_when_its_laptop_wakes(tmp_path):
    async def story():
        async with running(tmp_path, PINGS) as server, proxied(server.port) as proxy:
            write_notebook(server.root / "a.ipynb", "text")
            far = await Tab(server, "a.ipynb", "notebook", "far", port=proxy.port).open()
            near = await Tab(server, "a.ipynb", "notebook", "near").open()
            await until(lambda: far.doc.client_id in near.peer.others)
            proxy.freeze()
            far.type_in_cell(0, "asleep ")
            near.type_in_cell(0, "awake ")
            await eventually(server, lambda status: len(status["rooms"][0]["participants"]) == 1)
            await until(lambda: far.doc.client_id not in near.peer.others)
            assert near.sources == ["awake text"]
            far.hang_up()
            async with proxied(server.port) as way:
                far.port = way.port
                await far.connect()
                await until(lambda: len(near.sources[0]) == len("asleep awake text") and near.sources == far.sources)
                assert near.close_code is None

    asyncio.run(story())


def test_a_link_that_its_proxy_cuts_is_dialled_again_with_the_same_history(tmp_path):
    async def story():
        async with running(tmp_path) as server, proxied(server.port, idle=2) as proxy:
            write_notebook(server.root / "a.ipynb", "text")
            far = await Tab(server, "a.ipynb", "notebook", "far", port=proxy.port).open()
            near = await Tab(server, "a.ipynb", "notebook", "near").open()
            for turn in range(3):
                await until(lambda: far.close_code is not None)
                far.type_in_cell(0, f"far{turn} ")
                near.type_in_cell(0, f"near{turn} ")
                await far.connect()
                await until(lambda: far.sources == near.sources)
            words = near.sources[0].split()
            assert sorted(words) == sorted([f"{who}{turn}" for who in ("far", "near") for turn in range(3)] + ["text"])

    asyncio.run(story())
