"""What is answered, over REST, to those who ask how a run stands, in the form of jupyter-server-nbmodel. Pure.

Addresses are below the server's base URL, which that extension's frontend puts before them.
"""

from __future__ import annotations

import json
from typing import Any

from ..kernels.inputs import Question
from ..kernels.run import Run, RunStatus
from ..kernels.work import Work

STANDING = {RunStatus.REQUESTED: "queued", RunStatus.QUEUED: "queued", RunStatus.RUNNING: "running"}
"""How a run is said to stand that goes on; one that has ended is ``complete``."""


def address(kernel_id: str, run_id: str) -> str:
    """Return where a run can be asked about."""
    return f"/api/kernels/{kernel_id}/requests/{run_id}"


def of_run(run: Run, document_path: str | None, outputs: str = "[]") -> dict[str, Any]:
    """Return what is said of a run that goes on; ``outputs`` is a JSON list in the notebook format."""
    return {
        "request_id": run.id,
        "request_url": address(run.kernel_id, run.id),
        "request_status": STANDING.get(run.status, "complete"),
        "kernel_id": run.kernel_id,
        "cell_id": run.cell_id,
        "document_path": document_path,
        "pending": not run.status.ended,
        "outputs": outputs,
    }


def of_work(work: Work, document_path: str | None) -> dict[str, Any]:
    """Return what is said of a run at work, or of one that has ended; ``outputs_kept`` is there if they are not."""
    run = work.run
    said = of_run(run, document_path, json.dumps(work.outputs.as_nbformat()))
    if run.status.ended:
        said |= {
            "status": "ok" if run.failure is None else run.status.value,
            "execution_count": run.execution_count,
        }
    if work.is_let_go:
        said["outputs_kept"] = False
    if run.failure is not None:
        said |= {"ename": run.failure.ename, "evalue": run.failure.evalue}
    return said


def of_question(question: Question) -> dict[str, Any]:
    """Return what is said of a run that waits for input."""
    asked = {"prompt": question.prompt, "password": question.password}
    return {"parent_header": question.header, "input_request": asked, "input_id": question.id}
