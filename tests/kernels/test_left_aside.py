"""What is too large to share, in files beside the store."""

import pytest

from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels.left_aside import LeftAside

ROOM, OTHER = RoomId("json:notebook:f-1"), RoomId("json:notebook:f-2")
RUN = "a" * 32


def test_what_is_kept_can_be_had_by_its_reference(tmp_path):
    aside = LeftAside(tmp_path / "outputs", "/hub/")
    run = aside.for_run(ROOM, RUN)
    run.add(1, "one\r\n")
    reference = run.add(1, "two \ud800")
    assert reference == f"/hub/api/rtc/outputs/f-1/{RUN}-1"
    assert aside.fetch(ROOM, reference) == "one\r\ntwo \ud800"
    assert aside.read("f-1", f"{RUN}-1") == "one\r\ntwo \ud800"


def test_a_reference_of_another_notebook_is_none_of_this_one(tmp_path):
    aside = LeftAside(tmp_path)
    reference = aside.for_run(ROOM, RUN).add(1, "secret")
    assert aside.fetch(OTHER, reference) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "..", f"{RUN}-1/../x", f"{RUN}-x", RUN])
def test_only_what_was_kept_can_be_read(tmp_path, name):
    aside = LeftAside(tmp_path)
    aside.for_run(ROOM, RUN).add(1, "kept")
    assert aside.read("f-1", name) is None
    assert aside.read("..", f"{RUN}-1") is None
    assert aside.fetch(ROOM, f"/outputs/f-1/{name}") is None


def test_what_nobody_refers_to_is_deleted(tmp_path):
    aside = LeftAside(tmp_path)
    run = aside.for_run(ROOM, RUN)
    first, second = run.add(1, "1"), run.add(2, "2")
    aside.tidy(ROOM, lambda: {second})
    assert (aside.fetch(ROOM, first), aside.fetch(ROOM, second)) == (None, "2")
    aside.tidy(ROOM, set)
    assert list(tmp_path.iterdir()) == []
    aside.tidy(ROOM, set)


def test_what_is_dropped_is_gone(tmp_path):
    aside = LeftAside(tmp_path)
    run = aside.for_run(ROOM, RUN)
    reference = run.add(1, "1")
    run.drop(1)
    run.drop(1)
    assert aside.fetch(ROOM, reference) is None


def test_nothing_is_kept_for_a_room_without_a_file(tmp_path):
    assert LeftAside(tmp_path).for_run(RoomId("app:x"), RUN).add(1, "text") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_run_may_have_any_name_and_is_kept_in_its_notebook_s_folder(tmp_path):
    kept = LeftAside(tmp_path / "kept")
    for name in ("../../escaped", "/escaped", "a b", "x" * 1000, "\0", ""):
        reference = kept.for_run(ROOM, name).add(1, f"text of {name}")
        assert kept.fetch(ROOM, reference) == f"text of {name}"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert len(list((tmp_path / "kept").iterdir())) == 1
