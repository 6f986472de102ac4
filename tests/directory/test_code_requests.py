"""Rules of jupyter_rtc.directory.code_requests, with a real kernel."""

import signal

import pytest

from jupyter_rtc.directory.code_requests import BUSY, DEAD, NONE, CodeRequests
from jupyter_rtc.errors import KernelUnavailable, TableError

ROOM = "json:notebook:x"


@pytest.fixture
def manager(here):
    return here.server.kernel_manager


async def requests(manager, patience=30.0):
    kernel_id = await manager.start_kernel(kernel_name="python3")

    async def kernel_of(room):
        assert room == ROOM
        return kernel_id

    return CodeRequests(ROOM, kernel_of, manager, patience), kernel_id


async def test_a_kernel_completes_inspects_and_judges_code_and_has_a_history(manager):
    asked, kernel_id = await requests(manager)
    assert "print" in (await asked.complete(None, code="prin"))["matches"]
    assert "🐍".upper() not in (await asked.complete(None, code="s = '🐍'; s.upp", cursor_pos=13))["matches"]
    found = await asked.complete(None, code="s = '🐍'\ns.upp")
    assert found["status"] == "ok" and found["cursor_end"] == len("s = '🐍'\ns.upp")
    assert "len" in (await asked.inspect(None, code="len"))["data"]["text/plain"]
    assert (await asked.is_complete(None, code="if x:"))["status"] == "incomplete"
    assert (await asked.is_complete(None, code="1"))["status"] == "complete"
    assert (await asked.comm_info(None))["comms"] == {}
    assert isinstance((await asked.history(None, n=3))["history"], list)
    assert isinstance((await asked.history(None, hist_access_type="search", pattern="*"))["history"], list)
    assert (await asked.history(None, hist_access_type="range", start=5))["history"] == []
    with pytest.raises(TableError, match="one of 'tail', 'range', 'search'"):
        await asked.history(None, hist_access_type="all")
    await manager.shutdown_kernel(kernel_id)


async def test_a_busy_kernel_is_not_waited_for_for_ever(manager):
    asked, kernel_id = await requests(manager)
    await asked.is_complete(None, code="1")
    client = manager.get_kernel(kernel_id).client()
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
    client.execute("import time; time.sleep(60)")
    hasty = CodeRequests(ROOM, asked._kernel_of, manager, 0.5)
    with pytest.raises(KernelUnavailable) as caught:
        await hasty.complete(None, code="prin")
    assert str(caught.value) == BUSY
    client.stop_channels()
    await manager.shutdown_kernel(kernel_id, now=True)


async def test_a_kernel_that_has_died_is_said_to_be_dead_and_not_busy(manager):
    asked, kernel_id = await requests(manager)
    await asked.is_complete(None, code="1")
    manager.get_kernel(kernel_id).stop_restarter()
    await manager.signal_kernel(kernel_id, signal.SIGKILL)
    with pytest.raises(KernelUnavailable) as caught:
        await CodeRequests(ROOM, asked._kernel_of, manager, 0.5).complete(None, code="prin")
    assert str(caught.value) == DEAD
    await manager.shutdown_kernel(kernel_id, now=True)


async def test_a_notebook_without_a_kernel_is_told_so(manager):
    async def no_kernel(room):
        return None

    async def gone(room):
        return "a-kernel-that-was-there"

    for kernel_of in (no_kernel, gone):
        with pytest.raises(KernelUnavailable) as caught:
            await CodeRequests(ROOM, kernel_of, manager).complete(None, code="x")
        assert str(caught.value) == NONE
