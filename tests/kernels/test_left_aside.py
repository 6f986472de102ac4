"""What is too large to share, in files beside the store."""

import pytest

from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels.left_aside import LeftAside, name_in

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


def test_what_another_notebook_s_reference_names_can_be_had_and_stays_here_once_it_was_taken_in(tmp_path):
    aside = LeftAside(tmp_path)
    run = aside.for_run(ROOM, RUN)
    one, other = run.add(1, "one"), run.add(2, "other")
    assert aside.fetch(OTHER, one) == "one" and aside.sizes(OTHER) == {}
    assert aside.take_in(OTHER, one) == aside.take_in(OTHER, one) == "one"
    aside.delete_all("f-1")
    assert (aside.fetch(OTHER, one), aside.take_in(OTHER, other)) == ("one", None)
    assert aside.sizes(OTHER) == {f"{RUN}-1": 3}
    assert aside.read("f-1", f"{RUN}-1") == "one", "the link in a cell goes on leading to it"


def test_where_files_cannot_have_two_names_what_is_taken_in_is_copied(tmp_path, monkeypatch):
    def link(*_):
        raise OSError("not supported")

    monkeypatch.setattr("os.link", link)
    aside = LeftAside(tmp_path)
    reference = aside.for_run(ROOM, RUN).add(1, "text\r\n")
    assert aside.take_in(OTHER, reference) == "text\r\n"
    aside.delete_all("f-1")
    assert aside.fetch(OTHER, reference) == "text\r\n"


def test_nothing_is_taken_in_by_a_room_without_a_file_and_what_names_nothing_is_nothing(tmp_path):
    aside = LeftAside(tmp_path)
    reference = aside.for_run(ROOM, RUN).add(1, "text")
    assert aside.take_in(RoomId("app:x"), reference) is None
    for wrong in ("", "text", reference + "1", reference.replace("f-1", ".."), reference.replace("f-1", "f-3")):
        assert aside.take_in(OTHER, wrong) is None and aside.fetch(OTHER, wrong) is None
    assert [path.name for path in tmp_path.iterdir()] == ["f-1"]


def test_nobody_can_guess_under_which_name_something_is_kept(tmp_path):
    aside = LeftAside(tmp_path)
    one, other = aside.for_run(ROOM, "my run").add(1, "one"), aside.for_run(ROOM, "my run").add(1, "other")
    assert one != other


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "..", f"{RUN}-1/../x", f"{RUN}-x", RUN])
def test_only_what_was_kept_can_be_read(tmp_path, name):
    aside = LeftAside(tmp_path)
    aside.for_run(ROOM, RUN).add(1, "kept")
    assert aside.read("f-1", name) is None
    assert aside.read("..", f"{RUN}-1") is None
    assert aside.fetch(ROOM, f"/outputs/f-1/{name}") is None


def test_what_is_deleted_is_kept_no_longer_and_an_empty_folder_goes(tmp_path):
    aside = LeftAside(tmp_path)
    run = aside.for_run(ROOM, RUN)
    first, second = run.add(1, "1"), run.add(2, "22")
    assert aside.sizes(ROOM) == {f"{RUN}-1": 1, f"{RUN}-2": 2} and aside.sizes(OTHER) == {}
    aside.delete(ROOM, {name_in(first)})
    assert (aside.fetch(ROOM, first), aside.fetch(ROOM, second)) == (None, "22")
    aside.delete(ROOM, {name_in(second), f"{RUN}-7"})
    assert list(tmp_path.iterdir()) == [] and aside.sizes(ROOM) == {}
    aside.delete(ROOM, [])


def test_what_comes_is_noted_and_which_runs_were_replaced(tmp_path):
    aside, heard = LeftAside(tmp_path), []
    aside.grew = lambda file_id, growth: heard.append((file_id, growth.size, set(growth.replaced)))
    one, other = aside.for_run(ROOM, RUN), aside.for_run(ROOM, "b" * 32)
    one.add(1, "123")
    one.replaced()
    other.replaced()
    other.add(1, "45")
    assert heard == [("f-1", 3, set()), ("f-1", 5, {RUN})]


def test_since_when_a_notebook_is_gone_is_kept_and_forgotten_when_it_is_there_again(tmp_path):
    aside = LeftAside(tmp_path)
    assert aside.file_ids == [] and LeftAside(tmp_path / "none").file_ids == []
    aside.for_run(ROOM, RUN).add(1, "text")
    assert aside.gone_since("f-1", 5.5) == LeftAside(tmp_path).gone_since("f-1", 7.0) == 5.5
    aside.is_there("f-1")
    aside.is_there("f-1")
    assert aside.gone_since("f-1", 7.0) == 7.0
    assert aside.file_ids == ["f-1"] and list(aside.sizes(ROOM)) == [f"{RUN}-1"]
    aside.delete_all("f-1")
    assert aside.file_ids == []


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
