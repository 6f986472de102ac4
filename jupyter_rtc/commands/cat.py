"""``jupyter rtc cat``: what a document says now, saved or not."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from ..client.streaming import text_of
from ..datastore.content import shape_of
from .lines import sources
from .servers import add_options, connected

_EXAMPLES = """examples:
  jupyter rtc cat notes.md
  jupyter rtc cat analysis.ipynb
  jupyter rtc cat analysis.ipynb --json > copy.ipynb
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "cat",
        help="what a document says now, saved or not",
        description="Prints a shared document as it is at this moment, with what is not saved yet.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("document", help="the file's path, below the server's folder")
    add_options(command)
    command.add_argument("--json", action="store_true", help="print a notebook as its file has it")
    return command


def main(args: argparse.Namespace) -> int:
    """Print it."""
    sys.stdout.write(asyncio.run(_read(args)))
    return 0


async def _read(args: argparse.Namespace) -> str:
    async with connected(args) as rtc:
        if not args.document.endswith(".ipynb"):
            return (await rtc.text(args.document)).source
        nb = await rtc.notebook(args.document)
        if args.json:
            return json.dumps(shape_of("notebook").read(nb.tables.doc), indent=1, ensure_ascii=False) + "\n"
        return sources((cell.type, *_shown(cell)) for cell in nb.cells)


def _shown(cell: Any) -> tuple[int | None, str, str]:
    if cell.type != "code":
        return None, cell.source, ""
    return cell.execution_count, cell.source, text_of(cell.outputs)
