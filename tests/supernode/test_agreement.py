"""What file and document agree on, in marks."""

import asyncio
import threading

import pytest

from jupyter_rtc.datastore.content import shape_of
from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import DocumentUnavailable, StoreCorrupt, StoreUnavailable
from jupyter_rtc.supernode.agreement import FROM_DISK, Agreement, is_torn
from jupyter_rtc.supernode.aside import MUCH
from jupyter_rtc.supernode.contents import Reading, Sight, Spelling
from jupyter_rtc.supernode.state import show

from .solo import Past, Solo
from .world import source, type_in

SHAPE = shape_of("file")


def reading(text):
    return Reading(Sight(hash=f"#{text}", stamp="", writable=True, empty=not text), text, Spelling())


async def filled(text="one\n", past=None):
    document = Solo("text:file:1", past)
    agreement = Agreement(document, SHAPE, lambda: 1.0)
    await agreement.fill(reading(text))
    await agreement.settle()
    return agreement, document


def resumed(past):
    document = Solo("text:file:1", past)
    return Agreement(document, SHAPE, lambda: 2.0), document


def test_filling_agrees_and_comes_from_the_disk():
    async def run():
        agreement, document = await filled()
        assert str(source(document)) == "one\n"
        assert set(document.origins) == {FROM_DISK}
        assert document.past.saved == Mark(document.revision, SHAPE.digest("one\n"), "#one\n", 1.0)
        assert (await agreement.compare()).same

    asyncio.run(run())


def test_comparing_tells_an_edit_from_a_state_change():
    async def run():
        agreement, document = await filled()
        show(document, path="x")
        assert (await agreement.compare()).same
        type_in(document, "zero ")
        assert not (await agreement.compare()).same
        assert agreement.ahead

    asyncio.run(run())


class Watched:
    """A shape of which is known on which threads it digests."""

    def __init__(self):
        self.threads = []

    def __getattr__(self, name):
        return getattr(SHAPE, name)

    def digest(self, content):
        self.threads.append(threading.current_thread())
        return SHAPE.digest(content)


def test_a_document_that_has_become_large_is_digested_on_a_thread_though_its_file_was_small():
    async def run():
        document, shape = Solo("text:file:1"), Watched()
        agreement = Agreement(document, shape, lambda: 1.0)
        await agreement.fill(reading("small\n"))
        await agreement.compare()
        assert shape.threads == [threading.current_thread()] and not agreement.is_large
        type_in(document, "x" * MUCH)
        await agreement.compare()
        assert shape.threads[1] is not threading.current_thread() and agreement.is_large

    asyncio.run(run())


def test_a_change_of_the_disk_alone_leaves_both_in_agreement():
    async def run():
        agreement, document = await filled()
        merged = await agreement.absorb(reading("one\ntwo\n"))
        assert merged.changed
        assert document.past.saved.fingerprint == "#one\ntwo\n"
        assert not agreement.ahead

    asyncio.run(run())


def test_another_spelling_of_the_same_is_no_change():
    async def run():
        agreement, document = await filled()
        before = document.revision
        touched = Reading(Sight("#other", "", True, False), "one\n", Spelling())
        assert not (await agreement.absorb(touched)).changed
        assert document.revision == before
        assert agreement.disk.fingerprint == "#other"

    asyncio.run(run())


def test_a_change_beside_unsaved_edits_is_noted_as_taken_in_and_not_as_agreed():
    async def run():
        agreement, document = await filled()
        saved = document.past.saved
        type_in(document, "zero ")
        await agreement.absorb(reading("one\ntwo\n"))
        assert document.past.saved == saved
        assert document.past.saving.fingerprint == "#one\ntwo\n"
        assert agreement.ahead

    asyncio.run(run())


def test_a_write_whose_end_nobody_recorded_is_ours_if_the_file_has_it():
    async def run():
        agreement, document = await filled()
        type_in(document, "zero ")
        await agreement.begin_write(await agreement.compare())
        agreement, document = resumed(document.past)
        assert not (await agreement.resume(reading("zero one\n"))).changed
        assert document.past.saving is None
        assert document.past.saved.content == SHAPE.digest("zero one\n")

    asyncio.run(run())


@pytest.mark.parametrize(
    ("found", "torn"),
    [("", True), ("zero", True), ("zero one\n", False), ("one\n", False), ("zeal", False), (None, True)],
)
def test_a_write_that_was_begun_and_left_a_part_is_told_from_others_changes(found, torn):
    async def run():
        agreement, document = await filled()
        type_in(document, "zero ")
        await agreement.begin_write(await agreement.compare())
        assert await agreement.is_torn_write(None if found is None else reading(found)) is torn

    asyncio.run(run())


def test_without_a_write_that_was_begun_nothing_is_torn():
    async def run():
        agreement, _ = await filled()
        assert not await agreement.is_torn_write(reading(""))

    asyncio.run(run())


def test_a_history_that_cannot_be_read_now_gives_up_nothing():
    async def run():
        _, document = await filled()
        type_in(document, "zero ")
        agreement, document = resumed(document.past)
        before = document.past.epoch

        async def agreed():
            raise StoreUnavailable("locked")

        document.agreed = agreed
        with pytest.raises(DocumentUnavailable):
            await agreement.resume(reading("other\n"))
        assert document.past.epoch == before

    asyncio.run(run())


async def damaged():
    """A state that cannot be read."""
    raise StoreCorrupt("odd")


@pytest.mark.parametrize("typed", ["", "zero "])
def test_where_the_agreed_state_is_damaged_and_the_file_is_as_it_was_the_document_stays_as_it_is(typed):
    async def run():
        _, document = await filled()
        type_in(document, typed)
        agreement, document = resumed(document.past)
        before, document.agreed = document.past.epoch, damaged
        assert not (await agreement.resume(reading("one\n"))).changed
        assert document.past.epoch == before and str(source(document)) == typed + "one\n"
        assert (await agreement.compare()).same is not bool(typed)

    asyncio.run(run())


def test_where_the_agreed_state_is_damaged_a_document_without_edits_follows_the_file():
    async def run():
        _, document = await filled()
        agreement, document = resumed(document.past)
        before, document.agreed = document.past.epoch, damaged
        await agreement.resume(reading("other\n"))
        assert document.past.epoch == before and str(source(document)) == "other\n"

    asyncio.run(run())


def test_where_the_agreed_state_is_damaged_and_both_have_changed_the_history_is_given_up_for_the_file():
    async def run():
        _, document = await filled()
        type_in(document, "zero ")
        agreement, document = resumed(document.past)
        before, document.agreed = document.past.epoch, damaged
        await agreement.resume(reading("other\n"))
        assert document.past.epoch != before and str(source(document)) == "other\n"
        assert (await agreement.compare()).same and document.past.saved.fingerprint == "#other\n"

    asyncio.run(run())


def test_edits_are_kept_where_nobody_knows_what_the_file_had_before():
    async def run():
        agreement, document = await filled()
        type_in(document, "zero ")
        document.past.saved = None
        with pytest.raises(DocumentUnavailable, match="kept here"):
            await agreement.absorb(reading("other\n"))
        assert str(source(document)) == "zero one\n"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("found", "written", "torn"),
    [
        ("ab", "abc", True),
        ("abc", "abc", False),
        ("abd", "abc", False),
        (b"ab", b"abc", True),
        ("", b"abc", False),
        ({}, {"cells": []}, False),
    ],
)
def test_a_torn_write_is_a_beginning_of_what_was_written(found, written, torn):
    assert is_torn(found, written) is torn


def test_two_lives_of_one_past_have_their_own_client_ids():
    past = Past()

    async def run():
        _, first = await filled(past=past)
        return first, Solo("text:file:1", past)

    first, second = asyncio.run(run())
    assert first.ydoc.client_id != second.ydoc.client_id
