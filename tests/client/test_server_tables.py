"""The server's tables as a program has them; the rest is shown by real servers."""

import asyncio

import pytest

from jupyter_rtc.errors import UnknownTable
from jupyter_rtc.tables.jupyter import SERVER

from .inner import clients


def test_each_table_has_a_name_of_its_own():
    async def story():
        async with clients("ana") as (ana,):
            for name in SERVER.tables:
                assert getattr(ana.tables, name).declared is ana.tables[name].declared
            with pytest.raises(UnknownTable):
                ana.tables["cells"]

    asyncio.run(story())
