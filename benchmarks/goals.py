"""What the figures should be, compared with the others measured in the same run. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .samples import Outcome
from .servers import COLLABORATION, DOCUMENTS, JOINING, NBCLIENT, OURS, PEERS, PLAIN, RUNNERS, Kind


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for one of our figures, as a multiple of others' or, without others, in its own unit."""

    figure: str
    limit: float
    others: tuple[Kind, ...] = ()
    at_least: bool = False

    def words(self) -> str:
        """Say it."""
        sign = ">=" if self.at_least else "<="
        best = "the better of " if len(self.others) > 1 else ""
        beside = f" x {best}{' and '.join(kind.name for kind in self.others)}" if self.others else ""
        return f"{self.figure} {sign} {self.limit:g}{beside}"

    def reached(self, outcome: Outcome) -> float | None:
        """Return what stands against the limit; None if something was not measured.

        A peer whose figure is nothing at all (a server without a store) sets no mark.
        """
        ours = outcome.spread(OURS.name, self.figure)
        if ours is None or not self.others:
            return ours and ours[0]
        ratios = [outcome.ratio(self.figure, OURS.name, kind.name) for kind in self.others]
        known = [ratio for ratio in ratios if ratio is not None]
        return (min(known) if self.at_least else max(known)) if known else None

    def is_met(self, outcome: Outcome) -> bool | None:
        """Whether it is met; None if that cannot be told."""
        reached = self.reached(outcome)
        if reached is None:
            return None
        return reached >= self.limit if self.at_least else reached <= self.limit


FANOUT = (
    Goal("deliveries", 30, (COLLABORATION,), at_least=True),
    Goal("deliveries", 15, (DOCUMENTS,), at_least=True),
    Goal("deliveries", 0.5, (JOINING,), at_least=True),
)
LATENCY = tuple(Goal(figure, 2, (PLAIN,)) for figure in ("p50", "p99", "cpu per key"))
OPENING = (Goal("cold", 1, PEERS), Goal("warm", 1, PEERS), Goal("others' p99", 50))
FIRST_CHANGE = tuple(Goal(figure, 1, PEERS) for figure in ("small, on disk", "5 MB, on disk"))
MEMORY = (Goal("small room", 1, PEERS), Goal("5 MB room", 1, PEERS))
STORE = (Goal("running", 1, PEERS), Goal("after stop", 1, PEERS))
ISOLATION = (Goal("thrown out", 0),)
PRINTING = (
    Goal("cpu per line", 0.2, RUNNERS),
    Goal("frames", 0.2, RUNNERS),
    Goal("cpu growth", 1.2),
    Goal("lost", 0),
)
RUNS = (Goal("time per run", 1.3, (NBCLIENT,)),)
DIRECTORY = (
    *(Goal(figure, 200) for figure in ("kernel killed", "session made", "file by REST", "file on disk", "last of 100")),
    Goal("large folder", 1_000),
    Goal("idle cpu", 1),
)
