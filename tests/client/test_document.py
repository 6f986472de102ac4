"""What every open document offers."""

import asyncio

import pytest

from jupyter_rtc.client.notebook import Notebook
from jupyter_rtc.errors import ChangesLost, ClientError, EpochMismatch
from jupyter_rtc.protocol.messages import Problem

from .hall import Hall, HallTransport, story


@story("a")
async def test_refreshing_brings_all_that_the_server_has(hall, nb):
    with hall.edit():
        hall.room.doc["cells"][0]["source"].insert(0, "b")
    await nb.refresh()
    assert nb.cells[0].source == "ba"


@story("a")
async def test_a_wait_that_is_given_up_says_so(hall, nb):
    with pytest.raises(TimeoutError):
        await nb.until(lambda: False, timeout=0.01)
    assert nb._document._watchers == [nb._forget_stored]


@story("a")
async def test_changes_by_whomever_can_be_watched(hall, nb):
    async with nb.watch() as changes:
        nb.cells[0].append("b")
        with hall.edit():
            hall.room.doc["cells"][0]["source"].insert(0, "c")
        found = []
        async for change in changes:
            found.append(change)
            if change.table == "cells" and not change.own:
                break
    assert [one.own for one in found if one.table == "cells"] == [True, False]


@story("a")
async def test_people_are_seen_and_see_this_program(hall, nb):
    nb.say(doing="reading")
    nb.say(cursor=3)
    bo, _ = hall.peer("bo")
    async for people in nb.watch_people():
        if len(people) == 2:
            break
    assert {one.username for one in nb.people} == {"agent", "bo"}
    await nb.until(lambda: any(one.get("cursor") == 3 and one["doing"] == "reading" for one in bo.others.values()))


@story("a")
async def test_what_is_not_safe_yet_is_known_and_handed_back_if_it_cannot_arrive(hall, nb):
    nb.cells[0].append("safe")
    await nb.stored()
    assert nb.unsent == ()
    nb.cells[0].append(" and more")
    nb.cells.append("new")
    nb._document.fail(EpochMismatch("The server has another history."))
    assert not nb.connected
    for act in (nb.check, lambda: nb.cells[0].append("x")):
        with pytest.raises(ChangesLost, match="another history") as caught:
            act()
        assert [change.after["source"] for change in caught.value.changes] == ["asafe and more", "new"]
        assert isinstance(caught.value.reason, EpochMismatch)
    with pytest.raises(ChangesLost):
        await nb.stored()
    with pytest.raises(ChangesLost):
        await nb.close()


@story("a")
async def test_a_closed_document_says_that_it_is_closed(hall, nb):
    nb._document.fail(ClientError("This document is closed; open it again."))
    with pytest.raises(ClientError, match="open it again"):
        nb.cells[0].append("x")


def test_closing_waits_until_everything_has_arrived():
    async def run():
        hall = Hall("a")
        transport = HallTransport(hall)
        nb = Notebook(transport, await transport.open_file("a.ipynb", "json", "notebook"))
        async with nb:
            nb.cells[0].append("b")
            asyncio.get_running_loop().call_later(0.05, hall.settle)
        assert str(hall.room.doc["cells"][0]["source"]) == "ab" and hall.lines == {}

    asyncio.run(run())


def test_closing_hands_back_what_cannot_arrive(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.client.document.FAREWELL", 0.01)

    async def run():
        hall = Hall("a")
        transport = HallTransport(hall)
        nb = Notebook(transport, await transport.open_file("a.ipynb", "json", "notebook"))
        with pytest.raises(ChangesLost) as caught:
            async with nb:
                nb.cells[0].append("b")
        assert [change.after["source"] for change in caught.value.changes] == ["ab"]

    asyncio.run(run())


@story("a")
async def test_why_nothing_is_stored_is_known_in_words(hall, nb):
    assert nb.unkept == ""
    hall.room.tell(Problem("store failing", "The disk is full."), lasts=True)
    await nb.until(lambda: nb.unkept == "The disk is full.")
