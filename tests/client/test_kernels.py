"""Kernels, sessions and terminals, at a real server."""

import asyncio

import pytest

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed

from ..server.rig import TOKEN, running

TERMINALS = "--ServerApp.jpserver_extensions=jupyter_server_terminals=True"


def test_a_program_starts_restarts_and_ends_kernels_sessions_and_terminals_and_sees_them(tmp_path):
    async def story():
        async with running(tmp_path, TERMINALS) as server, connect(server.url(""), token=TOKEN) as rtc:
            kernel = await rtc.kernels.start("python3")
            await rtc.tables.until(lambda: kernel in rtc.tables.kernels, 10)
            await rtc.kernels.restart(kernel)
            await rtc.tables.until(lambda: rtc.tables.kernels[kernel]["generation"] == 1, 30)
            await rtc.kernels.interrupt(kernel)
            session = await rtc.sessions.create("a.ipynb", kernel_id=kernel)
            await rtc.tables.until(lambda: session["id"] in rtc.tables.sessions, 10)
            changed = await rtc.sessions.change(session["id"], path="b.ipynb")
            assert changed["path"] == "b.ipynb" and changed["kernel"]["id"] == kernel
            await rtc.sessions.delete(session["id"])
            await rtc.tables.until(lambda: kernel not in rtc.tables.kernels, 10)
            other = await rtc.kernels.start(path="")
            await rtc.kernels.shutdown(other)
            terminal = await rtc.terminals.create("")
            await rtc.tables.until(lambda: terminal in rtc.tables.terminals, 10)
            await rtc.terminals.delete(terminal)
            await rtc.tables.until(lambda: len(rtc.tables.terminals) == 0, 10)
            with pytest.raises(RequestFailed, match="no kernel of the kind 'cobol'"):
                await rtc.kernels.start("cobol")

    asyncio.run(story())
