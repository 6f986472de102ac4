"""Who may edit and not run code: each way to ask for a run is answered in words, and nothing runs."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from .plugins.people import SWITCH
from .rig import TOKEN, running, until
from .runs import Runner

PLUGINS = os.pathsep.join([str(Path(__file__).with_name("plugins")), os.environ.get("PYTHONPATH", "")])
SYNC_STEP_1 = b"\x00\x00"
WORDS = "You may not run code on this server."


class Editor(Runner):
    """A person who may do everything but use kernels."""

    token = "no-kernels"

    @property
    def address(self):
        return super().address.replace(TOKEN, self.token)

    async def request(self, method, path, body=None):
        text = json.dumps(body) if body is not None else None
        headers = {"Authorization": f"token {self.token}"}
        asked = HTTPRequest(self.server.url(path), method=method, headers=headers, body=text)
        return await AsyncHTTPClient().fetch(asked, raise_error=False)


def bodies(tab):
    cell = {"cell_id": tab.cell(0)["id"]}
    document = {"document_id": tab.document_id}
    return {
        "JupyterLab": {**document, **cell},
        "jupyter-server-nbmodel": {"code": "1", "metadata": {**document, **cell}},
        "jupyter-server-documents": {**document, "cells": [cell], "request_id": "r"},
    }


def test_each_way_to_ask_is_answered_in_words_and_nothing_runs(tmp_path):
    async def story():
        async with running(tmp_path, *SWITCH, PYTHONPATH=PLUGINS) as server:
            ana = await Runner.open_new(server, "print('ran')")
            bo = await Editor(server, ana.path, "notebook", "bo").open()
            answers = {}
            for whose, body in bodies(bo).items():
                answers[whose] = await bo.request("POST", f"api/kernels/{ana.kernel}/execute", body)
            answers["input"] = await bo.request("POST", f"api/kernels/{ana.kernel}/input", {"input": "x"})
            answers["list"] = await bo.request("GET", f"api/kernels/{ana.kernel}/execute")
            told = {what: (answer.code, json.loads(answer.body)["message"]) for what, answer in answers.items()}
            assert told == dict.fromkeys(answers, (403, WORDS))

            written = bo.ask_by_record(0)
            await until(lambda: ana.records.get(written, {}).get("status") == "error")
            assert ana.records[written]["failure"] == {"ename": "NotAllowed", "evalue": WORDS, "traceback": []}
            assert list(ana.records) == [written] and ana.outputs(0) == []
            assert ana.cell(0).get("execution_state", "idle") == "idle"
            assert json.loads((await ana.request("GET", f"api/kernels/{ana.kernel}/execute")).body)["requests"] == []
            await ana.run(0)
            await ana.ran(0)
            assert (bo.text(0), bo.status(0)) == ("ran\n", "ok")

    asyncio.run(story())


class Quick(Editor):
    """One who types as soon as the server asks what there is that it does not have, and answers then."""

    types = ""

    async def _read(self, socket):
        while (message := await socket.read_message()) is not None:
            if self.types and message[:2] == SYNC_STEP_1:
                text, self.types = self.types, ""
                self.type_in_cell(0, text)
            self.peer.receive(message)


def test_what_they_type_while_somebody_s_run_waits_is_not_run_in_their_name(tmp_path):
    async def story():
        async with running(tmp_path, *SWITCH, PYTHONPATH=PLUGINS) as server:
            ana = await Runner.open_new(server, "print('hers')")
            await ana.run(0)
            await ana.ran(0)
            bo = await Quick(server, ana.path, "notebook", "bo").open()
            ana.hang_up()
            bo.types = "print('his');"
            answer = await ana.run(0)
            assert bo.types == "" and bo.sources[0] == "print('his');print('hers')"
            await until(lambda: bo.records.get(answer["request_id"], {}).get("status") == "ok")
            assert bo.records[answer["request_id"]]["code"] == "print('hers')" and bo.text(0) == "hers\n"

    asyncio.run(story())
