"""Lost networks, sleeping laptops, and servers that end or are killed, while two people edit."""

import pytest

from .notebooks import read_cells, write_notebook
from .tab import eventually, open_for


def test_what_was_typed_without_a_network_arrives_once(path, ana, bo):
    write_notebook(path, "one", "two")
    open_for(path, ana, bo)
    ana.wire.cut()
    ana.notice_loss()
    ana.type(" typed away", 0)
    bo.type(" meanwhile", 0, "Control+Home")
    bo.type(" meanwhile", 1)
    eventually(lambda: read_cells(path), [" meanwhileone", "two meanwhile"])
    ana.wire.mend()
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, [" meanwhileone typed away", "two meanwhile"])


def test_a_laptop_that_slept_catches_up_and_brings_its_unsent_edits(path, ana, bo):
    write_notebook(path, "one", "two")
    open_for(path, ana, bo)
    ana.wire.cut()
    ana.notice_loss()
    ana.type(" typed before sleep", 0)
    ana.sleep()
    bo.type(" meanwhile", 1)
    eventually(lambda: read_cells(path), ["one", "two meanwhile"])
    ana.wire.mend()
    ana.wake()
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["one typed before sleep", "two meanwhile"])


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_both_reconnect_to_a_server_that_came_back(path, lab, ana, bo, end):
    write_notebook(path, "one", "two")
    open_for(path, ana, bo)
    ana.type(" seen", 0)
    eventually(bo.cells, ["one seen", "two"])
    getattr(lab, end)()
    ana.notice_loss()
    bo.notice_loss()
    ana.type(" unsent by ana", 0)
    bo.type(" unsent by bo", 1)
    lab.start()
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["one seen unsent by ana", "two unsent by bo"])
    ana.type(" again", 1)
    for look in (bo.cells, lambda: read_cells(path)):
        eventually(look, ["one seen unsent by ana", "two unsent by bo again"])
