"""What other extensions find in the settings: through a real server with another extension."""

import asyncio
import json
import os
from pathlib import Path

import nbformat
from pycrdt import Array

from ..server.rig import Tab, running, until

PLUGINS = Path(__file__).parents[1] / "server" / "plugins"


def with_extension(folder):
    path = os.pathsep.join(filter(None, [str(PLUGINS), os.environ.get("PYTHONPATH", "")]))
    more = folder / "config" / "jupyter_server_config.d"
    more.mkdir(parents=True)
    (more / "inner.json").write_text(json.dumps({"ServerApp": {"jpserver_extensions": {"inner_extension": True}}}))
    return running(folder, PYTHONPATH=path)


def write(path, source):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)


async def ask(server, what):
    answer = await server.request("POST", f"inner/{what}", {})
    assert answer.code == 200, answer.body
    return json.loads(answer.body)


def test_an_extension_edits_runs_answers_and_saves_as_a_program_does_and_people_see_it(tmp_path):
    async def story():
        async with with_extension(tmp_path) as server:
            write(server.root / "a.ipynb", "to be replaced")
            tab = await Tab(server, "a.ipynb", "notebook", "ana").open()
            told = await ask(server, "story")
            assert told == {
                "text": "Who? Ana\nHello Ana\n",
                "status": "ok",
                "user": "inner",
                "at": 1,
                "people": told["people"],
                "progress": "SAVED",
            }
            assert "An extension" in told["people"]
            cells = tab.doc.get("cells", type=Array).to_py()
            assert [cell["source"] for cell in cells] == ["name = input('Who? ')\nprint('Hello', name)", "# done"]
            written = nbformat.read(server.root / "a.ipynb", as_version=4)
            assert [cell.source for cell in written.cells] == [cell["source"] for cell in cells]
            await until(lambda: not any(state.get("name") == "An extension" for state in tab.peer.others.values()))

    asyncio.run(story())


def test_what_cannot_be_done_is_refused_in_words(tmp_path):
    words = {
        "missing": "There is no file no such.ipynb on the server; create it first.",
        "twice": "This is not asked any more; perhaps somebody else has answered.",
        "kernel": "There is no kernel no-such-kernel on this server.",
    }

    async def story():
        async with with_extension(tmp_path) as server:
            write(server.root / "a.ipynb", "1")
            for what, said in words.items():
                assert await ask(server, what) == {"refused": said}

    asyncio.run(story())
