"""Runs at work and messages of a kernel, without a kernel."""

from __future__ import annotations

from jupyter_rtc.datastore.outputs import CellOutputs
from jupyter_rtc.kernels.message import Message
from jupyter_rtc.kernels.run import Run
from jupyter_rtc.kernels.work import Work


def message(kind, channel="iopub", parent="request", header=None, metadata=None, **content):
    return Message(channel, kind, header or {}, {"msg_id": parent}, metadata or {}, content)


def printed(text, parent="request"):
    return message("stream", parent=parent, name="stdout", text=text)


def shown(text, display_id, kind="display_data", parent="request"):
    content = {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": display_id}}
    return message(kind, parent=parent, **content)


def work_in(document, cell_id="a", code="code", **fields):
    """Return a run of a notebook's cell that the kernel has."""
    run = Run(document.room, "k", code, "ana", cell_id=cell_id, **fields)
    run.queue(0)
    run.start(0.0)
    return Work(run, document, CellOutputs(), 0.0)
