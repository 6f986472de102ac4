"""The system's list of mounts."""

import sys

from jupyter_rtc.store import mounts


def test_on_linux_the_root_is_mounted():
    assert sys.platform != "linux" or " / " in mounts.read_mounts()


def test_where_there_is_no_list_it_is_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(mounts, "Path", lambda _: tmp_path / "no such file")
    assert mounts.read_mounts() == ""
