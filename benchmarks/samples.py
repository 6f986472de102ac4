"""Samples, and what becomes of them: rounds, medians, ratios. Pure, apart from the order it asks in."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from .errors import BenchmarkError
from .servers import Kind

Sample = dict[str, float]
"""One measurement of one server: figures by name."""

NOTICEABLE_FOREIGN_SHARE = 0.05
"""From which share of a core on, taken by strangers, a sample is measured again and then marked."""

_LONGEST = 240.0
"""Seconds for one sample."""

Measure = Callable[[Kind], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that a benchmark measures, and how to show it."""

    name: str
    unit: str
    more_is_better: bool = False
    digits: int = 1
    compared: bool = True
    """Whether its ratios to the other servers are shown."""


@dataclass(slots=True)
class Outcome:
    """All samples of one benchmark, by server."""

    title: str
    figures: Sequence[Figure]
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """Why a server has no, or not all, samples."""

    def spread(self, server: str, figure: str) -> tuple[float, float, float] | None:
        """Return median, least and greatest; None if it was not measured."""
        values = [sample[figure] for sample in self.samples.get(server, []) if figure in sample]
        return (statistics.median(values), min(values), max(values)) if values else None

    def ratio(self, figure: str, server: str, other: str) -> float | None:
        """Return a server's median as a multiple of another's."""
        ours, theirs = self.spread(server, figure), self.spread(other, figure)
        return ours[0] / theirs[0] if ours and theirs and theirs[0] > 0 else None


def percentile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    ordered = sorted(values)
    if not ordered:
        raise BenchmarkError("nothing was received")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def rounds(outcome: Outcome, kinds: Sequence[Kind], count: int, measure: Measure, again: bool) -> Outcome:
    """Measure every kind in each round, beginning with another one each time.

    ``again`` says whether to repeat a sample that strangers have disturbed.
    """
    for number in range(count):
        shift = number % max(1, len(kinds))
        for kind in (*kinds[shift:], *kinds[:shift]):
            print(f"{outcome.title}: round {number + 1} of {count}, {kind.name}", file=sys.stderr, flush=True)
            try:
                sample = await (_undisturbed(kind, measure) if again else _in_time(kind, measure))
            except (BenchmarkError, OSError, TimeoutError) as error:
                outcome.failures[kind.name] = "; ".join([str(error), *getattr(error, "__notes__", [])])
            else:
                outcome.samples.setdefault(kind.name, []).append(sample)
    return outcome


async def _undisturbed(kind: Kind, measure: Measure) -> Sample:
    """Measure once more if strangers needed the machine; return the less disturbed sample."""
    sample = await _in_time(kind, measure)
    if sample.get("foreign share", 0) <= NOTICEABLE_FOREIGN_SHARE:
        return sample
    return min(sample, await _in_time(kind, measure), key=lambda one: one["foreign share"])


async def _in_time(kind: Kind, measure: Measure) -> Sample:
    """Measure, but do not wait for ever for a server that hangs."""
    try:
        return await asyncio.wait_for(measure(kind), _LONGEST)
    except TimeoutError:
        raise BenchmarkError(f"{kind.name} did not come to an end within {_LONGEST:.0f} s") from None
