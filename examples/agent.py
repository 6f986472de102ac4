"""An agent that works in a notebook beside people: ``python agent.py URL NOTEBOOK``.

It looks for code cells that say ``# todo: …``, writes code behind that, runs it, and leaves alone whatever somebody
changed in between: they are working on it.
"""

import asyncio
import sys

from jupyter_rtc.client import connect
from jupyter_rtc.errors import CellStale, RecordMissing

ANSWERS = {"add the numbers": "total = sum(numbers)\nprint(total)", "count them": "print(len(numbers))"}


async def work(url: str, path: str) -> None:
    """Do all that is to be done in one notebook."""
    async with connect(url) as rtc:
        nb = await rtc.notebook(path)
        nb.say(user={"name": "Agent", "color": "#1a73e8"}, activity="thinking")
        for cell in nb.cells:
            asked, revision = cell.source, cell.revision
            answer = ANSWERS.get(asked.removeprefix("# todo:").strip())
            if not asked.startswith("# todo:") or answer is None:
                continue
            try:
                cell.set_source(f"{asked}\n{answer}", expect=revision)
                run = await (await cell.run(expect=cell.revision))
            except (CellStale, RecordMissing) as refused:
                print(f"{cell.id}: {refused}")
            else:
                print(f"{cell.id}: {run.status}: {run.text.strip()}")
        await nb.save()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:3]))
