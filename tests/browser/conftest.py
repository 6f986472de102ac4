"""A browser for the whole folder, a server for each module, and a tab for each person of a test.

When a test fails, what everyone saw, what their consoles said and the server's log are kept in its temporary
directory. No test may leave a dialog behind that it did not expect.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import User
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from .lab import Lab
from .people import ANA, BO, REA
from .tab import Tab
from .wire import Wire

CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

VIEWPORT: ViewportSize = {"width": 1100, "height": 900}


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
    return report


@pytest.fixture(autouse=True)
def jp_asyncio_loop() -> None:
    """Leave the event loop alone: Playwright runs one, which pytest-jupyter would close under it."""


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean up: the servers of these tests live in processes of their own."""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Lab]:
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()


@pytest.fixture
def sit_down(browser, lab, tmp_path) -> Iterator[Callable[[User], Tab]]:
    """Give a person a tab in a browser of their own; at the end, it must have shown no dialog that was not expected."""
    with contextlib.ExitStack() as stack:
        tabs: list[Tab] = []

        def sit_down(user: User) -> Tab:
            wire = Wire(lab.port)
            wire.mend()
            stack.callback(wire.cut)
            context = stack.enter_context(browser.new_context(viewport=VIEWPORT))
            tabs.append(Tab(context.new_page(), wire, user))
            return tabs[-1]

        yield sit_down
        surprises = {tab.user.name: tab.surprises() for tab in tabs if tab.surprises()}
        for tab in tabs if surprises else []:
            tab.keep(tmp_path)
        assert surprises == {}


@pytest.fixture
def ana(sit_down) -> Tab:
    return sit_down(ANA)


@pytest.fixture
def bo(sit_down) -> Tab:
    return sit_down(BO)


@pytest.fixture
def rea(sit_down) -> Tab:
    return sit_down(REA)
