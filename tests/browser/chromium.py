"""Browsers: one real Chromium, and in it a separate browser profile and wire for each person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_server.auth import User
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from .lab import Lab
from .tab import Tab
from .wire import Wire

EXECUTABLE = "/usr/bin/chromium"
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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def seat(browser: Browser, lab: Lab, user: User, viewport: ViewportSize = VIEWPORT) -> Iterator[Tab]:
    """Give a person a tab, with cookies, cache and a wire of their own."""
    wire = Wire(lab.port)
    wire.mend()
    try:
        with browser.new_context(viewport=viewport) as context:
            # A Jupyter Server, also one without us, that is stopped while it works on the answer to this waits for ever
            # for its own thread.
            context.route("**/api/nbconvert*", lambda route: route.fulfill(json={}))
            yield Tab(context.new_page(), wire, user)
    finally:
        wire.cut()
