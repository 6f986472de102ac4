"""``jupyter rtc run``: runs a notebook on the server, beside whoever else has it open.

The runs go on if this command ends before them, except that ctrl-C interrupts the kernel, as in a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from typing import Any

from ..client.notebook import Notebook
from ..client.question import Question
from ..client.run import Run
from ..client.streaming import text_of
from ..errors import ServerRefused
from .servers import add_options, connected

_EXAMPLES = """examples:
  jupyter rtc run analysis.ipynb
  jupyter rtc run analysis.ipynb --cell 3f2a --cell 9c01
  jupyter rtc run analysis.ipynb --timeout 60   # the runs go on on the server

The exit code is 0 if all cells ran well, and 1 if one did not.
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "run",
        help="run a notebook, and show what it prints while it runs",
        description="Runs the code cells of a notebook on the server. Who has it open sees it as well.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("notebook", help="the notebook's path, below the server's folder")
    add_options(command)
    command.add_argument(
        "--cell", action="append", default=[], metavar="ID", help="run only this cell; may be repeated"
    )
    command.add_argument("--kernel", metavar="KIND", help="the kind of kernel to start if the notebook has none")
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="wait no longer than this; what runs goes on")
    return command


def main(args: argparse.Namespace) -> int:
    """Run it."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    async with connected(args) as rtc:
        nb = await rtc.notebook(args.notebook)
        await nb.start_kernel(args.kernel)
        runs = [await nb.cells[one].run() for one in args.cell] if args.cell else await nb.start_all()
        answering = asyncio.create_task(_answer_questions(nb))
        try:
            async with asyncio.timeout(args.timeout):
                await _show(runs)
        except TimeoutError:
            sys.stderr.write(f"Not done after {args.timeout:g} s; it goes on on the server.\n")
            return 1
        except asyncio.CancelledError:
            await nb.interrupt()
            raise
        finally:
            answering.cancel()
        await nb.save()
    return 0 if all(run.ok for run in runs) else 1


async def _show(runs: Sequence[Run]) -> None:
    for number, run in enumerate(runs, 1):
        sys.stderr.write(f"[{number}/{len(runs)}] {run.cell_id}\n")
        async for output in run:
            _print(output)
        if not run.ok:
            sys.stderr.write(f"[{number}/{len(runs)}] {run.status}: {_reason(run)}\n")


def _print(output: dict[str, Any]) -> None:
    stream = sys.stderr if output.get("name") == "stderr" or output["output_type"] == "error" else sys.stdout
    stream.write(text_of([output]))
    stream.flush()


def _reason(run: Run) -> str:
    failure = run.failure or {}
    return str(failure.get("evalue") or failure.get("ename") or "it did not end well")


async def _answer_questions(nb: Notebook) -> None:
    """Ask on the terminal what running code asks."""
    while True:
        question = await nb.next_input()
        text = await asyncio.to_thread(_ask, question.prompt, question.is_password)
        await _give(question, text)
        await nb.until(lambda: question not in nb.inputs)  # noqa: B023  awaited before the next one


async def _give(question: Question, text: str) -> None:
    try:
        await question.answer(text)
    except ServerRefused as error:
        sys.stderr.write(f"{error.words}\n")  # somebody else was quicker


def _ask(prompt: str, hidden: bool) -> str:
    try:
        return getpass.getpass(prompt) if hidden else input(prompt)
    except EOFError:
        return ""
