"""Jupyter's own tables: declarations only, from which ``docs/tables.md`` is made.

Each room has its schema. None has a version: what lies in a file's document is jupyter_ydoc's shape, which notes its
own, and the other rooms do not outlive the server. Times are seconds since 1970, and for people: nothing is ordered by
them. Who may write what is decided by the server; ``Writer`` says what it decides.
"""

from __future__ import annotations

from typing import Any

from ..datastore.shared_cells import shared_outputs
from .schema import Field, Keyed, Ordered, Roots, Schema, Single, Table, Writer, list_of, map_of, register, text

SECONDS = "seconds since 1970"
ONLY_CODE = ("cell_type", "code")
EXECUTION_STATES = ("starting", "idle", "busy", "restarting", "dead", "unknown")
RUN_STATES = ("requested", "queued", "running", "ok", "error", "aborted")


def _time(words: str) -> Field:
    return register(float | None, None, words, unit=SECONDS, writer=Writer.SERVER)


def _own(type_: Any, words: str, default: Any = None, unit: str = "") -> Field:
    """Return a field that the server writes."""
    return register(type_, default, words, unit=unit, writer=Writer.SERVER)


def _shared_output(output: dict[str, Any]) -> Any:
    return shared_outputs([output])[0]


KERNELSPECS = Table(
    "kernelspecs",
    {
        "display_name": _own(str, "What people call it.", ""),
        "language": _own(str, "The language that it runs.", ""),
        "default": _own(bool, "Whether it is started if nobody says which.", default=False),
        "interrupt_mode": _own(str, "How it is interrupted: ``signal`` or ``message``.", "signal"),
        "resources": _own(dict, "Addresses of its logos and other files, by name.", {}),
        "spec": _own(dict, "The whole specification, as Jupyter's REST interface gives it.", {}),
    },
    words="The kinds of kernels that can be started here.",
    writer=Writer.SERVER,
    key="the name of the specification, as ``python3``",
)

STATUS = Table(
    "status",
    {
        "version": _own(str, "The version of this extension.", ""),
        "started": _time("When the server was started."),
        "last_activity": _time("When somebody did something last, as culling sees it."),
        "connections": _own(int, "How many connections to kernels there are.", 0),
        "kernels": _own(int, "How many kernels there are.", 0),
        "rooms": _own(int, "How many documents are open.", 0),
    },
    Single("status", "server"),
    "How the server stands; one row.",
    Writer.SERVER,
    "``server``",
)

TERMINALS = Table(
    "terminals",
    {"last_activity": _time("When something was last written to it or by it.")},
    words="The terminals.",
    writer=Writer.SERVER,
    key="the terminal's name",
)

KERNELS = Table(
    "kernels",
    {
        "name": _own(str, "Of which kind it is; an id in ``kernelspecs``.", ""),
        "execution_state": register(str, "unknown", "What it does.", values=EXECUTION_STATES, writer=Writer.SERVER),
        "generation": _own(int, "How often it has been restarted: the number of its present session.", 0),
        "connections": _own(int, "How many clients are connected to it.", 0),
        "last_activity": _time("When it was last heard of."),
        "reason": _own(str, "Why it is dead, in words; empty while it lives.", ""),
    },
    words="The kernels that run, and those that died while somebody was looking.",
    writer=Writer.SERVER,
    key="the kernel's id",
)

SESSIONS = Table(
    "sessions",
    {
        "path": _own(str, "The file it belongs to, or another address.", ""),
        "name": _own(str, "What people call it.", ""),
        "type": _own(str, "``notebook``, ``console``, ``file``, ….", ""),
        "kernel_id": _own(str | None, "Its kernel; an id in ``kernels``."),
    },
    words="Which kernel belongs to which file.",
    writer=Writer.SERVER,
    key="the session's id",
)

CONTENTS = Table(
    "contents",
    {
        "name": _own(str, "The last part of its path.", ""),
        "folder": _own(str, "The path of its folder; empty for the root.", ""),
        "type": _own(str, "``notebook``, ``file`` or ``directory``.", "file"),
        "size": _own(int | None, "How large it is.", unit="bytes"),
        "mimetype": _own(str | None, "Its media type, where it is known."),
        "created": _time("When it was created."),
        "last_modified": _time("When it was written last."),
        "writable": _own(bool, "Whether it can be written.", default=True),
        "hash": _own(str | None, "A digest of its bytes, where the contents manager reports one."),
        "hash_algorithm": _own(str | None, "Which digest that is."),
        "room": _own(str | None, "The room of its document, if it is open."),
    },
    Keyed(plain=True),
    words="The files and folders in the folders that somebody looks at.",
    writer=Writer.SERVER,
    key="the path, without a slash at its ends",
)

FOLDERS = Table(
    "folders",
    {
        "state": register(
            str,
            "loading",
            "Whether ``contents`` has all of it.",
            values=("loading", "ready", "failed"),
            writer=Writer.SERVER,
        ),
        "reason": _own(str, "Why it cannot be shown, in words; else empty.", ""),
        "count": _own(int, "How many files and folders are in it.", 0),
        "watched_by": _own(int, "How many ask for it; at none it goes.", 0),
    },
    words="The folders that somebody looks at, having asked for them with the request ``folders.open``.",
    writer=Writer.SERVER,
    key="the path, without a slash at its ends; empty for the root",
)

USERS = Table(
    "users",
    {
        "name": _own(str, "The full name.", ""),
        "display_name": _own(str, "What others are shown.", ""),
        "initials": _own(str | None, "The name in two letters."),
        "color": _own(str | None, "The colour of the cursor, as CSS writes it."),
        "avatar_url": _own(str | None, "Where there is a picture."),
        "sessions": _own(list, "The Yjs client ids of the connections: one for each tab or program.", []),
        "documents": _own(list, "The rooms that they look at.", []),
    },
    words="Who is here.",
    writer=Writer.SERVER,
    key="the username that the identity provider knows",
)

REQUESTS = Table(
    "requests",
    {
        "name": register(str, words="What is asked for, as ``kernels.start``."),
        "args": register(dict, {}, "With which arguments, by name."),
        "status": register(
            str, "requested", "How it stands.", values=("requested", "running", "done", "failed"), writer=Writer.SERVER
        ),
        "result": _own(object, "What came of it, once it is done."),
        "reason": _own(str | None, "Why it failed, in words."),
        "user": _own(str | None, "Who asked: the user of the connection that it came over."),
        "asked_at": _time("When it arrived."),
        "ended_at": _time("When it was done or failed."),
        "duration": _own(float | None, "How long it took.", unit="seconds"),
    },
    words="What the server is asked to do: in each user's own room, and in a notebook's what its kernel is asked.",
    key="chosen by who asks; a UUID",
    undo=False,
)

NOTEBOOKS = Table(
    "notebooks",
    {
        "nbformat": register(int, 4, "The major version of the notebook format."),
        "nbformat_minor": register(int, 5, "The minor version of the notebook format."),
        "metadata": map_of(words="The notebook's metadata: ``kernelspec``, ``language_info``, …."),
    },
    Single("meta", "notebook"),
    "What a notebook has besides cells; one row.",
    key="``notebook``",
)

CELLS = Table(
    "cells",
    {
        "cell_type": register(str, "code", "What it is.", values=("code", "markdown", "raw")),
        "source": text(words="What stands in it."),
        "metadata": map_of(words="Its metadata: ``tags``, ``collapsed``, …."),
        "outputs": list_of(
            dict, "What its run showed, as nbformat writes it.", undo=False, when=ONLY_CODE, shared=_shared_output
        ),
        "execution_count": register(
            int | None, None, "The number that the kernel gave its run.", undo=False, when=ONLY_CODE
        ),
        "execution_state": register(
            str, "idle", "Whether it runs or waits to.", values=("idle", "running"), undo=False, when=ONLY_CODE
        ),
        "attachments": register(dict | None, None, "Pictures and other files in it, by name.", absent=True),
    },
    Ordered("cells"),
    "The cells of a notebook, in their order.",
    key="the cell's id, as nbformat has it",
)

STATE = Table(
    "state",
    {
        "path": _own(str, "Where the file is.", ""),
        "hash": _own(str, "A digest of the file's bytes, as the contents manager reports it.", ""),
        "dirty": register(bool, False, "Whether the file is behind the document; the server clears it."),
    },
    Single("state", "state"),
    "What is known of the file behind the document; one row, and no part of the file.",
    key="``state``",
    undo=False,
)

TEXT_CONTENT = Table(
    "text_content",
    {"source": text(words="The text of the file; its lines end with LF.")},
    Roots("file"),
    "The content of a text file; one row.",
    key="``file``",
)

BASE64_CONTENT = Table(
    "base64_content",
    {"bytes": register(bytes, b"", "The bytes of the file, replaced as a whole.")},
    Single("source", "file"),
    "The content of any other file; one row.",
    key="``file``",
)

EXECUTIONS = Table(
    "executions",
    {
        "cell_id": register(str | None, None, "The cell whose source is run, and that shows the outputs; or none."),
        "code": register(str | None, None, "What is run: as the cell had it, or as who asked wrote it."),
        "kernel_id": register(str | None, None, "On which kernel; if none is named, the notebook's own."),
        "options": register(dict | None, None, "``silent``, ``store_history``, ``stop_on_error``, ….", absent=True),
        "status": register(str, "requested", "How far it has come.", values=RUN_STATES, writer=Writer.SERVER),
        "position": _own(int | None, "Its place in the kernel's queue; 0 while it runs."),
        "generation": _own(int, "The number of the kernel's session that it was queued in.", 0),
        "user": _own(str | None, "Who asked: the user of the connection that it came over."),
        "batch": _own(str | None, "Runs of one batch follow each other with nothing in between."),
        "asked_at": _time("When it was asked for."),
        "started_at": _time("When the kernel began it."),
        "ended_at": _time("When it ended."),
        "execution_count": _own(int | None, "The number that the kernel gave it."),
        "failure": _own(dict | None, "Why it did not end well: ``ename``, ``evalue`` and ``traceback``."),
        "displays": _own(list | None, "What it shows, if it is of no cell; shared as a cell's outputs are."),
    },
    words="What was run in this notebook, and what is to be: whoever creates a record asks for a run.",
    key="chosen by who asks; a UUID",
    undo=False,
)

INPUTS = Table(
    "inputs",
    {
        "run": _own(str, "Which run asks; an id in ``executions``.", ""),
        "cell_id": _own(str | None, "The cell that is run."),
        "kernel_id": _own(str, "The kernel that waits.", ""),
        "prompt": _own(str, "What it asks.", ""),
        "password": _own(bool, "Whether the answer is to be hidden; it is in no document.", default=False),
        "status": register(
            str, "waiting", "How it stands.", values=("waiting", "answered", "cancelled"), writer=Writer.SERVER
        ),
        "user": _own(str | None, "Who answered."),
        "asked_at": _time("When it was asked."),
        "answered_at": _time("When it was answered or taken back."),
    },
    words="What running code asks for with ``input()``.",
    writer=Writer.SERVER,
    key="the question's id",
)

COMMS = Table(
    "comms",
    {
        "kernel_id": _own(str, "The kernel that it is open on.", ""),
        "target_name": _own(str, "Who is at its other end in the frontend, as ``jupyter.widget``.", ""),
        "target_module": _own(str | None, "The module that has that target."),
        "data": _own(dict, "What it was opened with, other than a widget's state.", {}),
        "state": _own(dict, "The widget's state.", {}),
        "buffers": _own(list, "Binary parts of the state: ``path``, ``encoding`` and ``data``.", []),
    },
    words="The comms that are open on this notebook's kernel: the state of its widgets.",
    writer=Writer.SERVER,
    key="the comm's id",
)

NOTEBOOK_KERNELS = Table(
    "kernels",
    {name: KERNELS.fields[name] for name in ("execution_state", "generation", "reason")},
    Keyed(plain=True),
    "How the kernels stand that have run cells of this notebook.",
    Writer.SERVER,
    "the kernel's id",
)

SERVER = Schema(
    [KERNELSPECS, STATUS, TERMINALS, KERNELS, SESSIONS, CONTENTS, FOLDERS, USERS], version=None, name="jupyter"
)
"""Of the room ``jupyter``."""

ASKING = Schema([REQUESTS], version=None, name="requests")
"""Of each user's room ``requests``."""

NOTEBOOK = Schema(
    [NOTEBOOKS, CELLS, STATE, EXECUTIONS, INPUTS, COMMS, NOTEBOOK_KERNELS, REQUESTS], version=None, name="notebook"
)
"""Of a notebook's own room."""

TEXT_FILE = Schema([TEXT_CONTENT, STATE], version=None, name="text file")
"""Of a text file's own room."""

OTHER_FILE = Schema([BASE64_CONTENT, STATE], version=None, name="other file")
"""Of any other file's own room."""

ROOMS = {
    "The room `jupyter`": SERVER,
    "Each user's room `requests`": ASKING,
    "The room of a notebook": NOTEBOOK,
    "The room of a text file": TEXT_FILE,
    "The room of any other file": OTHER_FILE,
}
