"""The outputs of one run of a cell, from the kernel's messages, as nbformat has them. Pure.

* Text of one stream that comes in a row is one output, as a terminal shows it. What comes of another stream, or any
  other output, ends it.
* ``clear_output`` that waits clears just before the next output. A display that has an id is changed wherever it is
  shown; the id itself is not part of the output.
* What is heard is gathered: ``take`` returns what has changed since it was called last, in as few changes as it
  needs. Texts only change at the end of the last output.
* What is too large is kept beside the document, and something small stands for it (``left_out``).

Values are as a shared document keeps them. What a kernel says in the wrong form is taken as well as it can be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .display_output import DisplayOutput
from .further_outputs import FurtherOutputs
from .left_out import Aside, Limit
from .stream_output import StreamOutput
from .values import joined, kept, sound

MOVED = 2**14
"""How large what follows a display may be to be moved when the display changes."""
_ROUND = 128
"""What an output counts besides its content."""
_DISPLAYS = frozenset({"display_data", "execute_result", "update_display_data"})
_OUTPUTS = frozenset({"stream", "display_data", "execute_result", "error"})


@dataclass(frozen=True, slots=True)
class ClearOutputs:
    """All outputs go."""


@dataclass(frozen=True, slots=True)
class AppendOutput:
    """An output is put behind the others."""

    index: int
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AppendText:
    """The text of the last output, a stream, changes at its end."""

    index: int
    size: int
    """How many bytes of UTF-8 the text had before."""
    dropped: str
    """What goes at its end."""
    text: str


@dataclass(frozen=True, slots=True)
class ReplaceOutput:
    """Another output takes the place of one."""

    index: int
    output: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EditOutput:
    """As ``ReplaceOutput``, but so much follows that the output is better changed where it is."""

    index: int
    output: dict[str, Any]


Change = ClearOutputs | AppendOutput | AppendText | ReplaceOutput | EditOutput


class CellOutputs:
    """The outputs of one run."""

    def __init__(
        self,
        *,
        max_stream_bytes: int | None = None,
        max_output_bytes: int | None = None,
        max_cell_bytes: int | None = None,
        aside: Aside | None = None,
    ) -> None:
        """Begin without any; None is no limit, and without anyone to keep what is too large nothing is."""
        self._max_stream = max_stream_bytes
        self._max_output = max_output_bytes
        self._max_cell = max_cell_bytes
        self._aside = aside
        self._outputs: list[StreamOutput | DisplayOutput | FurtherOutputs] = []
        self._ids: dict[str, list[int]] = {}
        self._clear_next = False
        self._size = 0  # of all outputs but the last
        self._keys = 0
        # What whoever takes has not been told yet:
        self._cleared = False
        self._known = 0  # so many outputs are known
        self._changed: set[int] = set()
        self._edited = False

    def __len__(self) -> int:
        """Return how many outputs there are."""
        return len(self._outputs)

    @property
    def size(self) -> int:
        """How much of them is shared, in bytes, about; each counts something by itself."""
        return sum(_ROUND + output.size for output in self._outputs)

    def hear(self, kind: str, content: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        """Take a message of the kernel's, whose own metadata say nothing of outputs; others change nothing."""
        display_id = _fields(content.get("transient")).get("display_id")
        if kind in _DISPLAYS and isinstance(display_id, str):
            self.update(display_id, content)
        if kind == "clear_output":
            self._clear_next = True
        if kind in _OUTPUTS or (kind == "clear_output" and not content.get("wait")):
            self._clear_if_due()
        if kind == "stream":
            self._hear_stream(str(content.get("name", "stdout")), sound(joined(content.get("text", ""))))
        elif kind in _OUTPUTS:
            self._append(_output(kind, content), display_id)

    def holds(self, display_id: str) -> bool:
        """Whether a display with this id is shown."""
        further = self._further()
        return bool(self._ids.get(display_id)) or (further is not None and further.outputs.holds(display_id))

    def update(self, display_id: str, content: dict[str, Any]) -> None:
        """Change the displays with this id."""
        for index in self._ids.get(display_id, ()):
            display = self._outputs[index]
            if isinstance(display, DisplayOutput):
                display.change(_bundle(content))
                self._changed.add(index)
        if further := self._further():
            further.outputs.update(display_id, content)

    def shed(self, leaving: int) -> list[dict[str, Any]]:
        """Give all outputs away but so many at the end; nobody has taken any."""
        count = max(0, len(self) - leaving)
        gone = self.as_nbformat()[:count]
        del self._outputs[:count]
        self._ids = {name: [index - count for index in at if index >= count] for name, at in self._ids.items()}
        self._changed = {index - count for index in self._changed if index >= count}
        return gone

    def rewrite(self) -> None:
        """Let the next changes be all of it anew."""
        self._refresh()
        self._cleared, self._known, self._changed = True, 0, set()
        self._edited = False

    def replaced(self) -> None:
        """Note that nobody sees them any more: the cell shows those of another run."""
        if self._aside is not None:
            self._aside.replaced()

    def finish(self) -> None:
        """Note that no more is expected for now: what was only changed where it is comes anew, for all to see."""
        last = self._last()
        if isinstance(last, StreamOutput | FurtherOutputs):
            last.finish()
        self._refresh()
        if self._edited or any(index < self._known and not self._little_follows(index) for index in self._changed):
            self.rewrite()

    def take(self) -> list[Change]:
        """Return what has changed since the last time."""
        self._refresh()
        changes: list[Change] = [ClearOutputs()] if self._cleared else []
        changes += [self._change(index) for index in sorted(self._changed) if index < self._known]
        changes += self._text_change()
        for index in range(self._known, len(self)):
            output = self._outputs[index]
            changes.append(AppendOutput(index, output.as_nbformat()))
            if isinstance(output, StreamOutput):
                output.text.take()
        self._cleared, self._known, self._changed = False, len(self._outputs), set()
        return changes

    def as_nbformat(self) -> list[dict[str, Any]]:
        """Return the outputs as they are shared."""
        self._refresh()
        return [output.as_nbformat() for output in self._outputs]

    def complete(self, fetch: Callable[[str], str]) -> list[dict[str, Any]]:
        """Return all of the outputs; ``fetch`` gives what is kept beside the document under a reference."""
        self._refresh()
        return [whole for output in self._outputs for whole in output.complete(fetch)]

    def _hear_stream(self, name: str, text: str) -> None:
        last = self._last()
        if not text:
            return
        if isinstance(last, StreamOutput) and last.continues(name):
            last.write(text)
        elif further := self._room():
            further.outputs.hear("stream", {"name": name, "text": text})
        else:
            stream = StreamOutput(name, self._limit(self._max_stream))
            stream.write(text)
            self._outputs.append(stream)

    def _append(self, output: dict[str, Any], display_id: Any) -> None:
        if further := self._room():
            further.outputs.hear(output["output_type"], {**output, "transient": {"display_id": display_id}})
            return
        if isinstance(display_id, str):
            self._ids.setdefault(display_id, []).append(len(self))
        self._changed.add(len(self))
        self._outputs.append(DisplayOutput(output, self._limit(self._max_output)))

    def _room(self) -> FurtherOutputs | None:
        """Make room for another output; return where it belongs if there is none."""
        last = self._last()
        if last is None or isinstance(last, FurtherOutputs):
            return last
        if isinstance(last, StreamOutput):
            last.finish()
        last.refresh()
        self._size += _ROUND + last.size
        limit = self._limit(self._max_cell)
        if limit is None or self._size <= limit.size:
            return None
        further = FurtherOutputs(CellOutputs(), limit)
        self._outputs.append(further)
        return further

    def _limit(self, size: int | None) -> Limit | None:
        if size is None or self._aside is None:
            return None
        self._keys += 1
        return Limit(size, self._aside, self._keys)

    def _last(self) -> StreamOutput | DisplayOutput | FurtherOutputs | None:
        return self._outputs[-1] if self._outputs else None

    def _further(self) -> FurtherOutputs | None:
        last = self._last()
        return last if isinstance(last, FurtherOutputs) else None

    def _clear_if_due(self) -> None:
        if not self._clear_next:
            return
        self._clear_next = False
        for output in self._outputs:
            output.release()
        self._cleared = self._cleared or self._known > 0
        self._outputs, self._ids, self._known, self._changed = [], {}, 0, set()
        self._edited, self._size = False, 0

    def _refresh(self) -> None:
        """Bring what is shared up to date."""
        for index in self._changed:
            self._outputs[index].refresh()
        last = self._last()
        if last is not None:
            last.refresh()
        if isinstance(last, FurtherOutputs) and last.changed:
            last.changed = False
            self._changed.add(len(self) - 1)

    def _text_change(self) -> list[Change]:
        """Return how the text of the last output that is known has changed, if it has."""
        last = self._outputs[self._known - 1] if self._known else None
        if not isinstance(last, StreamOutput):
            return []
        size, dropped, text = last.text.take()
        return [AppendText(self._known - 1, size, dropped, text)] if dropped or text else []

    def _change(self, index: int) -> Change:
        output = self._outputs[index].as_nbformat()
        if self._little_follows(index):
            return ReplaceOutput(index, output)
        self._edited = True
        return EditOutput(index, output)

    def _little_follows(self, index: int) -> bool:
        size = 0
        for output in islice(self._outputs, index + 1, None):
            size += _ROUND + output.size
            if size > MOVED:
                return False
        return True


def _output(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    if kind == "error":
        return _error(content)
    output = {"output_type": kind, **_bundle(content)}
    if kind == "execute_result":
        output["execution_count"] = kept(content.get("execution_count"))
    return output


def _error(content: dict[str, Any]) -> dict[str, Any]:
    traceback = content.get("traceback")
    lines = traceback if isinstance(traceback, list) else []
    named = {name: sound(str(content.get(name, ""))) for name in ("ename", "evalue")}
    return {"output_type": "error", **named, "traceback": [sound(str(line)) for line in lines]}


def _bundle(content: dict[str, Any]) -> dict[str, Any]:
    return {name: kept(_fields(content.get(name))) for name in ("data", "metadata")}


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
