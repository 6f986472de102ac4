"""Checking the installation."""

import argparse
import sqlite3
from contextlib import closing
from importlib.metadata import PackageNotFoundError

import pytest

from jupyter_rtc.commands import doctor
from jupyter_rtc.commands.doctor import Level
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store import tables
from jupyter_rtc.store.file import StoreFile


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
    sound = made(tmp_path / "sound")
    assert "sound; it has 0 documents" in next(doctor.store(sound)).words
    damaged = tmp_path / "damaged"
    data = bytearray(sound.read_bytes())
    data[4096:8192] = b"x" * 4096
    damaged.write_bytes(data)
    assert levels(doctor.store(damaged)) == [Level.PROBLEM]


def made(path):
    """Make a store as the server makes it."""
    StoreFile.open(path, "normal").close()
    return path


def changed(path, statement):
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
        db.commit()


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version = 99", "newer version of jupyter-rtc-server (format 99"),
        ("PRAGMA application_id = 7", "another program's database"),
    ],
)
def test_a_store_that_the_server_would_not_take_is_a_problem_with_what_it_costs(tmp_path, statement, words):
    path = made(tmp_path / "store.sqlite")
    changed(path, statement)
    (told,) = problems(doctor.store(path))
    assert words in told and "another file, or memory" in told


def test_a_file_that_cannot_be_written_is_a_problem(tmp_path, monkeypatch):
    path = made(tmp_path / "store.sqlite")
    monkeypatch.setattr(doctor.os, "access", lambda one, _: one != path)
    (told,) = problems(doctor.store(path))
    assert "cannot be written" in told and "store.sqlite" in told


def test_a_store_that_a_server_uses_is_in_use_which_is_no_problem(tmp_path):
    path = made(tmp_path / "store.sqlite")
    assert not any("a server uses" in one.words for one in doctor.store(path))
    file = StoreFile.open(path, "normal")
    found = list(doctor.store(path))
    file.close()
    assert set(levels(found)) == {Level.OK} and any("a server uses" in one.words for one in found)


def test_what_is_not_opened_any_more_or_kept_aside_is_a_warning_with_where_to_look(tmp_path):
    path = made(tmp_path / "store.sqlite")
    file = StoreFile.open(path, "normal")
    for _ in range(HubSettings().load_attempts):
        tables.attempt(file.connection, "app:bad")
    tables.begin(file.connection, "app:harmed", "epoch")
    tables.salvage(file.connection, "app:harmed", "new", None)
    file.close()
    warned = [one.words for one in doctor.store(path) if one.level is Level.WARNING]
    assert len(warned) == 2 and all("`jupyter rtc store`" in one for one in warned)
    assert "1 documents are not opened any more" in warned[0] and "1 damaged histories" in warned[1]


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
