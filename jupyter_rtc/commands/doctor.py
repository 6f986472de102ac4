"""``jupyter rtc doctor``: whether everything is there, in order, and out of each other's way."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from jupyter_core.paths import jupyter_config_path
from jupyter_server.config_manager import BaseJSONConfigManager, recursive_update

from ..errors import StoreError, StoreUnavailable
from ..relay.settings import HubSettings
from ..store import tables
from ..store.file import check_owner
from ..store.lock import in_use
from ..store.migrations import check_version, migrate
from .store_file import add_options, opened, place_of

_EXAMPLES = """examples:
  jupyter rtc doctor
  jupyter rtc doctor --root-dir /home/ana/work

The exit code is 1 if there is a problem.
"""

Version = Callable[[str], str]

RIVALS = {
    "jupyter_server_ydoc": "jupyter server extension disable jupyter_server_ydoc",
    "jupyter_server_documents": "jupyter server extension disable jupyter_server_documents",
    "jupyter_collaboration": "jupyter server extension disable jupyter_collaboration",
}
"""Other extensions that answer at the same addresses, and what switches them off."""

FRONTENDS = ("jupyterlab", "jupyter-docprovider", "jupyter-collaboration-ui")
_INSTEAD = "The server takes another file, or memory, and says so in its log and its status."
LARGE = 2**30
"""Bytes up to which a store is looked through."""


class Level(Enum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found."""

    level: Level
    words: str


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "doctor",
        help="check the installation, other extensions in the way, and the store",
        description="Checks the installation, whether other extensions are in the way, and the health of the store.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(command)
    return command


def main(args: argparse.Namespace) -> int:
    """Check everything."""
    findings = [*packages(version), *extensions(configured()), *store(place_of(args))]
    for one in findings:
        sys.stdout.write(f"{one.level.value:8} {one.words}\n")
    return int(any(one.level is Level.PROBLEM for one in findings))


def configured() -> Mapping[str, Any]:
    """Return which server extensions are switched on, as all configuration files together say."""
    config: dict[str, Any] = {}
    for folder in reversed(jupyter_config_path()):
        found = BaseJSONConfigManager(config_dir=folder, read_directory=True).get("jupyter_server_config")
        recursive_update(config, found)
    extensions: Mapping[str, Any] = config.get("ServerApp", {}).get("jpserver_extensions", {})
    return extensions


def packages(version_of: Version) -> Iterator[Finding]:
    """Check what is installed."""
    for name in ("jupyter-rtc-server", "jupyter-server", "jupyter-ydoc", "pycrdt"):
        yield Finding(Level.OK, f"{name} {version_of(name)}")
    for name in FRONTENDS:
        try:
            yield Finding(Level.OK, f"{name} {version_of(name)}")
        except PackageNotFoundError:
            words = f"{name} is not installed; people in a browser need it: pip install 'jupyter-rtc-server[lab]'"
            yield Finding(Level.WARNING, words)


def extensions(switched: Mapping[str, Any]) -> Iterator[Finding]:
    """Check which server extensions are on."""
    if switched.get("jupyter_rtc"):
        yield Finding(Level.OK, "the server extension jupyter_rtc is switched on")
    else:
        words = "the server extension is switched off; switch it on: jupyter server extension enable jupyter_rtc"
        yield Finding(Level.PROBLEM, words)
    if switched.get("jupyter_server_fileid") is False:
        words = "jupyter_server_fileid is switched off, without which renamed files are lost sight of; switch it on: "
        yield Finding(Level.PROBLEM, words + "jupyter server extension enable jupyter_server_fileid")
    for name, remedy in RIVALS.items():
        if switched.get(name):
            yield Finding(Level.PROBLEM, f"{name} answers at the same addresses; switch it off: {remedy}")


def store(path: Path) -> Iterator[Finding]:
    """Check the store's file and its folder."""
    folder = next(one for one in path.parents if one.exists())
    if not os.access(folder, os.W_OK):
        yield Finding(Level.PROBLEM, f"the store cannot be written: {folder} is not writable for this user")
    if not path.exists():
        yield Finding(Level.OK, f"the store will be made at {path}")
        return
    if not os.access(path, os.W_OK):
        yield Finding(Level.PROBLEM, f"the store at {path} cannot be written by this user. {_INSTEAD}")
    if in_use(path.with_name(f"{path.name}.lock")):
        yield Finding(Level.OK, f"a server uses the store at {path}; another one beside it takes a file of its own")
    if path.stat().st_size > LARGE:
        yield Finding(Level.WARNING, f"the store at {path} is too large to be looked through here")
        return
    try:
        with opened(path) as db:
            yield from _health(path, db)
    except StoreUnavailable as error:
        yield Finding(Level.PROBLEM, f"{error.words} The server sets a damaged one aside and begins a new one.")


def _health(path: Path, db: Connection) -> Iterator[Finding]:
    try:
        check_owner(db)
        check_version(db)
    except StoreError as error:
        yield Finding(Level.PROBLEM, f"{error.words} ({path}) {_INSTEAD}")
        return
    (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        words = f"the store at {path} is damaged: {found}. `jupyter rtc export` reads what can be."
        yield Finding(Level.PROBLEM, words)
        return
    migrate(db)  # a copy
    (rooms,) = db.execute("SELECT count(*) FROM room").fetchone()
    yield Finding(Level.OK, f"the store at {path} is sound; it has {rooms} documents")
    if stopped := [one for one in tables.attempts(db).values() if one >= HubSettings().load_attempts]:
        words = f"{len(stopped)} documents are not opened any more, as they stopped the server; `jupyter rtc store`"
        yield Finding(Level.WARNING, f"{words} lists them")
    if aside := tables.aside(db):
        words = f"{len(aside)} damaged histories are kept aside in the store; `jupyter rtc store` lists them"
        yield Finding(Level.WARNING, words)
