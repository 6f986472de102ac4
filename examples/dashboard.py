"""A live dashboard of a server's kernels: ``python dashboard.py URL [SECONDS]``.

It prints a line for each kernel whenever one begins, works, rests, dies or ends; nothing is polled.
"""

import asyncio
import sys
from contextlib import suppress

from jupyter_rtc.client import connect
from jupyter_rtc.client.server_tables import ServerTables


def lines(tables: ServerTables) -> list[str]:
    """Return a line for each kernel, with the file that it belongs to."""
    paths = {session["kernel_id"]: session["path"] for session in tables.sessions}
    return [
        f"{one.id[:8]} {one['name']:10} {one['execution_state']:10} {paths.get(one.id, '-')} {one['reason']}"
        for one in tables.kernels
    ]


async def watch(url: str) -> None:
    """Print the dashboard, and again when it changes."""
    async with connect(url) as rtc:
        shown: list[str] | None = None
        while True:
            await rtc.tables.until(lambda seen=shown: lines(rtc.tables) != seen)
            shown = lines(rtc.tables)
            print(f"--- {len(shown)} kernels, {len(rtc.tables.users)} users", *shown, sep="\n", flush=True)


async def main(url: str, seconds: str = "") -> None:
    """Watch for so many seconds, or until ctrl-C."""
    with suppress(TimeoutError):
        async with asyncio.timeout(float(seconds) if seconds else None):
            await watch(url)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
