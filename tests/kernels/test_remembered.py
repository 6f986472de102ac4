"""What is remembered of runs that ended."""

import pytest

from jupyter_rtc.kernels import remembered
from jupyter_rtc.kernels.remembered import Remembered
from jupyter_rtc.kernels.run import RunStatus

from .works import printed, work_in
from .world import Notebook


@pytest.fixture
def memory(monkeypatch):
    monkeypatch.setattr(remembered, "BYTES", 10_000)
    monkeypatch.setattr(remembered, "RUNS", 20)
    return Remembered()


def began(memory, size=1000, kernel="k"):
    work = work_in(Notebook("code"))
    work.run.kernel_id = kernel
    memory.add([work])
    work.hear(printed("x" * size))
    return work


def ended(memory, size=1000, kernel="k"):
    work = began(memory, size, kernel)
    end(memory, work)
    return work


def end(memory, work):
    work.write_now()
    work.run.end(RunStatus.OK, 1.0)
    memory.end(work)


def known(memory, works):
    return [memory.find(work.run.id) is work for work in works]


def test_what_is_over_the_bound_of_bytes_is_forgotten_the_oldest_first(memory):
    works = [ended(memory) for _ in range(20)]
    assert known(memory, works) == [False] * 12 + [True] * 8
    assert 8000 < sum(work.outputs.size for work in works) <= 10_000
    assert works[0].run.id not in memory and works[-1].run.id in memory


def test_so_many_runs_are_remembered_also_if_one_that_was_asked_for_before_them_goes_on(memory):
    long = began(memory)
    works = [ended(memory, 1) for _ in range(50)]
    assert known(memory, works) == [False] * 30 + [True] * 20
    assert memory.find(long.run.id) is long


def test_the_newest_run_stays_however_large(memory):
    work = ended(memory, 50_000)
    assert known(memory, [work]) == [True] and work.outputs.size >= 50_000
    ended(memory, 1)
    assert known(memory, [work]) == [False] and work.outputs.size == 0


def test_what_is_heard_late_counts_and_makes_a_run_the_newest(memory):
    early, *others = [ended(memory) for _ in range(4)]
    early.hear(printed("y" * 8000))
    early.write_now()
    memory.heard_late(early)
    assert known(memory, [early, *others]) == [True, False, False, False]


def test_a_kernel_that_prints_much_costs_others_nothing(memory):
    quiet = [ended(memory, 500, "quiet") for _ in range(4)]
    loud = [ended(memory, 3000, "loud") for _ in range(10)]
    assert known(memory, quiet) == [True] * 4
    assert known(memory, loud).count(True) == 2


def test_of_what_is_let_go_only_how_it_went_stays(memory):
    works = [ended(memory) for _ in range(4)]
    memory.let_go(works[0])
    memory.let_go_of_all("another")
    assert [bool(work.outputs.size) for work in works] == [False, True, True, True]
    memory.let_go_of_all("k")
    assert [work.outputs.size for work in works] == [0] * 4
    assert known(memory, works) == [True] * 4


def test_a_superseded_run_is_let_go_when_it_ends(memory):
    work = began(memory)
    work.superseded = True
    memory.let_go(work)
    assert work.outputs.size
    end(memory, work)
    assert not work.outputs.size and memory.find(work.run.id) is work


def test_what_waits_to_be_written_is_written_before_it_is_forgotten(memory):
    work = ended(memory)
    work.hear(printed("late"))
    for _ in range(20):
        ended(memory)
    assert known(memory, [work]) == [False]
    document = work.release()
    work._document = document
    work.write_now()
    assert document.text("a") == "x" * 1000 + "late"
    assert not work.outputs.size
    work.hear(printed("later than that"))
    work.write_now()
    assert document.text("a") == "x" * 1000 + "late"
