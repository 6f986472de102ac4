"""``POST api/kernels/<id>/execute`` in the three forms that frontends send, what they poll, and answers to ``input()``.

* JupyterLab's own: ``{"cell_id", "document_id"}``; with ``source_hash`` and ``options`` if a program likes to. *Run
  All* sends one for each cell, which may overtake each other: ``kernels.gathering`` puts them in order.
* jupyter-server-nbmodel's: ``{"code", "metadata": {"cell_id", "document_id", "document_path", …}}``; then it polls.
  Of the two names of the document the one that is right counts. Code of no document is kept in the asker's own room.
* jupyter-server-documents': ``{"document_id", "cells": [{"cell_id", "source_hash"}], …}``, a batch.

Each becomes the same runs. The answer is given as soon as they are queued: a browser has six connections to a server,
and must not spend them on waiting. Who may use kernels is asked of Jupyter's authorizer (``kernels``: ``execute``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, authenticated

from ..datastore.values import sound
from ..errors import DocumentError, ProtocolError, RtcError, RunError, RunStale
from ..ids import FileAddress, RoomId, file_address, parse_room, requests_room
from ..kernels.asked import MAY_NOT
from ..kernels.cells import NBMODEL
from ..kernels.inputs import NOT_GIVEN, Answered
from ..kernels.kernels import Asker, Kernels, Wanted
from ..kernels.run import Options, Run, options_in
from ..kernels.work import Work
from . import answers
from .chain import Chain

Method = TypeVar("Method", bound=Callable[..., Any])

RESOURCE = "kernels"
"""The resource of Jupyter's authorizer that runs belong to."""
_may_execute: Callable[[Method], Method] = authorized("execute", RESOURCE, MAY_NOT)
"""Answers 403, in the words that a refused record has, for who may not run code."""


class Files(Protocol):
    """Who knows files by their path."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""

    def path(self, room: RoomId) -> str | None:
        """Return where the file of an open room is."""


class _RunHandler(APIHandler):
    """What the handlers here have in common."""

    auth_resource = RESOURCE

    def initialize(self, kernels: Kernels, files: Files) -> None:
        """Take what the route gives."""
        self._kernels = kernels
        self._files = files

    def _path_of(self, run: Run) -> str | None:
        return self._files.path(run.room)

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
        super().initialize(kernels, files)
        self._chain = chain

    @authenticated
    @_may_execute
    def get(self, kernel_id: str) -> None:
        """Tell what the kernel runs and what waits for it."""
        works = self._kernels.going_on(kernel_id)
        requests = [answers.of_work(work, self._path_of(work.run)) for work in works]
        self.finish({"kernel_id": kernel_id, "requests": requests})

    @authenticated
    @_may_execute
    async def post(self, kernel_id: str) -> None:
        """Queue what the body names."""
        body, asker = self._body(), self._kernels.asks(self.current_user.username)
        try:
            if "cells" in body:
                await self._run_batch(kernel_id, body, asker)
            elif "code" in body:
                await self._run_code(kernel_id, body, asker)
            else:
                await self._run_cell(kernel_id, body, asker)
        except RtcError as error:
            self._refuse(error)

    async def _run_cell(self, kernel_id: str, body: Mapping[str, Any], asker: Asker) -> None:
        wanted = Wanted(_text(body, "cell_id"), expected_hash=_optional_text(body, "source_hash"))
        await self._run_one(kernel_id, _room(body), wanted, asker, options_in(body.get("options")))

    async def _run_code(self, kernel_id: str, body: Mapping[str, Any], asker: Asker) -> None:
        where = body.get("metadata") or {}
        if not isinstance(where, dict):
            raise RunError("``metadata`` must be a JSON object.")
        options = Options(record_timing=bool(where.get("record_timing")))
        run_id = str(uuid4())
        asked_at = {"requestId": run_id, "kernelId": kernel_id, "requestUrl": answers.address(kernel_id, run_id)}
        cell_id = _optional_text(where, "cell_id")
        wanted = Wanted(cell_id, _text(body, "code"), run_id=run_id, marks={NBMODEL: asked_at})
        rooms = await self._rooms_of(where)
        if not rooms:
            rooms, wanted = [requests_room(self.current_user.username)], replace(wanted, cell_id=None)
        likely, *others = rooms
        try:
            await self._run_one(kernel_id, likely, wanted, asker, options)
        except (DocumentError, RunError):
            if not others:
                raise
            await self._run_one(kernel_id, others[0], wanted, asker, options)

    async def _run_one(
        self, kernel_id: str, room: RoomId, wanted: Wanted, asker: Asker, options: Options | None
    ) -> None:
        made_at = _made_at(self.request.query)
        if made_at is None:
            (run,) = await self._kernels.run(kernel_id, room, [wanted], asker, options)
        else:
            run = await self._kernels.run_with_others(kernel_id, room, wanted, asker, options, made_at)
        self._accept(kernel_id, run)

    async def _run_batch(self, kernel_id: str, body: Mapping[str, Any], asker: Asker) -> None:
        cells = body["cells"]
        if not isinstance(cells, list) or not cells or not all(isinstance(one, dict) for one in cells):
            raise RunError("``cells`` must be a list of {cell_id, source_hash}, and not empty.")
        wanted = [Wanted(_text(one, "cell_id"), expected_hash=_optional_text(one, "source_hash")) for one in cells]
        room = _room(body)
        async with self._chain.turn(_optional_text(body, "request_id"), _optional_text(body, "previous_request_id")):
            await self._kernels.run(kernel_id, room, wanted, asker)
        self.finish("null")

    def _accept(self, kernel_id: str, run: Run) -> None:
        self.set_status(202)
        self.set_header("Location", answers.address(kernel_id, run.id))
        self.finish(answers.of_run(run, self._path_of(run)))

    async def _rooms_of(self, where: Mapping[str, Any]) -> list[RoomId]:
        """Return the rooms that may be meant, the likeliest first."""
        rooms = [_room(where)] if where.get("document_id") else []
        if where.get("document_path"):
            file_id, _ = await self._files.index(_text(where, "document_path"))
            rooms.append(FileAddress("json", "notebook", file_id).room)
        return rooms


class RequestHandler(_RunHandler):
    """Tells how a run stands, to those who poll."""

    @authenticated
    @_may_execute
    async def get(self, kernel_id: str, run_id: str) -> None:
        """Answer 202 while it goes on, 300 while it waits for input, 200 with its outputs when it has ended."""
        work = self._work(kernel_id, run_id)
        kernel = self._kernels.kernel(kernel_id)
        questions = [one for one in kernel.inputs.questions if one.work is work] if kernel else []
        if questions:
            self.set_status(300)
            self.finish(answers.of_question(questions[0]))
        else:
            self.set_status(200 if work.run.status.ended else 202)
            self.finish(answers.of_work(work, self._path_of(work.run)))

    @authenticated
    @_may_execute
    async def delete(self, kernel_id: str, run_id: str) -> None:
        """Give up a run: one that waits never runs, what runs is interrupted."""
        work = self._work(kernel_id, run_id)
        if not self._kernels.cancel(work.run.id):
            await ensure_async(self.settings["kernel_manager"].interrupt_kernel(kernel_id))
        self.set_status(204)
        self.finish()

    def _work(self, kernel_id: str, run_id: str) -> Work:
        work = self._kernels.find(run_id)
        if work is None or work.run.kernel_id != kernel_id:
            raise HTTPError(404, "No such request is known here any more.")
        return work


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
    @_may_execute
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
        status, words = ANSWERS[answered]
        self.set_status(status)
        self.finish({"message": words})


def _made_at(query: str) -> float | None:
    """Return when JupyterLab made a request: so that no cache answers, it puts the time into the address."""
    last = query.rpartition("&")[2]
    return float(last) if last.isascii() and last.isdigit() and len(last) < 16 else None


TOO_LATE = "Somebody else has answered already, or the code does not wait any more."
NOTHING_ASKED = "Nothing asks for input here now; perhaps somebody else has answered already."
ANSWERS = {
    Answered.TAKEN: (201, "The answer was given to the kernel."),
    Answered.TOO_LATE: (409, TOO_LATE),
    Answered.UNKNOWN: (404, NOTHING_ASKED),
    Answered.NOT_GIVEN: (424, NOT_GIVEN),
}
"""What becomes of an answer to ``input()``, as a status and in words."""


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
