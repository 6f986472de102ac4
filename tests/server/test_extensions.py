"""Other extensions, as they are published, with this package in place of jupyter-collaboration's server.

They are installed into a folder of their own, which only the servers of these tests look into.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pycrdt import Array, Map

from .rig import SWITCH, Server, Tab, until

pytestmark = pytest.mark.slow

PACKAGES = ("jupyter-server-nbmodel==0.2.9", "jupyterlab-chat==0.25.3", "jupyter-ai-router==0.1.1")
FIXTURES = Path(__file__).parent / "plugins" / "in_place.py"
NBMODEL_TESTS = ("test_handlers.py", "test_output_recovery_setting.py")


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    install = ("pip", "install", "--quiet", "--no-deps", "--target", str(folder), *PACKAGES)
    subprocess.run([sys.executable, "-m", *install], check=True)
    return folder


def test_the_tests_of_jupyter_server_nbmodel_pass_unchanged(published, tmp_path):
    for name in NBMODEL_TESTS:
        shutil.copy(published / "jupyter_server_nbmodel" / "tests" / name, tmp_path)
    shutil.copy(FIXTURES, tmp_path / "conftest.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    test = ("pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", "--basetemp", str(tmp_path / "temporary"))
    environment = {**os.environ, "PYTHONPATH": str(published)}
    ended = subprocess.run(
        [sys.executable, "-m", *test], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout[-5000:]
    assert "19 passed" in ended.stdout


class ChatTab(Tab):
    """Somebody who has a chat open."""

    async def open(self):
        answer = await self.request("PUT", f"api/collaboration/session/{self.path}", {"format": "text", "type": "chat"})
        assert answer.code in (200, 201), answer.body
        self.session = json.loads(answer.body)
        await self.connect()
        return self

    @property
    def messages(self):
        return self.doc.get("messages", type=Array).to_py()

    def say(self, body):
        message = {"id": body, "body": body, "time": 1.0, "sender": "ana", "raw_time": True, "type": "msg"}
        with self.doc.transaction():
            self.doc.get("messages", type=Array).append(Map(message))


def test_a_chat_is_shared_saved_and_found_by_the_extensions_that_answer_in_it(published, tmp_path):
    """jupyterlab-chat takes the live document of each chat that is opened, and gives it to jupyter-ai's router."""

    async def story():
        server = Server(tmp_path, PYTHONPATH=str(published))
        switch = dict(SWITCH["ServerApp"]["jpserver_extensions"], jupyterlab_chat=True, jupyter_ai_router=True)
        config = {"ServerApp": {"jpserver_extensions": switch}}
        (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        await server.start()
        try:
            (server.root / "a.chat").write_text("{}")
            ana, bo = await ChatTab(server, "a.chat", "chat", "ana").open(), ChatTab(server, "a.chat", "chat", "bo")
            await until(lambda: "Connected chat" in server.log)
            await bo.open()
            await until(lambda: ana.saved)
            ana.say("hello")
            await until(lambda: [one["body"] for one in bo.messages] == ["hello"])
            # The extension's own object, on the live document in the server, gives a message its time.
            await until(lambda: not bo.messages[0]["raw_time"] and bo.messages[0]["time"] > 1.0)
            await until(lambda: "hello" in (server.root / "a.chat").read_text())
            assert "RTC provider: jupyter_server_ydoc" in server.log
        finally:
            assert await server.stop() == 0
        assert "Traceback" not in server.log

    asyncio.run(story())
