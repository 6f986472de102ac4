"""A browser for the whole folder, a server for each module, and a tab for each person of a test.

When a test fails, what everyone saw, what their consoles said and the server's log are kept in its temporary
directory, and the ends of them are reported. No test may leave a dialog behind that it did not expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jupyter_server.auth import User
from playwright.sync_api import Browser

from .chromium import chromium, seat
from .lab import Lab
from .people import ANA, BO, REA
from .tab import Tab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Iterator[None]:
    report = yield
    if report.failed and report.when == "call":
        for actor in item.funcargs.values():
            if isinstance(actor, Tab | Lab):
                actor.keep(item.funcargs["tmp_path"])
                report.sections.append((f"what {actor} said last", actor.last_words()))
    return report


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop alone: Playwright runs one, which pytest-jupyter would close under it."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean up: the servers of these tests live in processes of their own."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def options() -> tuple[str, ...]:
    """What stands on the server's command line; a module may have its own."""
    return ()


@pytest.fixture(scope="module")
def lab(tmp_path_factory, options) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"), *options)
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def path(lab) -> Path:
    """Where this test may write a notebook of its own, whose kernel runs already."""
    path = lab.root / f"{uuid4().hex[:8]}.ipynb"
    lab.start_kernel(path.name)
    return path


@pytest.fixture
def ana(browser, lab, tmp_path) -> Iterator[Tab]:
    with watched(browser, lab, ANA, tmp_path) as tab:
        yield tab


@pytest.fixture
def bo(browser, lab, tmp_path) -> Iterator[Tab]:
    with watched(browser, lab, BO, tmp_path) as tab:
        yield tab


@pytest.fixture
def rea(browser, lab, tmp_path) -> Iterator[Tab]:
    with watched(browser, lab, REA, tmp_path) as tab:
        yield tab


@contextmanager
def watched(browser: Browser, lab: Lab, user: User, folder: Path) -> Iterator[Tab]:
    """Give a person a tab, and demand at the end that it showed no dialog that the test does not know of."""
    with seat(browser, lab, user) as tab:
        yield tab
        surprises = tab.surprises()
        if surprises:
            tab.keep(folder)
        assert surprises == [], f"{user.display_name} was shown dialogs"
