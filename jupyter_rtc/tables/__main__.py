"""``python -m jupyter_rtc.tables``: print the page that tells of Jupyter's tables."""

import sys

from .page import page

if __name__ == "__main__":
    sys.stdout.write(page())
