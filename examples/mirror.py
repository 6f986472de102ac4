"""Mirrors a folder of a server into a folder here, and keeps doing so: ``python mirror.py URL FOLDER TARGET``.

Files that appear or change there are written here; files that go there are deleted here. What is open and
unsaved there comes when it is saved.
"""

import asyncio
import base64
import json
import sys
from pathlib import Path

from jupyter_rtc.client import connect
from jupyter_rtc.errors import RequestFailed
from jupyter_rtc.tables import Query


def write(target: Path, model: dict) -> None:
    """Write a file as a contents model has it."""
    content = model["content"]
    if model["format"] == "base64":
        target.write_bytes(base64.b64decode(content))
    else:
        target.write_text(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")


def files(rows: Query) -> dict[str, float]:
    """Return when each file was changed."""
    return {row.id: row["last_modified"] for row in rows if row["type"] != "directory"}


async def mirror(url: str, folder: str, target: Path) -> None:
    """Do so, until ctrl-C."""
    async with connect(url) as rtc, rtc.folder(folder) as rows:
        have: dict[str, float] = {}
        while True:
            there = files(rows)
            for path in have.keys() - there.keys():
                (target / Path(path).name).unlink(missing_ok=True)
                print(f"- {path}", flush=True)
            for path in [path for path, when in there.items() if have.get(path) != when]:
                try:
                    write(target / Path(path).name, await rtc.contents.fetch(path))
                    print(f"+ {path}", flush=True)
                except RequestFailed as gone:
                    print(f"! {path}: {gone}", flush=True)
            have = there
            await rtc.tables.until(lambda seen=there: files(rows) != seen)


if __name__ == "__main__":
    asyncio.run(mirror(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
