"""The benchmarks that can be asked for, with their sizes: the full ones and the quick ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache

from . import (
    directory,
    fanout,
    first_change,
    goals,
    isolation,
    latency,
    memory,
    notebooks,
    opening,
    printing,
    store,
    tables,
    trivial_runs,
)
from .goals import Goal
from .samples import Figure, Sample
from .servers import ALL, NBCLIENT, OURS, PEERS, RUNNERS, Kind, Stable

WITH_DOCUMENTS = (*PEERS, OURS)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of the things that can be asked for."""

    name: str
    title: str
    figures: Sequence[Figure]
    goals: Sequence[Goal]
    measure: Callable[[Stable, Kind, bool], Awaitable[Sample]]
    """Takes a server's kind, and whether to be quick."""
    rounds: int
    kinds: Sequence[Kind] = WITH_DOCUMENTS
    """Whom to measure, unless other servers are named."""
    quick: bool = True
    """Whether a quick run has it."""
    needs_documents: bool = True
    """Whether it makes no sense for a server that only forwards."""


@cache
def _many_cells_text() -> str:
    return notebooks.text(notebooks.many_cells())


@cache
def _big_outputs_text() -> str:
    return notebooks.text(notebooks.big_outputs())


def _fanout(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return fanout.measure(stable, kind, 0.5 if quick else 2.0)


def _latency(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return latency.measure(stable, kind, 2.0 if quick else 5.0)


def _many_cells(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return opening.measure(stable, kind, _many_cells_text(), 1 if quick else 5)


def _big_outputs(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return opening.measure(stable, kind, _big_outputs_text(), 1 if quick else 5)


def _first_change(stable: Stable, kind: Kind, _quick: bool) -> Awaitable[Sample]:
    return first_change.measure(stable, kind)


def _memory(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return memory.measure(stable, kind, 1.0 if quick else 12.0)


def _store(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return store.measure(stable, kind, 5 if quick else 50)


def _isolation(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return isolation.measure(stable, kind, 1.5 if quick else 6.0)


def _printing(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return printing.measure(stable, kind, 4_000 if quick else 20_000)


def _trivial_runs(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return trivial_runs.measure(stable, kind, 100 if quick else 500)


def _tables(_stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return tables.measure(kind, 2_000 if quick else 10_000)


def _directory(stable: Stable, kind: Kind, quick: bool) -> Awaitable[Sample]:
    return directory.measure(stable, kind, quick)


BENCHMARKS = (
    Benchmark(
        name="fanout",
        title="Fan-out: 50 clients, 2 writers at full speed",
        figures=fanout.FIGURES,
        goals=goals.FANOUT,
        measure=_fanout,
        rounds=3,
        kinds=ALL,
        needs_documents=False,
    ),
    Benchmark(
        name="latency",
        title="Latency: 10 clients, one types 400 keys a second",
        figures=latency.FIGURES,
        goals=goals.LATENCY,
        measure=_latency,
        rounds=3,
        kinds=ALL,
        needs_documents=False,
    ),
    Benchmark(
        name="opening",
        title="Opening 2 000 cells, 5 MB",
        figures=opening.FIGURES,
        goals=goals.OPENING,
        measure=_many_cells,
        rounds=2,
        quick=False,
    ),
    Benchmark(
        name="opening",
        title="Opening 500 cells, 37 MB of outputs",
        figures=opening.FIGURES,
        goals=goals.OPENING,
        measure=_big_outputs,
        rounds=2,
    ),
    Benchmark(
        name="first-change",
        title="A notebook that nobody has open: opened, one cell changed, on disk",
        figures=first_change.FIGURES,
        goals=goals.FIRST_CHANGE,
        measure=_first_change,
        rounds=3,
    ),
    Benchmark(
        name="memory",
        title="Memory of open rooms",
        figures=memory.FIGURES,
        goals=goals.MEMORY,
        measure=_memory,
        rounds=2,
    ),
    Benchmark(
        name="store",
        title="Store after 20 000 keys and 50 saves (2 000 and 5 if quick)",
        figures=store.FIGURES,
        goals=goals.STORE,
        measure=_store,
        rounds=1,
        quick=False,
    ),
    Benchmark(
        name="isolation",
        title="Isolation: 20 rooms beside a troublemaker",
        figures=isolation.FIGURES,
        goals=goals.ISOLATION,
        measure=_isolation,
        rounds=3,
        kinds=(OURS,),
    ),
    Benchmark(
        name="printing",
        title="One cell prints 20 000 flushed lines (4 000 if quick), five clients watch",
        figures=printing.FIGURES,
        goals=goals.PRINTING,
        measure=_printing,
        rounds=3,
        kinds=(*RUNNERS, OURS),
    ),
    Benchmark(
        name="runs",
        title="500 cells that say 1+1 (100 if quick)",
        figures=trivial_runs.FIGURES,
        goals=goals.RUNS,
        measure=_trivial_runs,
        rounds=3,
        kinds=(NBCLIENT, OURS),
    ),
    Benchmark(
        name="tables",
        title="Tables: 10 000 records (2 000 if quick)",
        figures=tables.FIGURES,
        goals=tables.GOALS,
        measure=_tables,
        rounds=5,
        kinds=tables.KINDS,
    ),
    Benchmark(
        name="directory",
        title="The server's own tables: others' deeds, a folder of 10 000 files, 100 who look",
        figures=directory.FIGURES,
        goals=goals.DIRECTORY,
        measure=_directory,
        rounds=3,
        kinds=(OURS,),
    ),
)
