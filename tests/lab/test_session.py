"""Rules of jupyter_rtc.lab.session."""

import json

import pytest
from jupyter_server.auth.authorizer import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_rtc.errors import DocumentUnreadable
from jupyter_rtc.ids import Epoch
from jupyter_rtc.lab.session import SessionHandler


class Rules(Authorizer):
    """Allows what ``may`` says, which a test changes."""

    may = {"read", "write"}

    def is_authorized(self, handler, user, action, resource):
        return action in self.may


class Files:
    def __init__(self):
        self.ids = {}

    async def index(self, path):
        created = path not in self.ids
        return self.ids.setdefault(path, f"id-{len(self.ids)}"), created


class Epochs:
    error = None

    async def epoch(self, room):
        if self.error:
            raise self.error
        return Epoch(f"epoch of {room}")


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"authorizer_class": "tests.lab.test_session.Rules"}}


@pytest.fixture
def parts(jp_serverapp, jp_base_url, jp_root_dir):
    Rules.may = {"read", "write"}
    files, epochs = Files(), Epochs()
    (jp_root_dir / "a b.ipynb").write_text("{}")
    opened = []
    given = {"files": files, "epochs": epochs, "opened": lambda *what: opened.append(what)}
    route = (jp_base_url + r"api/collaboration/session/(.*)", SessionHandler, given)
    jp_serverapp.web_app.add_handlers(".*", [route])
    return files, epochs, opened


@pytest.fixture
def ask(jp_fetch, parts):
    async def ask(path="a b.ipynb", body=None, **options):
        body = {"format": "json", "type": "notebook"} if body is None else body
        text = body if isinstance(body, str) else json.dumps(body)
        return await jp_fetch("api/collaboration/session", path, method="PUT", body=text, **options)

    return ask


async def test_the_session_of_a_file_is_the_epoch_of_its_room(ask):
    first, again = await ask(), await ask()
    assert (first.code, again.code) == (201, 200)
    expected = {"format": "json", "type": "notebook", "fileId": "id-0", "sessionId": "epoch of json:notebook:id-0"}
    assert json.loads(first.body) == json.loads(again.body) == expected


async def test_who_opens_a_document_is_noted_with_what_they_were_given(ask, parts, jp_serverapp):
    await ask()
    parts[1].error = DocumentUnreadable("not a notebook")
    await ask()
    room = "json:notebook:id-0"
    assert [what[:2] for what in parts[2]] == [(room, f"epoch of {room}"), (room, "")]
    assert all(what[2] for what in parts[2])


async def test_a_leading_slash_names_the_same_file(ask, parts):
    await ask("/a b.ipynb")
    assert list(parts[0].ids) == ["a b.ipynb"]


async def test_a_reader_may_open_a_document(ask):
    Rules.may = {"read"}
    assert (await ask()).code == 201


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("missing.ipynb", None, 404),
        ("a b.ipynb", {"format": "json"}, 400),
        ("a b.ipynb", "[]", 400),
        ("a b.ipynb", "rubbish", 400),
        ("a b.ipynb", {"format": "a:b", "type": "notebook"}, 400),
    ],
)
async def test_a_bad_request_is_answered_in_words_and_makes_nothing(ask, parts, path, body, code):
    with pytest.raises(HTTPClientError) as refused:
        await ask(path, body)
    assert refused.value.code == code
    assert len(json.loads(refused.value.response.body)["message"]) > 10
    assert parts[0].ids == {}


async def test_nothing_is_made_for_one_who_may_not_read(ask, parts):
    Rules.may = set()
    with pytest.raises(HTTPClientError) as refused:
        await ask()
    assert refused.value.code == 403 and parts[0].ids == {}


async def test_nothing_is_made_without_authentication(ask, parts):
    with pytest.raises(HTTPClientError) as refused:
        await ask(headers={"Authorization": "token wrong"})
    assert refused.value.code == 403 and parts[0].ids == {}


async def test_a_document_that_cannot_be_opened_has_no_epoch_so_that_its_socket_can_say_why(ask, parts):
    parts[1].error = DocumentUnreadable("not a notebook")
    assert json.loads((await ask()).body)["sessionId"] == ""
