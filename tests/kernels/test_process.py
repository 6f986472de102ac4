"""A kernel's process, as far as it is known."""

import asyncio
import time
from concurrent.futures import Future

import pytest

from jupyter_rtc.errors import KernelUnavailable
from jupyter_rtc.kernels.process import Process
from jupyter_rtc.supernode.clock import SystemClock

from .world import KernelsHere


class Watch:
    """A clock that a test sets."""

    time = 100.0

    def now(self):
        return self.time


class Manager:
    """What Jupyter's ``KernelManager`` says."""

    alive = True
    has_kernel = True
    shutting_down = False

    def __init__(self):
        self.ready = Future()
        self.callbacks = []

    async def is_alive(self):
        if isinstance(self.alive, Exception):
            raise self.alive
        return self.alive

    def add_restart_callback(self, call, event="restart"):
        self.callbacks.append((event, call))

    def remove_restart_callback(self, call, event="restart"):
        self.callbacks.remove((event, call))


@pytest.fixture
def seen():
    here, clock = KernelsHere(), Watch()
    here["k"] = Manager()
    return here, here["k"], clock, Process(here, "k", clock, 60.0)


def test_there_is_no_process_of_an_unknown_kernel():
    with pytest.raises(KeyError):
        Process(KernelsHere(), "k", Watch(), 60.0)


def test_it_is_gone_when_the_server_has_forgotten_it_or_has_another_one_of_its_name(seen):
    here, manager, _, process = seen
    assert not process.is_gone
    here["k"] = Manager()
    assert process.is_gone
    here["k"] = manager
    del here["k"]
    assert process.is_gone


def test_it_goes_down_once_and_is_found_to_be_back(seen):
    _, manager, clock, process = seen
    manager.alive = False
    assert process.go_down() and not process.go_down()
    assert process.is_down and process.is_coming_back
    assert not asyncio.run(process.is_back())
    manager.alive = True
    assert asyncio.run(process.is_back())
    assert not process.is_down


def test_word_of_a_restart_is_news_unless_it_is_the_start_from_which_it_was_found_to_be_back(seen):
    _, manager, _, process = seen
    manager.ready.set_result(None)
    assert process.is_known, "it was seen first when it had been started"
    manager.ready = Future()
    process.go_down()
    assert asyncio.run(process.is_back())
    manager.ready.set_result(None)
    assert process.is_known
    manager.ready = Future()
    manager.ready.set_result(None)
    assert not process.is_known, "it was started once more"
    process.came_back()
    assert process.is_known
    process.go_down()
    assert not process.is_known


def test_it_is_another_from_the_moment_of_a_new_start_until_it_is_known_unless_that_failed(seen):
    _, manager, _, process = seen
    assert not process.is_another
    manager.ready.set_result(None)
    assert not process.is_another
    manager.ready = Future()
    assert process.is_another
    process.came_back()
    assert not process.is_another
    manager.ready = Future()
    manager.ready.set_exception(OSError("no such program"))
    assert not process.is_another


def test_of_a_kernel_elsewhere_each_word_of_a_restart_is_news(seen):
    _, _, _, process = seen  # of whose starts nobody says that they are done
    process.go_down()
    assert asyncio.run(process.is_back())
    assert process.is_hearsay and not process.is_known


def test_one_elsewhere_that_was_given_up_is_back_only_by_word_of_a_restart(seen):
    _, manager, _, process = seen
    process.go_down()
    process.give_up()
    assert not asyncio.run(process.is_back())
    manager.ready.set_result(None)
    assert not process.is_hearsay and asyncio.run(process.is_back())


def test_it_is_not_back_while_somebody_shuts_it_down(seen):
    _, manager, _, process = seen
    process.go_down()
    manager.shutting_down = True
    assert process.is_leaving and not asyncio.run(process.is_back())


def test_it_is_not_waited_for_when_it_was_given_up_or_takes_too_long(seen):
    _, _, clock, process = seen
    assert not process.is_coming_back
    process.go_down()
    clock.time += 60.0
    assert not process.is_coming_back
    process.came_back()
    process.go_down()
    process.give_up()
    assert process.is_down and not process.is_coming_back


def test_one_that_somebody_shuts_down_is_waited_for_but_not_for_ever(seen):
    _, manager, clock, process = seen
    manager.shutting_down = True
    process.go_down()
    process.give_up()
    assert process.is_coming_back
    clock.time += 60.0
    assert process.is_leaving and not process.is_coming_back


def test_one_that_cannot_be_asked_counts_as_there_and_the_log_says_so_once(seen, caplog):
    _, manager, _, process = seen
    manager.alive = OSError("no route")
    assert asyncio.run(process.is_alive()) and asyncio.run(process.is_alive())
    assert caplog.text.count("cannot be found out") == 1
    process.go_down()
    assert not asyncio.run(process.is_back())
    manager.alive = False
    assert not asyncio.run(process.is_alive())


def test_one_that_is_not_started_yet_counts_as_there(seen):
    _, manager, _, process = seen
    manager.has_kernel, manager.alive = False, False
    assert not process.is_started
    assert asyncio.run(process.is_alive())


def test_one_whose_new_start_failed_is_not_there_and_does_not_come_back_by_itself(seen):
    _, manager, _, process = seen
    process.go_down()
    manager.has_kernel, manager.alive = False, False
    assert asyncio.run(process.is_alive()) and process.is_coming_back
    manager.ready.set_exception(OSError("no such program"))
    assert process.could_not_start and not process.is_coming_back
    assert not asyncio.run(process.is_alive())
    manager.has_kernel, manager.alive, manager.ready = True, True, Future()
    assert asyncio.run(process.is_back()) and not process.could_not_start


def test_one_that_could_not_be_shut_down_is_leaving_no_more(seen):
    _, manager, _, process = seen
    manager.shutting_down = True
    assert process.is_leaving
    manager.ready.set_exception(PermissionError("it may not be shut down"))
    assert not process.is_leaving and asyncio.run(process.is_alive())


def test_one_that_the_server_has_forgotten_is_not_there(seen):
    here, _, _, process = seen
    here.clear()
    assert not asyncio.run(process.is_alive())


def until_started(process, happens=lambda: None, given_up=lambda: False, seconds=5.0):
    async def story():
        waiting = asyncio.create_task(process.until_started(asyncio.Event(), given_up, time.monotonic() + seconds))
        await asyncio.sleep(0)
        happens()
        await waiting

    asyncio.run(story())


def test_its_start_is_waited_for_and_why_it_does_not_start_is_said():
    here = KernelsHere()
    here["k"] = manager = Manager()
    process = Process(here, "k", SystemClock(), 60.0)
    until_started(process)
    manager.has_kernel = False
    until_started(process, lambda: setattr(manager, "has_kernel", True))
    manager.has_kernel = False
    until_started(process, given_up=lambda: True)
    with pytest.raises(KernelUnavailable, match="not running"):
        until_started(process, seconds=0.1)
    with pytest.raises(KernelUnavailable, match="could not be started"):
        until_started(process, lambda: manager.ready.set_exception(OSError("no such program")))
    with pytest.raises(KernelUnavailable, match="not running"):
        manager.ready = Future()
        until_started(process, here.clear)


def test_jupyter_says_when_it_has_died_until_nobody_wants_to_know(seen):
    _, manager, _, process = seen
    heard = []
    end = process.watch(lambda: heard.append("died"), lambda: heard.append("gave up"))
    for _, call in manager.callbacks:
        call()
    assert heard == ["died", "gave up"]
    end()
    assert manager.callbacks == []
