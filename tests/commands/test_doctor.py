"""Checking the installation."""

import argparse
import sqlite3
from importlib.metadata import PackageNotFoundError

import pytest

from jupyter_rtc.commands import doctor
from jupyter_rtc.commands.doctor import Level
from jupyter_rtc.store.migrations import migrate


def levels(findings):
    return [one.level for one in findings]


def problems(findings):
    return [one.words for one in findings if one.level is Level.PROBLEM]


def test_where_all_is_in_order_nothing_is_found():
    assert set(levels(doctor.packages(lambda name: "1"))) == {Level.OK}
    assert levels(doctor.extensions({"jupyter_rtc": True, "jupyter_server_ydoc": False})) == [Level.OK]


def test_a_missing_frontend_is_a_warning_with_what_to_install():
    def version(name):
        if name == "jupyter-docprovider":
            raise PackageNotFoundError(name)
        return "1"

    (found,) = [one for one in doctor.packages(version) if one.level is Level.WARNING]
    assert "jupyter-docprovider" in found.words and "pip install" in found.words


@pytest.mark.parametrize("rival", doctor.RIVALS)
def test_an_extension_in_the_way_is_a_problem_with_what_switches_it_off(rival):
    (words,) = problems(doctor.extensions({"jupyter_rtc": True, rival: True}))
    assert f"jupyter server extension disable {rival}" in words


def test_an_extension_that_is_off_is_a_problem_with_what_switches_it_on():
    assert "jupyter server extension enable jupyter_rtc" in problems(doctor.extensions({}))[0]
    switched = {"jupyter_rtc": True, "jupyter_server_fileid": False}
    assert "jupyter_server_fileid" in problems(doctor.extensions(switched))[0]


def test_a_store_is_looked_through(tmp_path):
    assert "will be made" in next(doctor.store(tmp_path / "new" / "store.sqlite")).words
    sound = tmp_path / "sound"
    with sqlite3.connect(sound) as db:
        migrate(db)
    assert "sound; it has 0 documents" in next(doctor.store(sound)).words
    damaged = tmp_path / "damaged"
    data = bytearray(sound.read_bytes())
    data[4096:8192] = b"x" * 4096
    damaged.write_bytes(data)
    assert levels(doctor.store(damaged)) == [Level.PROBLEM]


def test_the_command_says_it_all_and_ends_with_1_if_there_is_a_problem(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "configured", lambda: {"jupyter_rtc": True})
    args = argparse.Namespace(store=tmp_path / "store", root_dir=None)
    assert doctor.main(args) == 0
    assert "ok       the server extension jupyter_rtc is switched on\n" in capsys.readouterr().out
    monkeypatch.setattr(doctor, "configured", lambda: {"jupyter_rtc": True, "jupyter_server_ydoc": True})
    assert doctor.main(args) == 1
    assert "PROBLEM  jupyter_server_ydoc answers at the same addresses" in capsys.readouterr().out


def test_the_configuration_is_read_as_the_server_reads_it(tmp_path, monkeypatch):
    folder = tmp_path / "jupyter_server_config.d"
    folder.mkdir()
    (folder / "a.json").write_text('{"ServerApp": {"jpserver_extensions": {"some_extension": true}}}')
    monkeypatch.setattr(doctor, "jupyter_config_path", lambda: [str(tmp_path)])
    assert doctor.configured() == {"some_extension": True}
