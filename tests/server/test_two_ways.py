"""The two ways of the original project, gone in three manners: bare tables, the Python client, REST.

Each does the same to files and kernels, and what cannot be done is refused alike.
"""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from pycrdt import Map

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed, RtcError

from .rig import TOKEN, Tab, until
from .runs import code_notebook
from .tables import Viewer

SOURCE = "print('seven')\n6 * 7"


class BareTables:
    """A Yjs provider that writes records, and nothing else."""

    def __init__(self, server):
        self.server = server

    async def __aenter__(self):
        self.requests = await Viewer(self.server, "requests").open()
        return self

    async def __aexit__(self, *error):
        self.requests.close()

    async def do(self, name, **args):
        ended = await self.requests.ask(name, **args)
        return ended["result"] if ended["status"] == "done" else ended["reason"]

    async def create(self, path):
        return await self.do("contents.save", path=path, type="notebook", content=code_notebook())

    async def read(self, path):
        found = await self.do("contents.fetch", path=path)
        return found if isinstance(found, str) else found["content"]["cells"]

    async def update(self, path):
        return await self.do("contents.save", path=path, type="notebook", content=code_notebook(SOURCE))

    async def delete(self, path):
        return await self.do("contents.delete", path=path)

    async def run(self, path):
        session = await self.do("sessions.create", path=path)
        tab = await Tab(self.server, path, "notebook", "ana").open()
        executions, run_id = tab.doc.get("executions", type=Map), uuid4().hex
        with tab.doc.transaction():
            executions[run_id] = Map({"status": "requested", "cell_id": "cell-0"})
        await until(lambda: executions[run_id]["status"] in ("ok", "error"), 60)
        tab.hang_up()
        return session["kernel"]["id"]

    async def shutdown(self, kernel_id):
        return await self.do("kernels.shutdown", kernel_id=kernel_id)


class PythonClient:
    """``jupyter_rtc.client``."""

    def __init__(self, server):
        self.connection = connect(server.url(""), token=TOKEN)

    async def __aenter__(self):
        self.rtc = await self.connection.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.connection.__aexit__(*error)

    async def said(self, call):
        try:
            return await call
        except RequestFailed as error:
            return error.words

    async def create(self, path):
        return await self.said(self.rtc.contents.save(path, code_notebook(), type="notebook"))

    async def read(self, path):
        found = await self.said(self.rtc.contents.fetch(path))
        return found if isinstance(found, str) else found["content"]["cells"]

    async def update(self, path):
        nb = await self.rtc.notebook(path)
        for cell in list(nb.cells):
            cell.delete()
        nb.cells.insert(SOURCE, id="cell-0")
        await nb.save()
        await nb.close()

    async def delete(self, path):
        return await self.said(self.rtc.contents.delete(path))

    async def run(self, path):
        nb = await self.rtc.notebook(path)
        await (await nb.cells["cell-0"].run()).wait(60)
        kernel_id = await nb.start_kernel()
        await nb.close()
        return kernel_id

    async def shutdown(self, kernel_id):
        return await self.said(self.rtc.kernels.shutdown(kernel_id))


class Rest:
    """Jupyter's REST interface, and JupyterLab's request to run a cell."""

    def __init__(self, server):
        self.server = server

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        pass

    async def ask(self, method, path, body=None):
        answer = await self.server.request(method, path, body)
        found = json.loads(answer.body) if answer.body.startswith((b"{", b"[")) else answer.body.decode()
        return found if answer.code < 400 else f"{answer.code}"

    async def create(self, path):
        return await self.ask("PUT", f"api/contents/{path}", {"type": "notebook", "content": code_notebook()})

    async def read(self, path):
        found = await self.ask("GET", f"api/contents/{path}")
        return found if isinstance(found, str) else found["content"]["cells"]

    async def update(self, path):
        return await self.ask("PUT", f"api/contents/{path}", {"type": "notebook", "content": code_notebook(SOURCE)})

    async def delete(self, path):
        return await self.ask("DELETE", f"api/contents/{path}")

    async def run(self, path):
        session = await self.ask("POST", "api/sessions", {"path": path, "name": "", "type": "notebook", "kernel": {}})
        kernel_id = session["kernel"]["id"]
        room = await self.ask("PUT", f"api/collaboration/session/{path}", {"format": "json", "type": "notebook"})
        body = {"cell_id": "cell-0", "document_id": f"json:notebook:{room['fileId']}"}
        run = await self.ask("POST", f"api/kernels/{kernel_id}/execute", body)
        address = f"api/kernels/{kernel_id}/requests/{run['id'] if 'id' in run else run['request_id']}"
        async with asyncio.timeout(60):
            while (await self.server.request("GET", address)).code == 202:
                await asyncio.sleep(0.05)
        return kernel_id

    async def shutdown(self, kernel_id):
        return await self.ask("DELETE", f"api/kernels/{kernel_id}")


WAYS = [BareTables, PythonClient, Rest]


def saved(server, path):
    """Return the file's cells; none while it is being written, for Jupyter Server writes in place."""
    try:
        return json.loads((server.root / path).read_text())["cells"]
    except ValueError:
        return []


@pytest.mark.parametrize("way", WAYS)
def test_a_notebook_is_created_read_updated_run_and_deleted(server, way):
    path = f"{way.__name__}.ipynb"

    async def story():
        async with way(server) as user:
            await user.create(path)
            assert await user.read(path) == [] == saved(server, path)
            await user.update(path)
            assert [("".join(cell["source"]), cell["id"]) for cell in saved(server, path)] == [(SOURCE, "cell-0")]
            kernel_id = await user.run(path)
            await until(lambda: [cell["execution_count"] for cell in saved(server, path)] == [1])
            outputs = saved(server, path)[0]["outputs"]
            assert ["".join(outputs[0]["text"]), "".join(outputs[1]["data"]["text/plain"])] == ["seven\n", "42"]
            await user.shutdown(kernel_id)
            assert json.loads((await server.request("GET", "api/kernels")).body) == []
            await user.delete(path)
            assert not (server.root / path).exists()

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_done_is_refused_alike(server, way):
    async def story():
        async with way(server) as user:
            words = "404" if way is Rest else "There is no file or folder 'no.ipynb' on this server."
            assert await user.read("no.ipynb") == words
            assert await user.delete("no.ipynb") == words
            words = "404" if way is Rest else "There is no kernel 'a-b-c-d-e' on this server."
            assert await user.shutdown("a-b-c-d-e") == words
            if way is PythonClient:
                with pytest.raises(RtcError, match=r"There is no file no\.ipynb on the server"):
                    await user.run("no.ipynb")

    asyncio.run(story())
