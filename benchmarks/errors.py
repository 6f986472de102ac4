"""What can go wrong in a benchmark, so that one server's failure is a line in the table, not the end."""

from __future__ import annotations


class BenchmarkError(Exception):
    """A figure could not be measured; the text says why."""
