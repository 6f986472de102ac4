"""Whatever is wrong with the store: files open with their content, edits are saved, and it is said what is wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_rtc.client import connect

from ..store.test_file import read_only_mount
from .rig import TOKEN, Tab, eventually, running, until

HOLD = """
import sqlite3, sys
from pathlib import Path
from jupyter_rtc.store.lock import FileLock
path = Path(sys.argv[1])
if sys.argv[2] == "lock":
    held = FileLock(path.with_name(path.name + ".lock"))
else:
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("PRAGMA locking_mode = EXCLUSIVE")
    held.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def sound(store: Path) -> Iterator[None]:
    yield


@contextmanager
def missing(store: Path) -> Iterator[None]:
    for one in store.parent.glob("store-*"):
        one.unlink()
    store.parent.rmdir()
    yield


@contextmanager
def no_database(store: Path) -> Iterator[None]:
    store.write_bytes(b"this is no database " * 5000)
    yield


@contextmanager
def with_a_damaged_history(store: Path) -> Iterator[None]:
    change(store, "UPDATE entry SET data = x'00' WHERE rowid = (SELECT max(rowid) FROM entry)")
    yield


@contextmanager
def another_program_s(store: Path) -> Iterator[None]:
    own = store.read_bytes()
    change(store, "PRAGMA application_id = 7")
    yield
    store.write_bytes(own)


@contextmanager
def newer(store: Path) -> Iterator[None]:
    with closing(sqlite3.connect(store)) as db:
        (version,) = db.execute("PRAGMA user_version").fetchone()
    change(store, "PRAGMA user_version = 99")
    yield
    change(store, f"PRAGMA user_version = {version}")


@contextmanager
def held(store: Path, how: str) -> Iterator[None]:
    command = [sys.executable, "-c", HOLD, str(store), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        try:
            assert other.stdout is not None and other.stdout.readline() == b"held\n"
            yield
        finally:
            other.kill()


def locked(store: Path):
    return held(store, "database")


def another_server_s(store: Path):
    return held(store, "lock")


def read_only(store: Path):
    return read_only_mount(store.parent)


def change(store: Path, statement: str) -> None:
    with closing(sqlite3.connect(store)) as db:
        db.execute(statement)
        db.commit()


@dataclass(frozen=True)
class Case:
    """What is wrong with the store, and what is to be seen of it."""

    wrong: Callable
    kind: str
    words: str = ""
    in_room: bool = False
    """Whether the words are with the document in the status, and not with the store."""
    failing: bool = False
    options: tuple[str, ...] = ()


CASES = [
    Case(sound, "file"),
    Case(missing, "file"),
    Case(no_database, "file", "was damaged and was set aside as"),
    Case(with_a_damaged_history, "file", "all of it is kept aside", in_room=True),
    Case(another_program_s, "file 2", "is another program's database"),
    Case(newer, "memory", "written by a newer version", failing=True),
    Case(locked, "file 2", "Another program is using the store's file"),
    Case(another_server_s, "file 2", "Another program is using the store's file"),
    Case(read_only, "memory", "its file or folder is read-only", failing=True),
    Case(sound, "file", "is full", in_room=True, failing=True, options=("--JupyterRtc.store_max_bytes=120000",)),
]
LARGE = "x" * 200_000
"""More than a full store takes."""


SAVING_AT_ONCE = "--YDocExtension.document_save_delay=0.1"


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The folder of a server that has kept and saved a change, and ended; and what it left as its data."""
    folder = tmp_path_factory.mktemp("server")
    path = folder / "root" / "a.txt"

    async def story():
        async with running(folder, SAVING_AT_ONCE) as server:
            path.write_text("first\n\nlast\n")
            tab = await Tab(server, "a.txt", "file", "ana").open()
            tab.type("[before] ")
            await until(lambda: path.read_text() == "[before] first\n\nlast\n")
            await server.stop()

    asyncio.run(story())
    shutil.copytree(folder / "data", folder / "left")
    return folder


@pytest.fixture
def folder(before):
    """The same again for each test; the file is the same one, and has the time that the store knows."""
    path = before / "root" / "a.txt"
    times = path.stat()
    yield before
    path.write_text("[before] first\n\nlast\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    shutil.rmtree(before / "data")
    shutil.copytree(before / "left", before / "data")
    (before / "log").unlink()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wrong.__name__} {''.join(case.options)}")
def test_a_file_opens_and_is_saved_whatever_is_wrong_with_the_store_and_that_is_said(folder, case):
    async def story():
        path = folder / "root" / "a.txt"
        (store,) = (folder / "data" / "jupyter_rtc").glob("store-*.sqlite")
        with case.wrong(store):
            async with running(folder, SAVING_AT_ONCE, *case.options) as server:
                await edited(server, path)
                await server.stop()
        async with running(folder) as server:
            await found_again(server)

    async def edited(server, path):
        tab = await Tab(server, "a.txt", "file", "bo").open()
        assert tab.text == "[before] first\n\nlast\n"
        tab.type(f"[meanwhile] {LARGE if case.options else ''}\n", tab.text.index("last"))
        await until(lambda: path.read_text() == tab.text)
        await eventually(server, lambda status: status["store_failing"] is case.failing)
        status = await server.status()
        (room,) = status["rooms"]
        said = (room["log"]["words"] if case.in_room else status["store"]["words"]) or ""
        assert status["store"]["kind"] == case.kind and case.words in said and bool(said) == bool(case.words)
        assert server.log.count(case.words) == 1 if case.words else "store failed" not in server.log
        assert str(path.parent.parent) not in said
        async with connect(server.url(""), token=TOKEN) as rtc:  # who comes now is told so too
            text = await rtc.text("a.txt")
            await text.until(lambda: bool(text.unkept) is case.failing, timeout=30)
            assert not case.failing or case.words in text.unkept

    async def found_again(server):
        tab = await Tab(server, "a.txt", "file", "cat").open()
        for word in ("[before]", "first", "[meanwhile]", "last"):
            assert tab.text.count(word) == 1, tab.text[:200]

    asyncio.run(story())
