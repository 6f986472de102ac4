"""What is told for as long as it lasts: that a file cannot be written, or that nothing is stored. No I/O.

One thing is told at a time of each matter, which is the first word of its code. Newcomers hear all of it in words, and
who did not ask for words sees the newest that has a brief form, as a sign in the text.
"""

from __future__ import annotations

from ..protocol.messages import Problem
from .sign import Sign


class Lasting:
    """What lasts in one room."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sign = Sign()
        self._told: dict[str, tuple[Problem, str]] = {}

    @property
    def problems(self) -> list[Problem]:
        """What newcomers are told."""
        return [problem for problem, _ in self._told.values()]

    def note(self, problem: Problem, lasts: bool, brief: str) -> None:
        """Note that this is so from now on, or that what was told of the same matter is over."""
        matter = problem.code.partition(" ")[0]
        self._told.pop(matter, None)
        if lasts:
            self._told[matter] = problem, brief
        self.sign.take_down()
        for newest, in_brief in self._told.values():
            if in_brief:
                self.sign.put_up(in_brief, newest.words)
