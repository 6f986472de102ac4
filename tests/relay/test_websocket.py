"""Rules of jupyter_rtc.relay.websocket, over real sockets of a real Jupyter server."""

import asyncio
import json
import time

import pytest
from jupyter_server.auth.authorizer import Authorizer
from pycrdt import Text
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from jupyter_rtc.ids import named_room, new_epoch
from jupyter_rtc.protocol.messages import SUBPROTOCOL
from jupyter_rtc.relay.hub import Hub
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.relay.websocket import MAX_REASON_BYTES, Manner, RoomSocket, fitting, plain_closing
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.peer import Peer


class Rules(Authorizer):
    """Allows what ``may`` says, which a test changes."""

    may = {"read", "write"}
    resources = {"contents", "kernels", "sessions"}

    def is_authorized(self, handler, user, action, resource):
        return action in self.may and resource in self.resources


class Rig:
    """A hub behind a route of a running server, and peers on sockets."""

    def __init__(self, hub, url, token):
        self.hub, self.url, self.token = hub, url, token

    async def socket(self, address="room", headers=None, subprotocols=None, query=""):
        url = f"{self.url}/{address}?token={self.token}{query}"
        request = HTTPRequest(url, headers=headers or {})
        return await websocket_connect(request, subprotocols=subprotocols)

    async def peer(self, name="ana", **asked):
        peer = Peer(name)
        socket = await self.socket(**asked)
        peer.connect(lambda data: socket.write_message(data, binary=True))
        task = asyncio.create_task(self._pump(peer, socket))
        await until(lambda: peer.synced)
        return peer, socket, task

    async def _pump(self, peer, socket):
        while (message := await socket.read_message()) is not None:
            peer.receive(message)


async def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"authorizer_class": "tests.relay.test_websocket.Rules"}}


@pytest.fixture
def rig(jp_serverapp, http_server, jp_http_port, jp_base_url, jp_asyncio_loop):
    Rules.may, Rules.resources = {"read", "write"}, {"contents", "kernels", "sessions"}
    log = MemoryLog()
    jp_asyncio_loop.run_until_complete(log.open())
    hub = Hub(log, lambda room: None, now=time.monotonic, settings=HubSettings(permission_interval=0.1))
    route = {"hub": hub, "manner": Manner(named_room, plain_closing), "max_message_bytes": 2**20}
    jp_serverapp.web_app.add_handlers(".*", [(jp_base_url + r"api/rtc/rooms/(.+)", RoomSocket, route)])
    jp_asyncio_loop.run_until_complete(hub.start())
    yield Rig(hub, f"ws://localhost:{jp_http_port}{jp_base_url}api/rtc/rooms", jp_serverapp.identity_provider.token)
    jp_asyncio_loop.run_until_complete(hub.close())


async def test_two_peers_on_real_sockets_converge(rig):
    ana, _, _ = await rig.peer("ana")
    bo, _, _ = await rig.peer("bo")
    ana.doc.get("t", type=Text).insert(0, "hello")
    await until(lambda: str(bo.doc.get("t", type=Text)) == "hello")


async def test_without_authentication_nothing_is_made(rig):
    rig.token = "wrong"
    with pytest.raises(HTTPClientError) as refused:
        await rig.socket()
    assert refused.value.code == 403
    assert rig.hub.status()["rooms"] == []


async def test_a_foreign_origin_is_refused(rig):
    rig.token = ""
    with pytest.raises(HTTPClientError) as refused:
        await rig.socket(headers={"Origin": "http://evil.example"})
    assert refused.value.code == 403


async def test_one_who_may_not_read_is_not_let_in(rig):
    Rules.may = set()
    with pytest.raises(HTTPClientError) as refused:
        await rig.socket()
    assert refused.value.code == 403
    assert rig.hub.status()["rooms"] == []


async def test_what_the_server_has_is_for_those_who_may_read_all_that_is_shown_there(rig):
    Rules.resources = {"contents", "sessions"}
    with pytest.raises(HTTPClientError) as refused:
        await rig.socket("jupyter")
    assert refused.value.code == 403
    Rules.resources = {"contents", "sessions", "kernels"}
    await rig.socket("jupyter")
    assert [one["room"] for one in rig.hub.status()["rooms"]] == ["server:jupyter"]


async def test_whoever_is_known_may_ask_and_everybody_in_a_room_of_their_own(rig):
    Rules.may = set()
    await rig.socket("requests")
    await rig.socket("requests")
    rooms = [one["room"] for one in rig.hub.status()["rooms"]]
    assert len(rooms) == 2 and all(room.startswith("server:requests:") for room in rooms)


async def test_a_reader_sees_everything_and_changes_nothing(rig):
    ana, _, _ = await rig.peer("ana")
    Rules.may = {"read"}
    reader, _, _ = await rig.peer("reader")
    ana.doc.get("t", type=Text).insert(0, "hello")
    await until(lambda: str(reader.doc.get("t", type=Text)) == "hello")
    reader.doc.get("t", type=Text).insert(0, "no ")
    reader.ask_save(1)
    await until(lambda: {"type": "save", "responseTo": 1, "status": "failed"} in reader.replies)
    assert {"type": "conflict"} in reader.replies
    late, _, _ = await rig.peer("late")
    assert str(late.doc.get("t", type=Text)) == "hello"


async def test_a_permission_taken_away_closes_the_socket(rig):
    _, socket, task = await rig.peer("ana")
    Rules.may = set()
    await until(task.done)
    assert socket.close_code == 4403


async def test_an_authorizer_that_fails_allows_nothing(rig, monkeypatch):
    def fail(self, *args):
        raise RuntimeError("hub is down")

    monkeypatch.setattr(Rules, "is_authorized", fail)
    with pytest.raises(HTTPClientError) as refused:
        await rig.socket()
    assert refused.value.code == 403


async def test_our_own_messages_come_only_when_asked_for(rig):
    plain = await rig.socket()
    first = await plain.read_message()
    assert first[0] == 0
    ours = await rig.socket(subprotocols=[SUBPROTOCOL])
    assert ours.selected_subprotocol == SUBPROTOCOL
    assert (await ours.read_message())[0] not in {0, 1, 2, 3}


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"\x00\x01\x05ab", b"\x01\xff\xff\xff", "a text frame"])
async def test_rubbish_closes_its_sender_alone(rig, rubbish):
    ana, ana_socket, _ = await rig.peer("ana")
    bo, _, _ = await rig.peer("bo")
    bad, bad_socket, bad_task = await rig.peer("bad")
    await bad_socket.write_message(rubbish, binary=isinstance(rubbish, bytes))
    await until(bad_task.done)
    assert bad_socket.close_code == 1007
    ana.doc.get("t", type=Text).insert(0, "unharmed")
    await until(lambda: str(bo.doc.get("t", type=Text)) == "unharmed")


async def test_a_message_over_the_limit_closes_its_sender(rig):
    _, socket, task = await rig.peer("ana")
    await socket.write_message(bytes(2**20 + 1), binary=True)
    await until(task.done)
    assert socket.close_code in {1009, None, 1006}


async def test_a_stale_epoch_is_told_to_reload(rig):
    socket = await rig.socket(query=f"&sessionId={new_epoch()}")
    while await socket.read_message() is not None:
        pass
    assert socket.close_code == 1003
    assert "Reload" in socket.close_reason


async def test_a_percent_encoded_address_is_the_same_room(rig):
    ana, _, _ = await rig.peer("ana", address="a%20b%2Fc")
    bo, _, _ = await rig.peer("bo", address="a%20b/c")
    ana.doc.get("t", type=Text).insert(0, "one room")
    await until(lambda: str(bo.doc.get("t", type=Text)) == "one room")


async def test_the_server_s_identity_is_shown_whatever_the_client_says(rig):
    ana, _, _ = await rig.peer("ana")
    bo, _, _ = await rig.peer("bo")
    ana.say({"user": {"username": "root", "name": "Root"}, "cursors": []})
    await until(lambda: any("cursors" in state for state in bo.others.values()))
    [shown] = [state for state in bo.others.values() if "cursors" in state]
    assert shown["user"]["username"] != "root"


@pytest.mark.parametrize("reason", ["short", "ä" * 100, json.dumps({"words": "x" * 500})])
def test_a_reason_fits_into_a_close_frame(reason):
    assert len(fitting(reason).encode()) <= MAX_REASON_BYTES
    assert reason.startswith(fitting(reason))
