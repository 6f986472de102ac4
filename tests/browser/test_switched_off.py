"""Switched off, server and frontends: JupyterLab opens and saves by itself, as if we had never been there."""

import json
import urllib.error

import pytest

from .lab import Lab
from .notebooks import read_cells, write_notebook
from .tab import eventually, open_for

FRONTENDS = ("@jupyter/docprovider-extension", "@jupyter/collaboration-extension")


class Alone(Lab):
    """A server without us."""

    def __init__(self, home):
        super().__init__(home, "--ServerApp.jpserver_extensions={'jupyter_rtc': False}")
        page = home / "config" / "labconfig" / "page_config.json"
        found = json.loads(page.read_text())
        found["disabledExtensions"] |= dict.fromkeys(FRONTENDS, True)
        page.write_text(json.dumps(found))

    def _answers(self):
        try:
            self._call("api/status")
        except OSError:
            return False
        return True


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Alone(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()


def test_jupyterlab_opens_runs_and_saves_by_itself(path, lab, ana):
    write_notebook(path, "6 * 7")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        lab.open_rooms()
    open_for(path, ana)
    ana.type(" + 1")
    ana.press("Control+Enter")
    eventually(lambda: ana.output(0), "[1]:\n43")
    eventually(ana.dirty, True)
    ana.press("Control+s")
    eventually(lambda: read_cells(path), ["6 * 7 + 1"])
    eventually(ana.dirty, False)
