"""Rules of jupyter_rtc.relay.late_marks."""

import asyncio

import pytest
from pycrdt import Doc, Text

from jupyter_rtc.errors import StoreError, StoreUnavailable
from jupyter_rtc.ids import new_epoch
from jupyter_rtc.relay.history import rebuild
from jupyter_rtc.relay.late_marks import fold, mark_late, take
from jupyter_rtc.relay.open_room import OpenRoom
from jupyter_rtc.store.log import Entry, History, StoredMark

from .flaky import Flaky
from .world import room_id

SAVED = StoredMark(2, "saved")


def a_room(*words):
    """Return a room in which these words wait for the log, each as one change, and the whole of them as one."""
    loop = asyncio.new_event_loop()
    place = OpenRoom(room_id(), loop.create_future(), loop.create_future(), logged=True, epoch=new_epoch())
    loop.close()
    doc, made = Doc(), []
    doc.observe(lambda event: made.append(event.update))
    for word in words:
        doc.get("source", type=Text).insert(0, word)
    place.unstored = [Entry(seq, update) for seq, update in enumerate(made, 1)]
    return place, Entry(len(made), doc.get_update())


def states(place):
    """Return the text after each change that waits."""
    histories = [History(place.epoch, None, tuple(place.unstored[:end])) for end in range(1, len(place.unstored) + 1)]
    return {history.last_seq: str(rebuild(history).get("source", type=Text)) for history in histories}


def test_the_state_that_a_late_mark_names_stays_readable_when_the_whole_document_stands_for_the_rest():
    place, whole = a_room("one ", "two ", "three ", "four ")
    assert take(place, {"saved": SAVED, "saving": None})
    fold(place, whole)
    assert states(place) == {2: "two one ", 4: "four three two one "}
    fold(place, whole)
    assert states(place) == {2: "two one ", 4: "four three two one "} and place.late_marks["saved"] == SAVED


def test_where_the_whole_document_is_what_a_late_mark_names_it_stands_alone():
    place, whole = a_room("one ", "two ")
    assert take(place, {"saved": SAVED})
    fold(place, whole)
    assert states(place) == {2: "two one "} and place.late_marks == {"saved": SAVED}


def test_late_marks_are_given_up_rather_than_kept_with_more_than_the_document():
    place, _ = a_room("one " * 1000, "two ", "three ")
    assert take(place, {"saved": SAVED})
    fold(place, Entry(3, b"little"))
    assert place.unstored == [Entry(3, b"little")] and place.late_marks == {}


def test_a_mark_of_a_state_for_which_the_whole_document_stands_already_is_not_taken():
    place, whole = a_room("one ", "two ", "three ")
    fold(place, whole)
    assert not take(place, {"saved": SAVED}) and place.late_marks == {}
    place.marks = {"saved": SAVED}
    assert take(place, {"saved": StoredMark(3, "newer"), "saved before": SAVED})


@pytest.mark.parametrize(("error", "late"), [(StoreUnavailable("full"), {"saved": SAVED}), (StoreError("no"), {})])
def test_marks_wait_for_a_log_that_fails_and_are_given_up_if_it_refuses_them(error, late):
    async def story():
        place, _ = a_room()
        log = Flaky("mark")
        log.error = error
        assert take(place, {"saved": SAVED})
        with pytest.raises(StoreError):
            await mark_late(log, place)
        assert place.late_marks == late and place.marks == {}

    asyncio.run(story())


def test_late_marks_are_set_after_the_changes_before_them():
    async def story():
        place, _ = a_room("one ", "two ")
        log = Flaky()
        await log.open()
        await log.begin(place.id, place.epoch)
        place.marks = {"saving": StoredMark(0, "")}
        assert take(place, {"saved": SAVED, "saving": None})
        assert not await mark_late(log, place)
        place.unstored = []
        assert await mark_late(log, place) and await mark_late(log, place)
        assert place.marks == {"saved": SAVED} == (await log.read(place.id)).marks and not place.late_marks

    asyncio.run(story())
