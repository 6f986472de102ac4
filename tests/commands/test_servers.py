"""Which server is meant."""

from pathlib import Path

import pytest

from jupyter_rtc.commands.servers import choose
from jupyter_rtc.errors import ServerUnreachable


def server(root):
    return {"url": f"http://localhost{root}", "root_dir": root, "token": ""}


HOME, WORK = server("/home/ana"), server("/home/ana/work")


def test_the_only_one_is_meant_wherever_one_is():
    assert choose([HOME], Path("/tmp")) is HOME


def test_of_several_it_is_the_nearest_one_in_whose_folder_one_is():
    assert choose([HOME, WORK], Path("/home/ana/work/x")) is WORK
    assert choose([HOME, WORK], Path("/home/ana/play")) is HOME


@pytest.mark.parametrize("running", [[HOME, WORK], [HOME, HOME]])
def test_where_several_may_be_meant_they_are_named(running):
    here = Path("/tmp") if running[0] is not running[1] else Path("/home/ana")
    with pytest.raises(ServerUnreachable, match="Several Jupyter servers run here: http://localhost/home/ana, "):
        choose(running, here)


def test_where_none_runs_it_is_said_what_to_do():
    with pytest.raises(ServerUnreachable, match="Start one, or name another's address with --url"):
        choose([], Path("/tmp"))
