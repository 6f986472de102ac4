"""The settings of jupyter-collaboration, given to a real server in a file and on the command line."""

from __future__ import annotations

import asyncio
import json

from .rig import Server, Tab, saved_sources, switched, until, write_notebook

WARNING = "These settings have no meaning for jupyter_rtc: "


def test_those_without_a_meaning_are_named_in_one_warning_and_the_others_are_obeyed(tmp_path):
    async def story():
        server = Server(tmp_path, "--YDocExtension.session_store_path=x", "--YDocExtension.document_save_delay=0.2")
        config = {
            **switched(True),
            "YDocExtension": {"document_load_progressively": True, "document_cleanup_delay": 5},
            "SQLiteYStore": {"db_path": "x"},
        }
        (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
        await server.start()
        try:
            [said] = [line.partition(WARNING)[2] for line in server.log.splitlines() if WARNING in line]
            assert said == (
                "YDocExtension.document_load_progressively, YDocExtension.session_store_path, SQLiteYStore.db_path"
            )
            write_notebook(server.root / "a.ipynb", "text")
            tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
            tab.type_in_cell(0, "more ")
            await until(lambda: saved_sources(server.root / "a.ipynb") == ["more text"])
        finally:
            assert await server.stop() == 0

    asyncio.run(story())


def test_who_set_nothing_of_that_kind_is_warned_of_nothing(tmp_path):
    async def story():
        server = Server(tmp_path, "--YDocExtension.document_save_delay=0.2")
        await server.start()
        assert await server.stop() == 0
        assert WARNING not in server.log

    asyncio.run(story())
