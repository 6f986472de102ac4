"""The comms of one kernel: which are open, and the state of the widgets behind them. Pure.

Who comes late can be told of all of it. An *output widget* takes what is printed while it is active: its outputs are
kept here and go back to the kernel as the widget's state, since nobody else does that for runs on the server. Of each
widget one such update is on its way: the state has all of them each time, and a kernel that works reads none.
(Jupyter message spec, "Custom Messages"; the ipywidgets messaging protocol, version 2.)
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from ..datastore.outputs import CellOutputs
from .message import Message

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Comm:
    """One open comm."""

    target: str
    module: str
    data: dict[str, Any] = field(default_factory=dict)
    """What it was opened with, other than a widget's state."""
    state: dict[str, Any] = field(default_factory=dict)
    buffers: dict[Path, bytes] = field(default_factory=dict)
    """Binary parts of the state, by where they belong."""
    outputs: CellOutputs | None = None
    """Of an output widget: what it has taken."""

    def update(self, data: dict[str, Any], buffers: tuple[bytes, ...]) -> dict[str, Any]:
        """Take new state; return it."""
        news = data.get("state")
        news = news if isinstance(news, dict) else {}
        self.state.update(news)
        for path in [path for path in self.buffers if path and path[0] in news]:
            del self.buffers[path]
        paths = data.get("buffer_paths") or []
        for path, buffer in zip(paths, buffers, strict=False):
            self.buffers[tuple(path)] = buffer
        return news


class Comms:
    """The comms of one kernel."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[str, Comm] = {}
        self._taking: list[tuple[str, str]] = []
        """Who takes the outputs of which request; the last one first."""
        self._changed: set[str] = set()
        self._sent: dict[str, str] = {}
        """By message, whose update is on its way."""

    def clear(self) -> None:
        """Forget everything: the kernel began anew."""
        self._sent.clear()
        self._open.clear()
        self._taking.clear()
        self._changed.clear()

    def __contains__(self, comm_id: object) -> bool:
        """Whether a comm with this id is open."""
        return comm_id in self._open

    def hear(self, message: Message) -> None:
        """Take a message about a comm."""
        content = message.content
        comm_id, data = str(content.get("comm_id", "")), content.get("data")
        data = data if isinstance(data, dict) else {}
        if message.type == "comm_open":
            comm = Comm(str(content.get("target_name", "")), str(content.get("target_module") or ""))
            comm.data = {key: value for key, value in data.items() if key not in ("state", "buffer_paths")}
            self._open[comm_id] = comm
            self._note(comm_id, comm, comm.update(data, message.buffers))
        elif message.type == "comm_close":
            self._open.pop(comm_id, None)
            self._taking = [pair for pair in self._taking if pair[0] != comm_id]
        elif comm_id in self._open and data.get("method") in ("update", "echo_update"):
            comm = self._open[comm_id]
            self._note(comm_id, comm, comm.update(data, message.buffers))

    def take_output(self, message: Message) -> bool:
        """Let a widget take an output; return whether one does."""
        comm_id = next((who for who, request in reversed(self._taking) if request == message.parent_id), None)
        if comm_id is None:
            return False
        comm = self._open[comm_id]
        comm.outputs = comm.outputs or CellOutputs()
        comm.outputs.hear(message.type, message.content)
        self._changed.add(comm_id)
        return True

    def take_changed(self, *, at_once: bool = False) -> list[tuple[str, list[dict[str, Any]]]]:
        """Return the widgets whose outputs have changed since the last call, and all their outputs.

        Those of which an update is on its way come later, unless it is to be ``at_once``: the next code that runs may
        look at them.
        """
        found = []
        waiting = set() if at_once else self._changed.intersection(self._sent.values())
        for comm_id in sorted((self._changed - waiting) & self._open.keys()):
            comm = self._open[comm_id]
            if comm.outputs is not None:
                comm.state["outputs"] = comm.outputs.as_nbformat()
                found.append((comm_id, comm.state["outputs"]))
        self._changed = waiting
        return found

    def sent(self, comm_id: str, message_id: str) -> None:
        """Note that the kernel is told of a widget's outputs in this message."""
        self._sent[message_id] = comm_id

    def heard(self, message_id: str) -> None:
        """Note that the kernel is done with this message."""
        self._sent.pop(message_id, None)

    def may_have_lost(self) -> None:
        """Note that what is on its way may not arrive: it is to be sent again."""
        self._changed.update(self._sent.values())
        self._sent.clear()

    def as_json(self) -> dict[str, Any]:
        """Return all of it, for who comes late; buffers in base 64."""
        for comm in self._open.values():
            if comm.outputs is not None:
                comm.state["outputs"] = comm.outputs.as_nbformat()
        return {
            comm_id: {
                "target_name": comm.target,
                "target_module": comm.module or None,
                "data": comm.data,
                "state": comm.state,
                "buffers": [
                    {"path": list(path), "encoding": "base64", "data": b64encode(buffer).decode("ascii")}
                    for path, buffer in comm.buffers.items()
                ],
            }
            for comm_id, comm in self._open.items()
        }

    def _note(self, comm_id: str, comm: Comm, news: dict[str, Any]) -> None:
        """Note which request's outputs an output widget takes from now on."""
        if comm.state.get("_model_name") != "OutputModel" or "msg_id" not in news:
            return
        self._taking = [pair for pair in self._taking if pair[0] != comm_id]
        if news["msg_id"]:
            self._taking.append((comm_id, str(news["msg_id"])))
