"""``jupyter rtc status``: what a server has open."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from .lines import size, table
from .servers import add_options, connected

_EXAMPLES = """examples:
  jupyter rtc status
  jupyter rtc status --url http://localhost:8888/?token=... --json
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "status",
        help="what a server has open, who looks at it, and whether it is saved",
        description="Shows the open rooms of a server, who is in them, and whether files and store can be written.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(command)
    command.add_argument("--json", action="store_true", help="print all that the server says, as JSON")
    return command


def main(args: argparse.Namespace) -> int:
    """Print it."""
    status = asyncio.run(_ask(args))
    sys.stdout.write(json.dumps(status, indent=2) + "\n" if args.json else shown(status))
    return 0


async def _ask(args: argparse.Namespace) -> Any:
    async with connected(args) as rtc:
        return await rtc.status()


def shown(status: Any) -> str:
    """Return the status for people."""
    store = status["store"]
    lines = [f"store: {store['kind']}{', ' + store['words'] if store['words'] else ''}\n"]
    lines.append(f"kernels with runs: {len(status['kernels'])}\n\n")
    head = ("document", "state", "people", "saved", "history")
    wrong = [f"\n{_name(room)}: {room['log']['words']}\n" for room in status["rooms"] if room["log"]["words"]]
    return "".join(lines) + table(head, [_row(room) for room in status["rooms"]]) + "".join(wrong)


def _name(room: Any) -> str:
    return str((room["keeper"] or {}).get("path") or room["room"])


def _row(room: Any) -> tuple[str, ...]:
    keeper, log = room["keeper"] or {}, room["log"]
    people = sorted({one["username"] for one in room["participants"]})
    saved = "-" if "unsaved" not in keeper else keeper.get("problem") or ("no" if keeper["unsaved"] else "yes")
    return (
        _name(room),
        keeper.get("standing") or room["phase"],
        ", ".join(people) or "-",
        saved,
        size(log["bytes"] + log["snapshot_bytes"]),
    )
