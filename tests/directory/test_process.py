"""Rules of jupyter_rtc.directory.process."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from jupyter_rtc.directory.process import watch_process

from .world import until

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system does not tell of a process's end")


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


async def test_the_end_of_a_process_is_told_once_and_at_once(child):
    told = []
    watch_process(child.pid, lambda: told.append(1))
    await asyncio.sleep(0)
    assert told == []
    child.send_signal(signal.SIGKILL)
    await until(lambda: told, 1)
    assert child.wait() == -signal.SIGKILL and told == [1]


async def test_who_looks_no_more_is_told_nothing_and_no_descriptor_is_left(child):
    told = []
    before = len(os.listdir("/proc/self/fd"))
    end = watch_process(child.pid, lambda: told.append(1))
    end()
    end()
    assert len(os.listdir("/proc/self/fd")) == before
    child.kill()
    child.wait()
    await asyncio.sleep(0)
    assert told == []


async def test_a_process_that_is_gone_already_is_told_too(child):
    child.kill()
    child.wait()
    told = []
    watch_process(child.pid, lambda: told.append(1))()
    await until(lambda: told, 1)
