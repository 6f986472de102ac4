"""``POST api/kernels/<id>/execute`` in the three forms that frontends send, what they poll, and answers to ``input()``.

* JupyterLab's own: ``{"cell_id", "document_id"}``; with ``source_hash`` and ``options`` if a program likes to. *Run
  All* sends one for each cell, which may overtake each other: ``kernels.gathering`` puts them in order.
* jupyter-server-nbmodel's: ``{"code", "metadata": {"cell_id", "document_id", …}}``; then it polls.
* jupyter-server-documents': ``{"document_id", "cells": [{"cell_id", "source_hash"}], …}``, a batch.

Each becomes the same runs. The answer is given as soon as they are queued: a browser has six connections to a server,
and must not spend them on waiting. Who may use kernels is asked of Jupyter's authorizer (``kernels``: ``execute``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, authenticated

from ..datastore.values import sound
from ..errors import ProtocolError, RtcError, RunError, RunStale
from ..ids import FileAddress, RoomId, file_address, parse_room
from ..kernels.inputs import Answered
from ..kernels.kernels import Asker, Kernels, Wanted
from ..kernels.run import Options, Run, options_in
from .chain import Chain

RESOURCE = "kernels"
"""The resource of Jupyter's authorizer that runs belong to."""


class Files(Protocol):
    """Who knows files by their path."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""


class _RunHandler(APIHandler):
    """What the handlers here have in common."""

    auth_resource = RESOURCE

    def initialize(self, kernels: Kernels) -> None:
        """Take what the route gives."""
        self._kernels = kernels

    def _asker(self) -> Asker:
        return Asker(self.current_user.username)

    def _body(self) -> Mapping[str, Any]:
        body = self.get_json_body()
        if not isinstance(body, dict):
            raise HTTPError(400, "The request's body must be a JSON object.")
        return body

    def _refuse(self, error: RtcError) -> None:
        self.set_status(error.status)
        answer = {"message": error.words, "error": error.code}
        if isinstance(error, RunStale):
            answer |= {"cell_id": error.cell_id, "source": error.source}
        self.finish(json.dumps(answer))


class ExecuteHandler(_RunHandler):
    """Asks for runs."""

    def initialize(self, kernels: Kernels, files: Files, chain: Chain) -> None:  # type: ignore[override]
        """Take what the route gives."""
        super().initialize(kernels)
        self._files = files
        self._chain = chain

    @authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str) -> None:
        """Queue what the body names."""
        body = self._body()
        try:
            if "cells" in body:
                await self._run_batch(kernel_id, body)
            elif "code" in body:
                await self._run_code(kernel_id, body)
            else:
                await self._run_cell(kernel_id, body)
        except RtcError as error:
            self._refuse(error)

    async def _run_cell(self, kernel_id: str, body: Mapping[str, Any]) -> None:
        wanted = Wanted(_text(body, "cell_id"), expected_hash=_optional_text(body, "source_hash"))
        await self._run_one(kernel_id, _room(body), wanted, options_in(body.get("options")))

    async def _run_code(self, kernel_id: str, body: Mapping[str, Any]) -> None:
        where = body.get("metadata") or {}
        if not isinstance(where, dict):
            raise RunError("``metadata`` must be a JSON object.")
        options = Options(record_timing=bool(where.get("record_timing")))
        wanted = Wanted(_optional_text(where, "cell_id"), _text(body, "code"))
        await self._run_one(kernel_id, await self._room_of(where), wanted, options)

    async def _run_one(self, kernel_id: str, room: RoomId, wanted: Wanted, options: Options | None) -> None:
        made_at = _made_at(self.request.query)
        if made_at is None:
            (run,) = await self._kernels.run(kernel_id, room, [wanted], self._asker(), options)
        else:
            run = await self._kernels.run_with_others(kernel_id, room, wanted, self._asker(), options, made_at)
        self._accept(kernel_id, run)

    async def _run_batch(self, kernel_id: str, body: Mapping[str, Any]) -> None:
        cells = body["cells"]
        if not isinstance(cells, list) or not cells or not all(isinstance(one, dict) for one in cells):
            raise RunError("``cells`` must be a list of {cell_id, source_hash}, and not empty.")
        wanted = [Wanted(_text(one, "cell_id"), expected_hash=_optional_text(one, "source_hash")) for one in cells]
        room = _room(body)
        async with self._chain.turn(_optional_text(body, "request_id"), _optional_text(body, "previous_request_id")):
            await self._kernels.run(kernel_id, room, wanted, self._asker())
        self.finish("null")

    def _accept(self, kernel_id: str, run: Run) -> None:
        address = url_path_join(self.base_url, "api/kernels", kernel_id, "requests", run.id)
        self.set_status(202)
        self.set_header("Location", address)
        self.finish(
            {
                "request_id": run.id,
                "request_url": address,
                "request_status": run.status.value,
                "kernel_id": kernel_id,
                "cell_id": run.cell_id,
                "pending": True,
                "outputs": "[]",
            }
        )

    async def _room_of(self, where: Mapping[str, Any]) -> RoomId:
        if where.get("document_id"):
            return _room(where)
        file_id, _ = await self._files.index(_text(where, "document_path"))
        return FileAddress("json", "notebook", file_id).room


class RequestHandler(_RunHandler):
    """Tells how a run stands, to those who poll."""

    @authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str, run_id: str) -> None:
        """Answer 202 while it goes on, 300 while it waits for input, 200 with its outputs when it has ended."""
        work = self._kernels.find(run_id)
        if work is None or work.run.kernel_id != kernel_id:
            raise HTTPError(404, "No such request is known here any more.")
        run, outputs = work.run, json.dumps(work.outputs.as_nbformat())
        kernel = self._kernels.kernel(kernel_id)
        questions = [one for one in kernel.inputs.questions if one.work is work] if kernel else []
        if questions:
            asked = {"prompt": questions[0].prompt, "password": questions[0].password}
            self.set_status(300)
            self.finish({"parent_header": questions[0].header, "input_request": asked, "input_id": questions[0].id})
        elif not run.status.ended:
            self.set_status(202)
            self.finish(
                {
                    "request_id": run.id,
                    "request_status": run.status.value,
                    "cell_id": run.cell_id,
                    "pending": True,
                    "outputs": outputs,
                }
            )
        else:
            status = "ok" if run.failure is None else run.status.value
            answer = {"status": status, "execution_count": run.execution_count, "outputs": outputs}
            if run.failure is not None:
                answer |= {"ename": run.failure.ename, "evalue": run.failure.evalue}
            self.finish(answer)


class CommsHandler(_RunHandler):
    """Tells which comms of a kernel are open, and the state of its widgets, to who comes late."""

    @authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, kernel_id: str) -> None:
        """Answer with all of them, by their id."""
        kernel = self._kernels.kernel(kernel_id)
        if kernel is None:
            raise HTTPError(404, "No document has run anything on this kernel.")
        self.finish({"comms": kernel.comms.as_json()})


class InputHandler(_RunHandler):
    """Takes answers to ``input()``."""

    @authenticated
    @authorized(action="execute", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def post(self, kernel_id: str) -> None:
        """Answer what the kernel's running code asks: ``{"input": text, "input_id": which, if it matters}``."""
        body = self._body()
        value = body.get("input")
        if not isinstance(value, str):
            raise HTTPError(400, "``input`` must be the text to be given to the code.")
        asked = body.get("input_id")
        if asked is not None and not isinstance(asked, str):
            raise HTTPError(400, "``input_id`` must be the id of a question.")
        answered = self._kernels.answer(kernel_id, asked, value, self.current_user.username)
        if answered is not Answered.TAKEN:
            self.set_status(409 if answered is Answered.TOO_LATE else 404)
            self.finish({"message": TOO_LATE if answered is Answered.TOO_LATE else NOTHING_ASKED})
            return
        self.set_status(201)
        self.finish({"message": "The answer was given to the kernel."})


def _made_at(query: str) -> float | None:
    """Return when JupyterLab made a request: so that no cache answers, it puts the time into the address."""
    last = query.rpartition("&")[2]
    return float(last) if last.isascii() and last.isdigit() and len(last) < 16 else None


TOO_LATE = "Somebody else has answered already, or the code does not wait any more."
NOTHING_ASKED = "Nothing asks for input here now; perhaps somebody else has answered already."


def _room(body: Mapping[str, Any]) -> RoomId:
    """Return the notebook's room; raises RunError."""
    try:
        room = parse_room(_text(body, "document_id"))
    except ProtocolError as error:
        raise RunError(error.words) from error
    address = file_address(room)
    if address is None or address.type != "notebook":
        raise RunError("``document_id`` must name a notebook: json:notebook:<file id>.")
    return room


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or (not value and name != "code"):
        raise RunError(f"``{name}`` is missing, or is not a text.")
    return sound(value)


def _optional_text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise RunError(f"``{name}`` is not a text.")
    return sound(value) if value else None
