"""Sockets that dial again: what waits in one whose kernel is gone comes to the next, which has the same ports."""

from __future__ import annotations

import zmq


def dial_often(context):
    """Let its sockets look for their kernel each millisecond, so that what waits in one comes to the next soon."""
    context.setsockopt(zmq.RECONNECT_IVL, 1)


async def die_before(kernel, *wires):
    """Let a kernel die; return once what is asked over these wires waits for the next."""
    shells = [wire._client.shell_channel.socket for wire in wires]
    ends = [shell.get_monitor_socket(zmq.EVENT_DISCONNECTED) for shell in shells]
    await kernel.die()
    for end in ends:
        await end.recv_multipart()
