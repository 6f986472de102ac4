"""The installed command, run as a person runs it."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND = Path(sys.executable).with_name("jupyter-rtc")


@dataclass
class Outcome:
    code: int
    out: str
    err: str


async def start(*args, cwd=None, env=None):
    return await asyncio.create_subprocess_exec(
        COMMAND, *map(str, args), cwd=cwd, env=env, preexec_fn=_hear_ctrl_c,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


def _hear_ctrl_c():
    """Let ctrl-C be heard, as at a terminal: what is started in the background does not hear it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


async def ended(process, given=b""):
    async with asyncio.timeout(120):
        out, err = await process.communicate(given)
    return Outcome(process.returncode, out.decode(), err.decode())


async def shell(*args, given=b"", cwd=None, env=None):
    """Run the command to its end."""
    return await ended(await start(*args, cwd=cwd, env=env), given)


def at(server):
    """Return the options that name a test's server."""
    from ..server.rig import TOKEN

    return ("--url", server.url(""), "--token", TOKEN)
