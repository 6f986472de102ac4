"""Ports for servers that are started a moment later, and again on the same port.

A port that the system gives out may be somebody else's a moment later: a kernel's, a connection's, another test run's.
So they are taken below the range from which systems give out ports, and each test run takes its own row of them.
"""

import itertools
import os
import random
import socket

_FIRST, _LAST = 20_000, 32_000
_ROW = 200
_START = _FIRST + random.Random(os.getpid()).randrange((_LAST - _FIRST) // _ROW) * _ROW
_NEXT = itertools.cycle([*range(_START, _LAST), *range(_FIRST, _START)])


def free_port() -> int:
    """Return a port on which nothing listens."""
    for port in _NEXT:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("unreachable: the row begins anew")
