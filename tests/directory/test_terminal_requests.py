"""Rules of jupyter_rtc.directory.terminal_requests, with a real server and real terminals."""

import pytest

from jupyter_rtc.directory.terminal_requests import OFF


class TestSwitchedOn:
    @pytest.fixture
    def jp_server_config(self):
        return {"ServerApp": {"jpserver_extensions": {"jupyter_server_terminals": True}}}

    async def test_a_terminal_is_created_in_a_folder_and_ended(self, here):
        (here.root / "folder").mkdir()
        made = await here.done("terminals.create", cwd="folder")
        manager = here.server.web_app.settings["terminal_manager"]
        assert made["name"] in manager.terminals
        await here.row("terminals", made["name"])
        assert await here.done("terminals.delete", name=made["name"]) is None
        assert made["name"] not in manager.terminals
        end = await here.ask("terminals.create", cwd="no such")
        assert end["reason"] == "There is no folder 'no such' on this server."
        end = await here.ask("terminals.delete", name=made["name"])
        assert end["reason"] == f"There is no terminal {made['name']!r} on this server."

    async def test_who_may_not_write_terminals_starts_none(self, here):
        end = await here.ask("terminals.create", allowed={("write", "kernels")})
        assert end["reason"] == "You may not do this: it needs the permission to write terminals."
        assert not here.server.web_app.settings["terminal_manager"].terminals


async def test_where_terminals_are_switched_off_it_is_said(here):
    here.server.web_app.settings.pop("terminal_manager", None)
    assert (await here.ask("terminals.create"))["reason"] == OFF
    assert (await here.ask("terminals.delete", name="1"))["reason"] == OFF
