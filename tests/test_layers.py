"""Imports only go down. This table is the architecture; the code obeys it."""

import ast
import re
from pathlib import Path

import pytest

import jupyter_rtc

PACKAGE = Path(jupyter_rtc.__file__).parent
TESTS = Path(__file__).parent
BASE = {"errors", "ids", "documents", "notices"}
MAY_IMPORT = {
    "__init__": {"app"},
    "errors": set(),
    "ids": {"errors"},
    "notices": {"ids"},
    "documents": {"errors", "ids"},
    "protocol": {"errors", "ids"},
    "datastore": {"errors", "ids"},
    "tables": {"errors", "ids", "datastore"},
    "client": {"errors", "ids", "protocol", "datastore", "tables"},
    "store": {"errors", "ids"},
    "relay": BASE | {"protocol", "store"},
    "supernode": BASE | {"datastore"},
    "kernels": BASE | {"datastore", "supernode"},
    "directory": BASE | {"datastore", "tables", "supernode", "kernels"},
    "commands": BASE | {"client", "tables", "datastore", "store", "relay", "kernels"},
    "inprocess": BASE | {"client", "relay", "kernels"},
    "lab": BASE | {"protocol", "datastore", "relay", "supernode", "kernels"},
}
KNOWS_EVERYONE = {"app", "testing", "status", "metrics"}
PURE = (
    "errors.py",
    "ids.py",
    "notices.py",
    "protocol/",
    "datastore/",
    "tables/",
    "client/address.py",
    "client/ledger.py",
    "client/login.py",
    "client/parting.py",
    "client/presence.py",
    "client/replica.py",
    "client/rescue.py",
    "client/shadow.py",
    "client/streaming.py",
    "client/transport.py",
    "relay/session.py",
    "relay/sign.py",
    "relay/presence.py",
    "relay/changes.py",
    "relay/room.py",
    "relay/lasting.py",
    "relay/lineage.py",
    "relay/names.py",
    "relay/doubts.py",
    "relay/containment.py",
    "relay/ready.py",
    "relay/member.py",
    "relay/seed.py",
    "relay/whole.py",
    "relay/settings.py",
    "relay/room_status.py",
    "relay/history.py",
    "supernode/plan.py",
    "kernels/run.py",
    "kernels/queue.py",
    "kernels/ending.py",
    "kernels/message.py",
    "kernels/next_input.py",
    "kernels/records.py",
    "kernels/cells.py",
    "kernels/comms.py",
    "kernels/remembered.py",
    "kernels/source_hash.py",
    "kernels/reasons.py",
    "directory/growth.py",
    "directory/request.py",
    "directory/values.py",
    "lab/closing.py",
)
IO = {"asyncio", "tornado", "sqlite3", "socket", "threading", "time", "jupyter_server", "os", "subprocess"}
NO_SERVER = {"jupyter_server", "jupyter_client", "jupyter_ydoc", "traitlets"}
MODULES = sorted(PACKAGE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imports(path: Path) -> set[str]:
    """Return the full names that this file imports, relative imports made absolute."""
    here = ("jupyter_rtc", *path.relative_to(PACKAGE).parts[:-1])
    found: set[str] = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            parents = here[: len(here) + 1 - node.level] if node.level else ()
            stem = (*parents, *filter(None, [node.module]))
            found |= {".".join((*stem, alias.name)) for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_only_go_down(path):
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if layer in KNOWS_EVERYONE:
        return
    ours = {full.split(".")[1] for full in imports(path) if full.startswith("jupyter_rtc.")}
    assert ours - {layer} <= MAY_IMPORT[layer]


@pytest.mark.parametrize("path", [p for p in MODULES if name(p).startswith(PURE)], ids=name)
def test_pure_modules_do_no_io(path):
    assert {full.split(".")[0] for full in imports(path)} & IO == set()


@pytest.mark.parametrize("path", [p for p in MODULES if name(p).startswith("client/")], ids=name)
def test_a_client_needs_no_server_of_its_own(path):
    assert {full.split(".")[0] for full in imports(path)} & NO_SERVER == set()


@pytest.mark.parametrize("path", [p for p in MODULES if p.name[0] != "_"], ids=name)
def test_every_module_has_its_test_module(path):
    assert (TESTS / path.relative_to(PACKAGE).parent / f"test_{path.name}").exists()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path):
    assert path.stat().st_size == 0 or ast.get_docstring(TREES[path])


@pytest.mark.parametrize("package", ["kernels", "relay", "supernode"])
def test_the_map_of_a_large_package_names_each_of_its_modules_once(package):
    text = ast.get_docstring(ast.parse((PACKAGE / package / "__init__.py").read_text()))
    named = re.findall(r"``(\w+)``", text.partition("Where to look:")[2])
    assert sorted(named) == sorted(path.stem for path in (PACKAGE / package).glob("*.py") if path.stem != "__init__")
