"""Rules of jupyter_rtc.lab.events."""

import asyncio

import pytest
from jupyter_events import EventLogger

from jupyter_rtc.ids import GLOBAL_AWARENESS, RoomId
from jupyter_rtc.lab.events import AWARENESS, SCHEMAS, SESSION, LabEvents
from jupyter_rtc.notices import Notice, NoticeKind

ROOM = RoomId("json:notebook:1")


def emitted(*notices):
    """Return the events that these notices make, as a listener gets them."""
    found = []

    async def story():
        logger = EventLogger()
        events = LabEvents(logger, {ROOM: "a.ipynb"}.get)
        events.register()
        events.register()

        async def hear(logger, schema_id, data):
            found.append((schema_id, data))

        for schema in SCHEMAS:
            logger.add_listener(schema_id=schema["$id"], listener=hear)
        for notice in notices:
            events.hear(notice)
        await logger.gather_listeners()

    asyncio.run(story())
    return found


def test_a_save_is_an_event_with_its_path():
    [(schema, event)] = emitted(Notice(NoticeKind.SAVED, ROOM, "Content saved.", "a.ipynb"))
    assert schema == SESSION
    assert (event["action"], event["level"], event["path"]) == ("save", "INFO", "a.ipynb")


def test_joining_and_leaving_a_document_are_events_and_global_awareness_is_not():
    found = emitted(
        Notice(NoticeKind.JOINED, ROOM, username="ana"),
        Notice(NoticeKind.LEFT, ROOM, username="ana"),
        Notice(NoticeKind.JOINED, GLOBAL_AWARENESS, username="ana"),
    )
    assert [(schema, event["action"]) for schema, event in found] == [(AWARENESS, "join"), (AWARENESS, "leave")]


@pytest.mark.parametrize("kind", [NoticeKind.SAVE_FAILED, NoticeKind.DELETED])
@pytest.mark.parametrize("end", [NoticeKind.SAVE_RECOVERED, NoticeKind.ROOM_CLOSED])
def test_who_joins_is_told_what_still_lasts(kind, end):
    joined = Notice(NoticeKind.JOINED, ROOM, username="ana")
    found = emitted(joined, Notice(kind, ROOM, "It is not saved."), joined, Notice(end, ROOM), joined)
    errors = [event["msg"] for schema, event in found if schema == SESSION and event["level"] == "ERROR"]
    assert errors == ["It is not saved."] * 2


@pytest.mark.parametrize("kind", NoticeKind)
def test_no_notice_opens_the_two_views_dialog_and_none_raises(kind):
    for _, event in emitted(Notice(kind), Notice(kind, ROOM, "words", "a.ipynb", "ana", 0.1)):
        assert event.get("level") != "WARNING"


@pytest.mark.parametrize(
    ("kind", "action"), [(NoticeKind.ROOM_OPENED, "initialize"), (NoticeKind.ROOM_CLOSED, "clean")]
)
def test_what_happens_to_a_room_names_its_file_by_which_other_extensions_find_it(kind, action):
    [(_, event)] = emitted(Notice(kind, ROOM))
    assert (event["action"], event["path"], event["room"]) == (action, "a.ipynb", ROOM)
