"""Rules of jupyter_rtc.directory.terminals, with a real server and real terminals."""

import pytest

from jupyter_rtc.directory.terminals import METHODS, TerminalTable

from .world import until


@pytest.fixture
def jp_server_config():
    return {"ServerApp": {"jpserver_extensions": {"jupyter_server_terminals": True}}}


@pytest.fixture
def terminals(here, jp_asyncio_loop):
    manager = here.server.web_app.settings["terminal_manager"]
    yield manager
    jp_asyncio_loop.run_until_complete(manager.terminate_all())


async def test_a_terminal_that_others_open_and_end_comes_and_goes(here, terminals):
    name = terminals.create()["name"]
    row = await here.row("terminals", name)
    assert row["last_activity"] > 1e9
    await terminals.terminate(name, force=True)
    await here.gone("terminals", name)


async def test_what_is_written_in_it_is_activity(here, terminals):
    name = terminals.create()["name"]
    before = (await here.row("terminals", name))["last_activity"]
    terminals.get_terminal(name).ptyproc.write("echo\n")
    await here.row("terminals", name, lambda row: row["last_activity"] > before)


async def test_a_terminal_whose_shell_ends_goes(here, terminals):
    name = terminals.create()["name"]
    await here.row("terminals", name)
    terminals.get_terminal(name).ptyproc.write("exit\n")
    await here.gone("terminals", name)


async def test_nothing_of_it_is_left_behind(here, terminals):
    await until(lambda: vars(terminals).keys() & METHODS.keys())
    await here.directory.close()
    assert not vars(terminals).keys() & METHODS.keys()


async def test_a_server_without_terminals_has_none():
    table = TerminalTable(lambda: None)
    table.start(lambda _: None)
    assert await table.rows() == {}
    table.close()
