"""Which server a command is about: one that is named, or the one that runs here."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from ..client import Client, connect
from ..errors import ServerUnreachable


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that name a server."""
    command.add_argument(
        "--url", help="the server's address, also as it stands in a browser; else the one that runs here"
    )
    command.add_argument("--token", help="the token to log in with; else the one in the address or the environment")


def connected(args: argparse.Namespace) -> AbstractAsyncContextManager[Client]:
    """Connect to the server that is meant.

    Raises:
        ServerUnreachable: none runs here, or several do.

    """
    if args.url:
        return connect(args.url, token=args.token)
    from jupyter_server.serverapp import list_running_servers  # half a second, and seldom needed

    found = choose(list_running_servers(), Path.cwd())
    return connect(found["url"], token=args.token or found.get("token") or None)


def choose(servers: Iterable[Mapping[str, Any]], here: Path) -> Mapping[str, Any]:
    """Return the only server, or the one in whose folder somebody is; raises ServerUnreachable."""
    running = list(servers)
    if not running:
        raise ServerUnreachable("No Jupyter server runs here. Start one, or name another's address with --url.")
    if len(running) == 1:
        return running[0]
    fitting = [one for one in running if here.is_relative_to(Path(one["root_dir"]))]
    deepest = max((len(Path(one["root_dir"]).parts) for one in fitting), default=0)
    nearest = [one for one in fitting if len(Path(one["root_dir"]).parts) == deepest]
    if len(nearest) == 1:
        return nearest[0]
    urls = ", ".join(str(one["url"]) for one in running)
    raise ServerUnreachable(f"Several Jupyter servers run here: {urls}. Say which is meant with --url.")
