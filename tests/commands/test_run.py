"""Running a notebook from the command line."""

import asyncio
import json
import signal

from ..server.rig import running
from ..server.runs import code_notebook
from .shell import at, ended, shell, start


def write(server, name, *sources):
    (server.root / name).write_text(json.dumps(code_notebook(*sources)))


def saved(server):
    return json.loads((server.root / "a.ipynb").read_text())["cells"]


def test_a_notebook_runs_is_asked_and_answered_and_saved(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            write(
                server,
                "a.ipynb",
                "print('one')",
                "name = input('Who? ')\nprint('Hello', name)",
                "import sys; sys.stderr.write('e')",
            )
            told = await shell("run", "a.ipynb", *at(server), given=b"Ana\n")
            assert told.code == 0, told
            assert "one\n" in told.out and "Hello Ana\n" in told.out and "[3/3]" in told.err and "e" in told.err
            assert [cell["execution_count"] for cell in saved(server)] == [1, 2, 3]

            write(server, "b.ipynb", "1 / 0", "print('never')")
            told = await shell("run", "b.ipynb", *at(server))
            assert told.code == 1 and "ZeroDivisionError" in told.err and "aborted" in told.err
            assert "never" not in told.out

            missing = await shell("run", "a.ipynb", "--cell", "no-such", *at(server))
            assert missing.code == 1 and "no-such" in missing.err
            other = await shell("run", "c.ipynb", *at(server))
            assert other.err == "jupyter rtc: There is no file c.ipynb on the server; create it first.\n"

    asyncio.run(story())


def test_who_does_not_wait_leaves_it_running_and_ctrl_c_interrupts_it(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            write(server, "a.ipynb", "import time\nprint('begun', flush=True)\ntime.sleep(3)\nprint('done')")
            told = await shell("run", "a.ipynb", "--timeout", "2", *at(server))
            assert told.code == 1 and "it goes on on the server" in told.err
            told = await shell("cat", "a.ipynb", *at(server))
            while "    done\n" not in told.out:
                told = await shell("cat", "a.ipynb", *at(server))

            write(server, "b.ipynb", "import time\nprint('begun', flush=True)\ntime.sleep(600)")
            process = await start("run", "b.ipynb", *at(server))
            while b"begun" not in await process.stdout.readline():
                pass
            process.send_signal(signal.SIGINT)
            told = await ended(process)
            assert told.code == 130
            while "KeyboardInterrupt" not in (await shell("cat", "b.ipynb", *at(server))).out:
                pass

    asyncio.run(story())
