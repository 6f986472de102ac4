"""What running code asks its users: ``input()`` and ``getpass()``, as shared state that anyone permitted can answer.

* Exactly one answer wins; who comes later is told so. The end of the run, or an interrupt, takes the question back. An
  answer that cannot be given to the kernel leaves it open, and says so.
* A password's text goes to the kernel and nowhere else.
* A kernel that asks waits as a whole. So what a task or thread asks whose cell has ended is asked in the cell that runs
  now; if none does, in the next one, which cannot begin before that is answered, and takes no interrupt.
* The cell itself says that it waits and where to answer, since JupyterLab shows no box for runs on the server.
"""

from __future__ import annotations

import html
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

from ..datastore.values import sound
from . import records
from .message import Message
from .wire import Wire
from .work import Work

_log = logging.getLogger(__name__)

HIDDEN = "········"
LONGEST = 10_000
"""How many characters of a prompt are shown."""
REMEMBERED = 1000
"""Of how many questions it is known that they were asked once."""


class Answered(Enum):
    """What became of an answer."""

    TAKEN = "taken"
    TOO_LATE = "too late"
    """Somebody else was quicker, or the code does not wait any more."""
    UNKNOWN = "unknown"
    NOT_GIVEN = "not given"
    """The kernel cannot be reached now; it still waits, and may be answered again."""


NOT_GIVEN = "The kernel cannot be reached just now, so your answer was not given. Answer again, or restart it."


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    id: str
    work: Work
    prompt: str
    password: bool
    header: dict[str, Any]
    """The header of the kernel's ``input_request``."""
    wire: Wire
    is_earlier: bool = False
    """Whether it was asked before the kernel was given the run."""


class Inputs:
    """The questions of one kernel."""

    def __init__(self, wall: Callable[[], float], write_soon: Callable[[Work], None], base_url: str = "/") -> None:
        """Begin with none; ``base_url`` is where the server's addresses begin, with a slash at its end."""
        self._base_url = base_url
        self._wall = wall
        self._write_soon = write_soon
        self._open: dict[str, Question] = {}
        self._closed: dict[str, None] = {}
        self._current: Work | None = None
        """The run that was begun last."""
        self._unasked: deque[tuple[Wire, Message]] = deque(maxlen=REMEMBERED)
        """What was asked while nothing ran."""
        self.wire: Wire | None = None
        """The way to the kernel that runs now."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked now."""
        return tuple(self._open.values())

    @contextmanager
    def asking(self, work: Work, wire: Wire) -> Iterator[None]:
        """Let the kernel ask in this run, also what it asked while nothing ran; at the end all is taken back."""
        self.wire, self._current = wire, work
        try:
            while self._unasked:
                asked_on, message = self._unasked.popleft()
                if asked_on is wire:
                    self._ask_in(work, message, wire, is_earlier=True)
            yield
        finally:
            for question in [one for one in self._open.values() if one.work is work and one.is_earlier]:
                self._take_back(question)
            self.cancel(work)

    def ask(self, work: Work, message: Message) -> None:
        """Take the kernel's question; ``work`` is the run whose code asks, or had left behind what asks."""
        if self.wire is None:
            return
        asks_in = next((one for one in (work, self._current) if one is not None and _goes_on(one)), None)
        if asks_in is not None:
            self._ask_in(asks_in, message, self.wire)
        else:
            self._unasked.append((self.wire, message))
            _log.warning("What a cell in %s left behind asks for input; the next one to run shows it", work.run.room)

    def _ask_in(self, work: Work, message: Message, wire: Wire, *, is_earlier: bool = False) -> None:
        prompt = sound(str(message.content.get("prompt", "")))[:LONGEST]
        password = bool(message.content.get("password"))
        question = Question(uuid4().hex, work, prompt, password, message.header, wire, is_earlier)
        with work.editing() as doc:
            records.write_input(
                doc,
                question.id,
                run=work.run.id,
                cell_id=work.run.cell_id,
                kernel_id=work.run.kernel_id,
                prompt=prompt,
                password=password,
                status="waiting",
                asked_at=self._wall(),
            )
        self._open[question.id] = question
        self._show(question, _waiting(question, self._base_url))

    def answer(self, question_id: str, value: str, username: str) -> Answered:
        """Give the kernel this answer, if nobody has given one."""
        question = self._open.get(question_id)
        if question is None:
            return Answered.TOO_LATE if question_id in self._closed else Answered.UNKNOWN
        value = sound(value)
        if not question.wire.answer(value, question.header):
            return Answered.NOT_GIVEN
        del self._open[question_id]
        self._close(question, "answered", username)
        shown = HIDDEN if question.password else value
        self._show(question, {"text/plain": f"{question.prompt}{shown}"})
        return Answered.TAKEN

    def cancel(self, work: Work) -> None:
        """Take back what this run asks; no interrupt reaches what was asked before it, and waits for its answer."""
        for question in [one for one in self._open.values() if one.work is work and not one.is_earlier]:
            self._take_back(question)

    def _take_back(self, question: Question) -> None:
        del self._open[question.id]
        self._close(question, "cancelled", None)
        self._show(question, {"text/plain": question.prompt})

    def _close(self, question: Question, status: str, username: str | None) -> None:
        self._closed[question.id] = None
        while len(self._closed) > REMEMBERED:
            del self._closed[next(iter(self._closed))]
        with question.work.editing() as doc:
            records.write_input(doc, question.id, status=status, user=username, answered_at=self._wall())

    def _show(self, question: Question, shown: dict[str, str]) -> None:
        """Let the cell show it; who runs code of no cell reads the record, or is answered when they ask."""
        if question.work.run.cell_id is None:
            return
        kind = "update_display_data" if question.work.shows_display(question.id) else "display_data"
        question.work.hear_output(kind, {"data": shown, "metadata": {}, "transient": {"display_id": question.id}})
        self._write_soon(question.work)


def _goes_on(work: Work) -> bool:
    """Whether the kernel has not answered yet."""
    return not (work.run.status.ended or work.progress.replied or work.progress.cut)


def _waiting(question: Question, base_url: str) -> dict[str, str]:
    """Return what the cell shows while it waits.

    The link begins with a slash: whoever looks reaches the server by an address of their own, and JupyterLab takes
    other relative links for files.
    """
    run = question.work.run
    address = f"{base_url}rtc/input/{run.kernel_id}/{question.id}"
    what = "a password" if question.password else "input"
    plain = f"{question.prompt}\n[waiting for {what}: answer at {address}]"
    link = f'<a href="{html.escape(address)}" target="_blank" rel="noopener">answer here</a>'
    return {
        "text/plain": plain,
        "text/html": f"<pre>{html.escape(question.prompt)}</pre><p>This cell waits for {what}: {link}.</p>",
    }
