"""Jupyter Server's own REST and kernel websockets, asked of a server with open rooms and of one without us."""

from __future__ import annotations

import asyncio
import json
import re
import uuid

import nbformat
import pytest
from tornado.websocket import websocket_connect

from .rig import TOKEN, Tab, running, until

NOTEBOOK = "a b.ipynb"
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SAVING_AT_ONCE = "--YDocExtension.document_save_delay=0.1"


class Transcript:
    """What a server answered, as far as it is the same from run to run: what was asked, status, shape of the body."""

    def __init__(self, server):
        self._server = server
        self.answers = []

    async def ask(self, method, path, body=None):
        """Ask, note the answer, and return its body."""
        answer = await self._server.request(method, path, body)
        kind = answer.headers.get("Content-Type")
        found = parsed(answer.body)
        self.answers.append((method, IDENTIFIER.sub("<id>", path), answer.code, kind, shape(found)))
        return found

    def note(self, *what):
        self.answers.append(what)


def parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def shape(value):
    """Return a JSON value with its leaves replaced by their types."""
    match value:
        case dict():
            return {key: shape(inner) for key, inner in sorted(value.items())}
        case list():
            return [shape(inner) for inner in sorted(value, key=str)]
        case _:
            return type(value).__name__


def test_contents_rest_answers_as_without_us_while_rooms_are_open(tmp_path):
    asyncio.run(compare(tmp_path, use_contents))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kernels_and_sessions_answer_as_without_us_while_rooms_are_open(tmp_path):
    asyncio.run(compare(tmp_path, use_kernels))


async def compare(tmp_path, use):
    answers = []
    for rtc in (False, True):
        folder = tmp_path / str(rtc)
        folder.mkdir()
        async with running(folder, SAVING_AT_ONCE, rtc=rtc) as server:
            write_files(server.root)
            transcript = Transcript(server)
            if rtc:
                await beside_open_rooms(server, transcript, use)
            else:
                await use(transcript, server)
            answers.append(transcript.answers)
    without, with_us = answers
    assert len(without) == len(with_us)
    for expected, found in zip(without, with_us, strict=True):
        assert found == expected


async def beside_open_rooms(server, transcript, use):
    """Use the server while two people have its files open, who are disturbed by nothing."""
    paths = {NOTEBOOK: "notebook", "sub/c.txt": "file", "open.txt": "file"}
    tabs = [await Tab(server, path, kind, who).open() for path, kind in paths.items() for who in ("ana", "bo")]
    await use(transcript, server)
    book, _, text, text_witness, other, _ = tabs
    assert [tab.close_code for tab in tabs] == [None] * len(tabs)
    other.type("still typing ")
    await until(lambda: (server.root / "open.txt").read_text() == "still typing open\n")
    moved = server.root / "moved" / "renamed.ipynb"
    if moved.exists():
        book.type_in_cell(0, "# still typing\n")
        await until(lambda: "# still typing" in moved.read_text())
        assert text.text == text_witness.text == "written by REST\n"
    else:
        book.type_in_cell(0, "# still typing\n")
        await until(lambda: "# still typing" in (server.root / NOTEBOOK).read_text())


def write_files(root):
    cells = [
        {"id": "one", "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "6 * 7"},
        {"id": "two", "cell_type": "markdown", "metadata": {}, "source": "# two"},
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    (root / NOTEBOOK).write_text(nbformat.writes(nbformat.from_dict(book(cells, metadata))) + "\n")
    (root / "sub").mkdir()
    (root / "sub" / "c.txt").write_text("text\n")
    (root / "open.txt").write_text("open\n")
    (root / "image.bin").write_bytes(bytes(range(256)))


def book(cells, metadata):
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


async def use_contents(transcript, server):
    ask = transcript.ask
    for path in ("", "?content=0", "/sub", "/a%20b.ipynb", "/a%20b.ipynb?content=0&hash=1", "/open.txt?hash=1"):
        await ask("GET", f"api/contents{path}")
    for query in ("type=file&format=text", "type=file&format=base64", "type=directory", "format=nonsense"):
        await ask("GET", f"api/contents/a%20b.ipynb?{query}")
    await ask("GET", "api/contents/image.bin")
    await ask("GET", "api/contents/missing.txt")
    # an open notebook: checkpoint, rename, move, copy
    checkpoint = await ask("POST", "api/contents/a%20b.ipynb/checkpoints", {})
    await ask("GET", "api/contents/a%20b.ipynb/checkpoints")
    await ask("PATCH", "api/contents/a%20b.ipynb", {"path": "renamed.ipynb"})
    await ask("GET", "api/contents/a%20b.ipynb")
    await ask("GET", "api/contents/renamed.ipynb/checkpoints")
    await ask("POST", f"api/contents/renamed.ipynb/checkpoints/{checkpoint['id']}")
    await ask("DELETE", f"api/contents/renamed.ipynb/checkpoints/{checkpoint['id']}")
    await ask("GET", "api/contents/renamed.ipynb/checkpoints")
    await ask("PUT", "api/contents/moved", {"type": "directory"})
    await ask("PATCH", "api/contents/renamed.ipynb", {"path": "moved/renamed.ipynb"})
    copy = await ask("POST", "api/contents", {"copy_from": "moved/renamed.ipynb"})
    transcript.note(copy["name"], sorted(path.name for path in server.root.iterdir() if path.name[0] != "."))
    await ask("DELETE", f"api/contents/{copy['path']}")
    # an open text: written over, refused, a name that is taken
    model = {"type": "file", "format": "text", "content": "written by REST\n"}
    await ask("PUT", "api/contents/sub/c.txt", model)
    await ask("PUT", "api/contents/sub/new.txt", model)
    await ask("PUT", "api/contents/sub/new.txt", {"type": "file"})
    await ask("PUT", "api/contents/nowhere/new.txt", model)
    await ask("PATCH", "api/contents/sub/new.txt", {"path": "sub/c.txt"})
    await ask("PATCH", "api/contents/missing.txt", {"path": "other.txt"})
    await ask("DELETE", "api/contents/sub/new.txt")
    await ask("DELETE", "api/contents/sub/new.txt")
    # new ones
    for kind in ("notebook", "file", "directory"):
        created = await ask("POST", "api/contents", {"type": kind})
        await ask("GET", f"api/contents/{created['path'].replace(' ', '%20')}")
    await ask("GET", "api/contents/sub")
    for path in ("api", "api/status", "api/me", "api/terminals", "api/kernels", "api/sessions", "files/open.txt"):
        answer = await server.request("GET", path)
        transcript.note(path, answer.code, answer.headers.get("Content-Type"))


async def use_kernels(transcript, server):
    ask = transcript.ask
    await ask("GET", "api/kernelspecs")
    kernel = await ask("POST", "api/kernels", {"name": "python3"})
    for code in ("6 * 7", "print('é')", "1 / 0", "import time\nfor n in range(3): print(n); time.sleep(0.01)"):
        transcript.note(code, await messages_of(server, kernel["id"], code))
    await ask("GET", f"api/kernels/{kernel['id']}")
    await ask("POST", f"api/kernels/{kernel['id']}/interrupt", {})
    await ask("POST", f"api/kernels/{kernel['id']}/restart", {})
    transcript.note(await messages_of(server, kernel["id"], "'kernel' in dir()"))
    await ask("POST", "api/kernels", {"name": "no such kernel"})
    await ask("GET", f"api/kernels/{uuid.UUID(int=0)}")
    model = {"path": NOTEBOOK, "name": NOTEBOOK, "type": "notebook", "kernel": {"id": kernel["id"]}}
    session = await ask("POST", "api/sessions", model)
    await ask("GET", "api/sessions")
    await ask("PATCH", f"api/sessions/{session['id']}", {"path": "other.ipynb"})
    await ask("PATCH", f"api/sessions/{session['id']}", {"path": NOTEBOOK})
    transcript.note(await messages_of(server, kernel["id"], "'in a session'"))
    await ask("DELETE", f"api/sessions/{session['id']}")
    await ask("DELETE", f"api/kernels/{kernel['id']}")
    await ask("GET", "api/kernels")


async def messages_of(server, kernel, code):
    """Run code over the kernel's ordinary websocket; return the messages that it answers with."""
    address = server.url(f"api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}&token={TOKEN}", "ws")
    socket = await websocket_connect(address)
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s", "username": "", "date": ""}
    content = {"code": code, "silent": False, "allow_stdin": False, "store_history": True, "user_expressions": {}}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps({**message, "buffers": []}))
    found = {"iopub": [], "shell": []}
    while not (found["shell"] and found["iopub"] and found["iopub"][-1] == ("status", "idle")):
        answer = json.loads(await asyncio.wait_for(socket.read_message(), 60))
        if answer["parent_header"].get("msg_id") == header["msg_id"]:
            found[answer["channel"]].append(told(answer))
    socket.close()
    return joined_streams(found["iopub"]), found["shell"]


def told(message):
    """Return what a message says, without times and addresses."""
    content = message["content"]
    said = content.get("execution_state") or content.get("text") or content.get("data") or shape(content)
    return message["msg_type"], said


def joined_streams(messages):
    """Return the messages with consecutive texts as one: how a kernel cuts its output is chance."""
    found = []
    for kind, said in messages:
        if kind == "stream" == (found[-1][0] if found else None):
            found[-1] = (kind, found[-1][1] + said)
        else:
            found.append((kind, said))
    return found
