"""An application's own shared document."""

import asyncio

import pytest

from jupyter_rtc.errors import UnknownTable
from jupyter_rtc.tables import Schema, Table, register

from .inner import clients, until

TODO = Schema([Table("todos", {"text": register(str, ""), "done": register(bool, False)})], version=1, name="todo")


def test_two_share_an_application_s_tables():
    async def story():
        async with clients("ana", "bo") as (ana, bo):
            here, there = await ana.store("todo", TODO), await bo.store("todo", TODO)
            with here.transaction():
                milk = here["todos"].create(text="milk")
                here["todos"].create(text="bread")
            await until(lambda: len(there["todos"]) == 2)
            there["todos"].update(milk.id, done=True)
            await until(lambda: here["todos"][milk.id]["done"])
            with pytest.raises(UnknownTable):
                here["groceries"]

    asyncio.run(story())


def test_what_was_changed_here_can_be_undone_where_that_was_wanted():
    async def story():
        async with clients("ana") as (ana,):
            store = await ana.store("todo", TODO, undo=True)
            store["todos"].create(text="milk")
            assert store.undo() and len(store["todos"]) == 0
            assert store.redo() and len(store["todos"]) == 1

    asyncio.run(story())
