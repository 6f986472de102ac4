"""The picture of two people in one notebook, for the documentation.

    python -m tests.browser.picture

takes it again, and writes it to ``docs/images/two-people.png``.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import nbformat
from playwright.sync_api import ViewportSize

from .chromium import chromium, seat
from .lab import CHECKOUT, Lab
from .notebooks import METADATA
from .people import ANA, BO
from .tab import Tab, eventually, open_for

TARGET = CHECKOUT / "docs" / "images" / "two-people.png"
SIZE: ViewportSize = {"width": 1000, "height": 520}
NAME = "tides.ipynb"
TITLE = "# Tides in the harbour\n\nHeight of the water in metres, each hour from noon."
HEIGHTS = "heights = [1.2, 1.9, 2.8, 3.6, 3.9, 3.5, 2.6, 1.7]\nmax(heights)"
LINE = "print(*('▁▂▃▄▅▆▇█'[round(2 * height) - 1] for height in heights))"
TYPED = "mean = sum(heights) / len(heights"


def write_tides(path: Path) -> None:
    """Write the notebook that is shown."""
    code = [nbformat.v4.new_code_cell(source) for source in (HEIGHTS, LINE, "")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(TITLE), *code], metadata=METADATA)
    nbformat.write(notebook, path)


def take(lab: Lab, ana: Tab, bo: Tab, target: Path) -> None:
    """Let both open the notebook, Ana run it and Bo type; write what Ana sees."""
    path = lab.root / NAME
    write_tides(path)
    lab.start_kernel(path.name)
    open_for(path, ana, bo)
    ana.page.locator("[data-id=jp-collaboration-panel]").click()
    for cell in (1, 2):
        ana.focus(cell)
        ana.press("Control+Enter")
    eventually(lambda: bool(ana.output(2)), True)
    bo.type(TYPED, 3)
    eventually(lambda: (ana.others(), ana.flags(), ana.cells()[3]), ([BO.display_name], [BO.display_name], TYPED))
    ana.page.screenshot(path=target)


def main() -> None:
    """Take the picture for the documentation."""
    with ExitStack() as stack:
        lab = Lab(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.callback(lab.stop)
        lab.start()
        browser = stack.enter_context(chromium())
        ana, bo = (stack.enter_context(seat(browser, lab, user, SIZE)) for user in (ANA, BO))
        take(lab, ana, bo, TARGET)


if __name__ == "__main__":
    main()
