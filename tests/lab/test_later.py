"""Rules of jupyter_rtc.lab.later."""

import json

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_rtc.lab.later import ForkHandler, TimelineHandler, UndoRedoHandler


@pytest.fixture
def fetch(jp_serverapp, jp_base_url, jp_fetch):
    root = jp_base_url + "api/collaboration/"
    handlers = {"timeline": TimelineHandler, "undo_redo": UndoRedoHandler, "fork": ForkHandler}
    jp_serverapp.web_app.add_handlers(".*", [(f"{root}{name}/(.*)", kind) for name, kind in handlers.items()])
    return jp_fetch


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "timeline/a.ipynb"), ("PUT", "undo_redo/room"), ("PUT", "fork/room"), ("DELETE", "fork/room")],
)
async def test_what_comes_later_is_answered_in_words(fetch, method, path):
    body = "{}" if method == "PUT" else None
    with pytest.raises(HTTPClientError) as refused:
        await fetch("api/collaboration", path, method=method, body=body)
    assert refused.value.code == 404
    assert "yet" in json.loads(refused.value.response.body)["error"]


async def test_a_document_has_no_forks(fetch):
    assert json.loads((await fetch("api/collaboration/fork/room")).body) == {}


async def test_nothing_is_answered_without_authentication(fetch):
    with pytest.raises(HTTPClientError) as refused:
        await fetch("api/collaboration/fork/room", headers={"Authorization": "token wrong"})
    assert refused.value.code == 403
