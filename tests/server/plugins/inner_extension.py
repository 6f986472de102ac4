"""Another extension of the same server, which uses ``settings["jupyter_rtc"]``: ``POST /inner/<what to do>``."""

from __future__ import annotations

import json

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join

from jupyter_rtc.errors import RtcError


def _jupyter_server_extension_points():
    return [{"module": "inner_extension"}]


def _load_jupyter_server_extension(serverapp):
    app = serverapp.web_app
    app.add_handlers(".*", [(url_path_join(app.settings["base_url"], "/inner/(.*)"), Inner)])


class Inner(APIHandler):
    """Does what is asked, and answers with what came of it."""

    async def post(self, what):
        async with self.settings["jupyter_rtc"].connect("inner", "An extension") as rtc:
            try:
                answer = await getattr(self, f"_{what}")(rtc)
            except RtcError as error:
                answer = {"refused": error.words}
        self.finish(json.dumps(answer))

    async def _story(self, rtc):
        nb = await rtc.notebook("a.ipynb")
        nb.cells[0].source = "name = input('Who? ')\nprint('Hello', name)"
        run = await nb.cells[0].run()
        question = await nb.next_input(60)
        await question.answer("Ana")
        await run.wait(60)
        markdown = nb.cells.append("# done", "markdown")
        await nb.save()
        people = [person.name for person in nb.people]
        return {"text": run.text, "status": run.status, "user": run.record["user"], "at": markdown.position,
                "people": people, "progress": nb.progress.name}  # fmt: skip

    async def _missing(self, rtc):
        await rtc.notebook("no such.ipynb")

    async def _twice(self, rtc):
        nb = await rtc.notebook("a.ipynb")
        question_id = "0" * 32
        kernel_id = await nb.start_kernel()
        assert await nb.start_kernel() == kernel_id
        await nb.interrupt()
        await nb.restart()
        await nb.answer(kernel_id, question_id, "nobody asked")

    async def _kernel(self, rtc):
        nb = await rtc.notebook("a.ipynb")
        await nb.act("no-such-kernel", "interrupt")
