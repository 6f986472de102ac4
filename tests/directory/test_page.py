"""The page of requests is what can be asked."""

import subprocess
import sys
from pathlib import Path

from jupyter_rtc.directory.page import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "requests.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "run: python -m jupyter_rtc.directory > docs/requests.md"


def test_the_command_prints_the_page():
    run = subprocess.run([sys.executable, "-m", "jupyter_rtc.directory"], capture_output=True, text=True, check=True)
    assert run.stdout == page()


async def test_all_that_can_be_asked_is_on_it(here):
    for name in here.directory.requests:
        assert f"### `{name}`" in page()
