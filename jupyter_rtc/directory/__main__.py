"""``python -m jupyter_rtc.directory``: print the page that tells of requests."""

import sys

from .page import page

if __name__ == "__main__":
    sys.stdout.write(page())
