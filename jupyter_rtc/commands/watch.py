"""``jupyter rtc watch``: what changes, while it changes, and by whom."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from ..client.client import Client
from ..client.document import OpenDocument
from ..tables import Change, Watch
from .servers import add_options, connected

_EXAMPLES = """examples:
  jupyter rtc watch                 # kernels, sessions, terminals, who comes and goes
  jupyter rtc watch analysis.ipynb  # cells, runs, questions, who looks at it
"""

_SHORT = 60


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "watch",
        help="what changes in a document or on the server, while it does",
        description="Prints changes as they come, until ctrl-C.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("document", nargs="?", help="the file's path; the server's own tables if left out")
    add_options(command)
    command.add_argument("--changes", type=int, metavar="N", help="end after so many changes")
    return command


def main(args: argparse.Namespace) -> int:
    """Print them."""
    asyncio.run(_watch(args))
    return 0


async def _watch(args: argparse.Namespace) -> None:
    async with connected(args) as rtc:
        document = await _opened(rtc, args.document)
        people = asyncio.create_task(_show_people(document)) if args.document else None
        sys.stderr.write(f"Watching {args.document or 'the server'}; ctrl-C ends it.\n")
        try:
            await _show_changes(document.watch(), args.changes)
        finally:
            if people is not None:
                people.cancel()


async def _opened(rtc: Client, path: str | None) -> OpenDocument:
    if path is None:
        return rtc.tables
    return await rtc.notebook(path) if path.endswith(".ipynb") else await rtc.text(path)


async def _show_changes(changes: Watch, limit: int | None) -> None:
    shown = 0
    async for change in changes:
        sys.stdout.write(line(change) + "\n")
        sys.stdout.flush()
        shown += 1
        if limit is not None and shown >= limit:
            return


async def _show_people(document: OpenDocument) -> None:
    async for people in document.watch_people():
        names = ", ".join(sorted(person.name for person in people)) or "nobody"
        sys.stdout.write(f"here: {names}\n")
        sys.stdout.flush()


def line(change: Change) -> str:
    """Return a change in one line."""
    head = f"{change.table} {change.id}"
    if change.after is None:
        return f"{head} deleted"
    if change.before is None:
        return f"{head} created"
    if not change.fields:
        return f"{head} moved"
    return f"{head} " + " ".join(f"{name}={_short(change.after[name])}" for name in sorted(change.fields))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"
