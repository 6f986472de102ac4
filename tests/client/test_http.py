"""Requests to a server, over real sockets."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from jupyter_rtc.client.address import parse_address
from jupyter_rtc.client.http import Http
from jupyter_rtc.client.login import Login
from jupyter_rtc.errors import LoginRefused, ServerRefused, ServerUnreachable


class Answering(RequestHandler):
    def _answer(self, status):
        status = int(status)
        if status == 302:
            self.redirect("/login")
            return
        self.set_status(status)
        self.set_cookie("username", "ana")
        if status == 204:
            return
        heard = {"method": self.request.method, "body": self.request.body.decode(), **self.request.headers}
        self.finish(json.dumps({"message": f"Words about {status}.", "heard": heard}))

    get = put = post = delete = patch = _answer


@asynccontextmanager
async def server():
    socket, port = bind_unused_port()
    serving = HTTPServer(Application([(r"/(\d+)", Answering), (r"/plain()", PlainAnswer)]))
    serving.add_socket(socket)
    http = Http(parse_address(f"http://127.0.0.1:{port}"), Login("abc"))
    try:
        yield http
    finally:
        http.close()
        serving.stop()


class PlainAnswer(RequestHandler):
    def get(self, _):
        self.set_status(404)
        self.finish("<html>")


def tell(story):
    async def run():
        async with server() as http:
            await story(http)

    asyncio.run(run())


def test_json_goes_there_and_comes_back_and_cookies_are_kept():
    async def story(http):
        answer = await http.ask("PUT", "201", {"a": 1})
        assert answer["heard"]["body"] == '{"a": 1}' and answer["heard"]["Authorization"] == "token abc"
        assert (await http.ask("GET", "200"))["heard"]["Cookie"] == "username=ana"
        assert await http.ask("DELETE", "204") is None

    tell(story)


@pytest.mark.parametrize(("status", "kind"), [(401, LoginRefused), (302, LoginRefused), (503, ServerUnreachable)])
def test_some_refusals_have_a_meaning_of_their_own(status, kind):
    async def story(http):
        with pytest.raises(kind):
            await http.ask("GET", str(status))

    tell(story)


def test_a_refusal_comes_with_its_status_and_words():
    async def story(http):
        with pytest.raises(ServerRefused, match="Words about 409") as caught:
            await http.ask("POST", "409", {})
        assert caught.value.status == 409
        with pytest.raises(ServerRefused, match="Not Found"):
            await http.ask("GET", "plain")

    tell(story)


def test_nobody_at_the_address_is_said_in_words():
    async def run():
        socket, port = bind_unused_port()
        socket.close()
        http = Http(parse_address(f"http://127.0.0.1:{port}"), Login())
        with pytest.raises(ServerUnreachable, match="Is it running"):
            await http.ask("GET", "api/me")
        http.close()

    asyncio.run(run())
