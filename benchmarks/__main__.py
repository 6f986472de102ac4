"""``python -m benchmarks``: measure, and print ratios."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from . import environments, report, servers
from .catalogue import BENCHMARKS, Benchmark
from .machine import Cores
from .samples import Outcome, Sample, rounds
from .servers import ALL, Kind, Stable

PACKAGES = (
    "jupyter-rtc-server",
    "jupyter-server-ydoc",
    "jupyter-server-documents",
    "jupyter-server",
    "jupyter-ydoc",
    "pycrdt",
    "tornado",
)
"""Whose versions are told."""


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    names = list(dict.fromkeys(one.name for one in BENCHMARKS))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", help=f"any of {', '.join(names)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="one short round of each, in about two minutes")
    parser.add_argument("--rounds", type=int, help="how many rounds, instead of each one's own number")
    parser.add_argument("--servers", help=f"only these, divided by «;»: {'; '.join(kind.name for kind in ALL)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything here")
    default = Path(tempfile.gettempdir()) / "rtc-benchmarks"
    parser.add_argument("--cache", type=Path, default=default, help="where the peers are installed")
    asked = parser.parse_args()
    if unknown := set(asked.which) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return asked


def chosen(asked: argparse.Namespace, benchmark: Benchmark) -> list[Kind]:
    """Return the servers to measure, of those that are there."""
    kinds = benchmark.kinds
    if asked.servers:
        named = {name.strip() for name in asked.servers.split(";")}
        kinds = [kind for kind in ALL if kind.name in named]
    possible = (kind for kind in kinds if not (kind.is_bare and benchmark.needs_documents))
    return [kind for kind in possible if servers.is_there(kind)]


async def measured(asked: argparse.Namespace, stable: Stable, benchmark: Benchmark) -> Outcome:
    """Run one benchmark in all its rounds."""

    def measure(kind: Kind) -> Awaitable[Sample]:
        return benchmark.measure(stable, kind, asked.quick)

    count = asked.rounds or (1 if asked.quick else benchmark.rounds)
    outcome = Outcome(benchmark.title, benchmark.figures)
    return await rounds(outcome, chosen(asked, benchmark), count, measure, again=not asked.quick)


def run(asked: argparse.Namespace) -> None:
    """Install what is needed, measure what is asked for, print it."""
    asked.cache.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in BENCHMARKS if (one.name in asked.which if asked.which else one.quick or not asked.quick)]
    kinds = list(dict.fromkeys(kind for one in wanted for kind in chosen(asked, one)))
    installed = {k.name: environments.versions(servers.python_of(k, asked.cache), PACKAGES) for k in kinds}
    cores = Cores.of_this_machine()
    cores.pin_load()
    said: dict[str, Any] = {"versions": installed, "benchmarks": []}
    for one in wanted:
        began = time.perf_counter()
        outcome = asyncio.run(measured(asked, Stable(asked.cache, cores), one))
        print(report.text(outcome, one.goals), flush=True)
        print(f"({time.perf_counter() - began:.0f} s)", file=sys.stderr)
        said["benchmarks"].append(report.for_machines(outcome, one.goals))
    if asked.json:
        asked.json.write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    run(arguments())
