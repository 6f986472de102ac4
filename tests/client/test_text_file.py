"""Text files as a program edits them."""

import asyncio

import pytest

from jupyter_rtc.client.document import Progress
from jupyter_rtc.errors import TextStale

from .inner import clients, until


def test_two_edit_a_text_and_places_are_counted_in_code_points():
    async def story():
        async with clients("ana", "bo") as (ana, bo):
            one, other = await ana.text("a.py"), await bo.text("a.py")
            one.source = "🐍 snake"
            await until(lambda: other.source == "🐍 snake")
            other.insert(2, "big ")
            one.append("!")
            await until(lambda: one.source == other.source == "🐍 big snake!")
            one.replace(0, 1, "A")
            one.delete(1, 6)
            await until(lambda: other.source == "Asnake!")
            await one.stored()
            assert one.progress is Progress.STORED, "the file is behind until it is saved"

    asyncio.run(story())


def test_what_is_set_anew_keeps_what_others_type_elsewhere():
    async def story():
        async with clients("ana", "bo") as (ana, bo):
            one, other = await ana.text("a.py"), await bo.text("a.py")
            one.source = "first\nlast\n"
            await until(lambda: other.source == "first\nlast\n")
            other.insert(0, "zeroth\n")
            one.source = "first\nvery last\n"
            await until(lambda: one.source == other.source == "zeroth\nfirst\nvery last\n")

    asyncio.run(story())


def test_who_expects_another_text_is_refused_with_what_it_says():
    async def story():
        async with clients("ana", "bo") as (ana, bo):
            one, other = await ana.text("a.py"), await bo.text("a.py")
            one.source = "seen"
            await until(lambda: other.source == "seen")
            seen = other.revision
            one.source = "changed"
            await until(lambda: other.source == "changed")
            with pytest.raises(TextStale) as caught:
                other.set_source("mine", expect=seen)
            assert (caught.value.source, caught.value.revision) == ("changed", other.revision)
            other.append("!", expect=caught.value.revision)
            await until(lambda: one.source == "changed!")

    asyncio.run(story())


def test_only_one_s_own_changes_are_undone():
    async def story():
        async with clients("ana", "bo") as (ana, bo):
            one, other = await ana.text("a.py", undo=True), await bo.text("a.py")
            one.source = "mine "
            await until(lambda: other.source == "mine ")
            other.append("theirs")
            await until(lambda: one.source == "mine theirs")
            assert one.undo() and one.source == "theirs"
            assert one.redo() and one.source == "mine theirs"

    asyncio.run(story())
