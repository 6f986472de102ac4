"""A browser for the whole folder, a server for each module, and a tab for each person of a test.

When a test fails, what everyone saw, what their consoles said and the server's log are kept in its temporary
directory. No test may leave a dialog behind that it did not expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
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
        keep_what_was_seen(item.funcargs)
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
def lab(tmp_path_factory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
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
def ana(browser, lab, request) -> Iterator[Tab]:
    with seat(browser, lab, ANA) as tab:
        yield tab
        expect_no_surprise(tab, request.node)


@pytest.fixture
def bo(browser, lab, request) -> Iterator[Tab]:
    with seat(browser, lab, BO) as tab:
        yield tab
        expect_no_surprise(tab, request.node)


@pytest.fixture
def rea(browser, lab, request) -> Iterator[Tab]:
    with seat(browser, lab, REA) as tab:
        yield tab
        expect_no_surprise(tab, request.node)


def expect_no_surprise(tab: Tab, item: Any) -> None:
    """Demand that this person was shown no dialog that the test does not know of."""
    surprises = tab.surprises()
    if surprises:
        keep_what_was_seen(item.funcargs)
    assert surprises == [], f"{tab.user.display_name} was shown dialogs"


def keep_what_was_seen(actors: dict[str, Any]) -> None:
    """Write what every person and server of a test shows and said into the test's directory."""
    folder = actors["tmp_path"]
    for actor in actors.values():
        if isinstance(actor, Tab | Lab):
            actor.keep(folder)
