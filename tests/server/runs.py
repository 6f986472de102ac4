"""What the tests of runs share: a person's tab that runs cells, as JupyterLab's own executor does."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from pycrdt import Array, Map

from .rig import Server, Tab, until


def code_notebook(*sources: str) -> dict:
    cells = [
        {
            "id": f"cell-{number}",
            "cell_type": "code",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def counting_until(there: Path) -> str:
    """Return code that counts aloud until there is such a file."""
    lines = ("import itertools, os, time", "for n in itertools.count():", "    print(n)", "    time.sleep(0.02)")
    return "\n".join((*lines, f"    if os.path.exists({str(there)!r}): break"))


class Runner(Tab):
    """A tab with a kernel."""

    kernel = ""
    jupyter_session = ""
    asked: dict[str, str]
    """The newest run of each cell that this tab asked for."""

    @classmethod
    async def open_new(
        cls, server: Server, *sources: str, path: str = "a.ipynb", name: str = "ana", kernel: str = "python3"
    ) -> Runner:
        """Write a notebook of these cells, open it, and start its kernel, if it is to have one."""
        (server.root / path).write_text(json.dumps(code_notebook(*sources)))
        tab = await cls(server, path, "notebook", name).open()
        tab.asked = {}
        if kernel:
            await tab.start_kernel(kernel)
        return tab

    @property
    def all_ended(self) -> bool:
        """Whether no run goes on, and no cell shows one."""
        ended = all(one["status"] in ("ok", "error", "aborted") for one in self.records.values())
        return ended and all(cell.get("execution_state", "idle") == "idle" for cell in self.cells)

    def ask_by_record(self, index: int, **fields: object) -> str:
        """Ask for a run by writing a record; return its id."""
        run_id = uuid4().hex
        record = Map({"status": "requested", "cell_id": self.cell(index)["id"], **fields})
        self.doc.get("executions", type=Map)[run_id] = record
        return run_id

    async def start_kernel(self, kernel: str = "python3") -> dict:
        body = {"path": self.path, "type": "notebook", "name": "", "kernel": {"name": kernel}}
        answer = await self.request("POST", "api/sessions", body)
        assert answer.code == 201, answer.body
        session = json.loads(answer.body)
        self.kernel, self.jupyter_session = session["kernel"]["id"], session["id"]
        return session

    async def again(self, name: str = "bo") -> Runner:
        """Open the same notebook as another person."""
        tab = await type(self)(self.server, self.path, "notebook", name).open()
        tab.kernel, tab.asked = self.kernel, self.asked
        return tab

    @property
    def document_id(self) -> str:
        return f"{self.session['format']}:{self.session['type']}:{self.session['fileId']}"

    @property
    def cells(self) -> Array:
        return self.doc.get("cells", type=Array)

    def cell(self, index: int) -> Map:
        return self.cells[index]

    async def run_code(self, code: str) -> None:
        """Run code that is of no cell, and wait for its end."""
        body = {"code": code, "metadata": {"document_id": self.document_id}}
        answer = await self.request("POST", f"api/kernels/{self.kernel}/execute", body)
        assert answer.code == 202, answer.body
        run_id = json.loads(answer.body)["request_id"]
        await until(lambda: self.records.get(run_id, {}).get("status") in ("ok", "error", "aborted"))

    async def run(self, index: int, expect: int = 202, made_at: int | None = None) -> dict:
        """Ask for a run, as JupyterLab does; it says when it made the request, in milliseconds."""
        body = {"cell_id": self.cell(index)["id"], "document_id": self.document_id}
        query = "" if made_at is None else f"?{made_at}"
        answer = await self.request("POST", f"api/kernels/{self.kernel}/execute{query}", body)
        assert answer.code == expect, answer.body
        answered = json.loads(answer.body)
        self.asked[body["cell_id"]] = answered.get("request_id", "")
        return answered

    async def run_all(self) -> None:
        for index in range(len(self.sources)):
            await self.run(index)

    async def ran(self, index: int, seconds: float = 30) -> None:
        """Wait until the run that was asked for has ended, and its cell shows it."""
        run_id = self.asked[self.cell(index)["id"]]

        def ended() -> bool:
            record = self.records.get(run_id)
            idle = self.cell(index).get("execution_state") == "idle"
            return record is not None and record["status"] in ("ok", "error", "aborted") and idle

        await until(ended, seconds)

    @property
    def records(self) -> dict:
        return {key: record.to_py() for key, record in self.doc.get("executions", type=Map).items()}

    def status(self, index: int) -> str:
        """Return the status of the newest run of a cell."""
        wanted = self.cell(index)["id"]
        those = [record for record in self.records.values() if record["cell_id"] == wanted]
        return max(those, key=lambda record: record.get("asked_at", 0))["status"] if those else ""

    def saved(self, index: int) -> dict:
        """Return a cell as the file has it; an empty one while the file is being written."""
        try:
            return json.loads((self.server.root / self.path).read_text())["cells"][index]
        except ValueError:
            return {"outputs": [], "source": ""}

    def saved_text(self, index: int) -> str:
        """Return all that a cell has printed, as the file has it."""
        streams = [one for one in self.saved(index)["outputs"] if one["output_type"] == "stream"]
        return "".join("".join(one["text"]) for one in streams)

    def contents(self) -> list[dict]:
        """Return the cells as plain values."""
        return [{**cell.to_py(), "source": str(cell["source"])} for cell in self.cells]

    def outputs(self, index: int) -> list[dict]:
        return [output.to_py() for output in self.cell(index)["outputs"]]

    def text(self, index: int) -> str:
        """Return all that a cell has printed."""
        return "".join(one["text"] for one in self.outputs(index) if one["output_type"] == "stream")

    async def act(self, what: str) -> None:
        """Interrupt or restart the kernel over REST."""
        answer = await self.request("POST", f"api/kernels/{self.kernel}/{what}", {})
        assert answer.code in (200, 204), answer.body
