"""``jupyter rtc``: reads the command line, runs one command, and says in one sentence what went wrong.

Exit codes: 0 it went well, 1 it did not, 2 the command line cannot be understood, 130 somebody pressed ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..errors import RtcError
from . import cat, doctor, export, ls, run, status, store, watch

COMMANDS = (status, ls, cat, run, watch, export, store, doctor)

_EPILOG = """examples:
  jupyter rtc status
  jupyter rtc run analysis.ipynb
  jupyter rtc export analysis.ipynb -o saved.ipynb

`jupyter rtc COMMAND --help` has more of them.
"""


def parser() -> argparse.ArgumentParser:
    """Return what understands the command line."""
    found = argparse.ArgumentParser(
        prog="jupyter rtc",
        description="Looks at shared documents, runs notebooks, and helps when something is wrong.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = found.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands).set_defaults(run=module.main)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    args = parser().parse_args(argv)
    try:
        return int(args.run(args))
    except RtcError as error:
        sys.stderr.write(f"jupyter rtc: {error.words}\n")
        return 1
    except BrokenPipeError:
        sys.stderr.close()  # who reads has gone, as `head` does
        return 1
    except KeyboardInterrupt:
        return 130
