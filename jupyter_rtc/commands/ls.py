"""``jupyter rtc ls``: the files of a folder, and who has them open."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

from .lines import moment, size, table
from .servers import add_options, connected

_EXAMPLES = """examples:
  jupyter rtc ls
  jupyter rtc ls analyses --json
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "ls",
        help="the files of a folder, and who has them open",
        description="Lists a folder of a server, with who has which file open.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "path", nargs="?", default="", help="the folder, below the server's; the server's own if left out"
    )
    add_options(command)
    command.add_argument("--json", action="store_true", help="print the rows of the tables, as JSON")
    return command


def main(args: argparse.Namespace) -> int:
    """Print it."""
    rows, users = asyncio.run(_look(args))
    if args.json:
        sys.stdout.write(json.dumps({"contents": rows, "users": users}, indent=2) + "\n")
    else:
        sys.stdout.write(shown(rows, users))
    return 0


async def _look(args: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    async with connected(args) as rtc, rtc.folder(args.path) as rows:
        return {path: dict(row) for path, row in rows.as_dict().items()}, rtc.tables.users.as_dict()


def shown(rows: Mapping[str, Any], users: Mapping[str, Any]) -> str:
    """Return a folder for people."""
    people: dict[str, list[str]] = {}
    for user in users.values():
        for room in user["documents"]:
            people.setdefault(room, []).append(user["display_name"] or user["name"])
    found = sorted(rows.items(), key=lambda one: (one[1]["type"] != "directory", one[1]["name"].lower()))
    lines = [
        (
            row["name"] + ("/" if row["type"] == "directory" else ""),
            size(row["size"]) if row["type"] != "directory" else "-",
            moment(row["last_modified"]),
            ", ".join(sorted(people.get(row["room"] or "", []))) or "-",
        )
        for _, row in found
    ]
    return table(("name", "size", "changed", "open by"), lines)
