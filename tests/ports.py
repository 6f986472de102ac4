"""Ports for servers that are started a moment later, and again on the same port.

A port that the system gives out may be somebody else's a moment later: a kernel's, a connection's, another test run's.
So they are taken below the range from which systems give out ports, and each test run takes its own row of them, as
long as it lives.
"""

import itertools
import os
import random
import socket

_FIRST, _LAST = 20_000, 32_000
_ROW = 200


def _own_row() -> tuple[socket.socket, int]:
    """Take a row that no other test run has: it holds the row's first port, and nobody listens there."""
    rows = list(range(_FIRST, _LAST, _ROW))
    random.Random(os.getpid()).shuffle(rows)
    for start in rows:
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", start))
        except OSError:
            claim.close()
        else:
            return claim, start
    raise AssertionError("other test runs have all rows of ports")


_CLAIM, _START = _own_row()
_NEXT = itertools.cycle(range(_START + 1, _START + _ROW))


def free_port() -> int:
    """Return a port on which nothing listens."""
    for port in itertools.islice(_NEXT, _ROW):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("servers have all ports of this test run's row")
