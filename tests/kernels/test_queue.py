"""The order of runs on one kernel."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels.queue import RunQueue
from jupyter_rtc.kernels.run import Run, RunStatus


def runs(*codes, user="ana", room="json:notebook:1", batch=""):
    made = []
    for code in codes:
        made.append(Run(RoomId(room), "k", code, user, batch=batch))
        batch = made[-1].batch
    return made


def codes(those):
    return [run.code for run in those]


def drained(queue):
    order = []
    while (run := queue.begin()) is not None:
        order.append(run.code)
        queue.end()
    return order


def test_who_comes_first_is_served_first():
    queue = RunQueue()
    queue.add(runs("a"))
    queue.add(runs("b", user="bo"))
    queue.add(runs("c"))
    assert drained(queue) == ["a", "b", "c"]


def test_one_runs_at_a_time():
    queue = RunQueue()
    queue.add(runs("a", "b"))
    assert queue.begin().code == "a"
    assert queue.begin() is None
    assert queue.end().code == "a"
    assert queue.begin().code == "b"


def test_what_joins_a_batch_runs_before_what_came_after_the_batch():
    queue = RunQueue()
    queue.add(runs("a1", batch="a"))
    queue.add(runs("b", user="bo"))
    queue.add(runs("a2", batch="a"))
    assert drained(queue) == ["a1", "a2", "b"]


@given(st.permutations(range(6)))
def test_runs_of_a_batch_that_say_their_place_run_in_this_order_in_whichever_they_come(order):
    queue = RunQueue()
    for number in order:
        (run,) = runs(str(number), batch="a")
        run.place = (1.0, number)
        queue.add([run])
        queue.add(runs(f"b{number}", user="bo"))
    assert drained(queue)[:6] == list("012345")


def test_what_joins_a_batch_that_failed_or_was_restarted_is_known_to_be_too_late():
    queue = RunQueue()
    queue.add(runs("a", "b", batch="x"))
    queue.give_up_after(queue.begin())
    assert queue.is_over("x") and not queue.is_over("y")
    queue.end()
    queue.add(runs("c", batch="y"))
    queue.restart()
    assert queue.is_over("y")


def test_what_joins_the_batch_that_runs_is_next():
    queue = RunQueue()
    queue.add(runs("a1", batch="a"))
    queue.begin()
    queue.add(runs("b", user="bo"))
    queue.add(runs("a2", batch="a"))
    queue.end()
    assert drained(queue) == ["a2", "b"]


def test_an_error_stops_what_the_same_person_asked_for_and_nobody_else():
    queue = RunQueue()
    queue.add(runs("a1", "a2"))
    queue.add(runs("b", user="bo"))
    queue.add(runs("a3"))
    queue.add(runs("elsewhere", room="json:notebook:2"))
    failed = queue.begin()
    assert codes(queue.give_up_after(failed)) == ["a2", "a3"]
    queue.end()
    assert drained(queue) == ["b", "elsewhere"]


def test_a_restart_gives_up_everything_and_begins_a_new_generation():
    queue = RunQueue()
    queue.add(runs("a", "b"))
    queue.begin()
    assert codes(queue.restart()) == ["b"]
    assert queue.current.code == "a"
    queue.end()
    queue.add(runs("new"))
    assert queue.begin().generation == 1


def test_nothing_ends_where_nothing_runs():
    with pytest.raises(ValueError, match="Nothing runs"):
        RunQueue().end()


@given(st.integers(0, 10**9))
def test_whatever_happens_each_run_leaves_the_queue_once_and_none_of_an_old_generation_begins(seed):
    chance, queue, left, number = random.Random(seed), RunQueue(), [], 0
    asked = []
    for _ in range(60):
        match chance.choice(["add", "add", "begin", "end", "fail", "restart"]):
            case "add":
                number += 1
                names = [f"{number}.{k}" for k in range(chance.randint(1, 4))]
                asked += names
                queue.add(runs(*names, user=chance.choice("ab"), batch=chance.choice(["", "x"])))
            case "begin" if (run := queue.begin()) is not None:
                assert run.generation == queue.generation, f"seed {seed}"
                assert run.status is RunStatus.QUEUED
            case "end" if queue.current:
                left.append(queue.end().code)
            case "fail" if queue.current:
                left += codes(queue.give_up_after(queue.current))
            case "restart":
                left += codes(queue.restart())
                if queue.current:
                    left.append(queue.end().code)
    left += codes([queue.end()] if queue.current else []) + drained(queue)
    assert sorted(left) == sorted(asked), f"seed {seed}"
