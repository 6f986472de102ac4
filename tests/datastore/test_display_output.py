"""One display, all of it or what stands for it."""

from jupyter_rtc.datastore.display_output import DisplayOutput
from jupyter_rtc.datastore.left_out import Limit, reference_in

from .kernel_messages import Shelf

SMALL = {"output_type": "display_data", "data": {"text/plain": "a"}, "metadata": {}}
LARGE = {**SMALL, "data": {"text/plain": "a" * 1000}}


def test_a_small_one_is_all_there():
    display = DisplayOutput(SMALL, Limit(100, Shelf(), 1))
    display.refresh()
    assert display.as_nbformat() == SMALL


def test_a_large_one_is_kept_once_when_somebody_looks():
    shelf = Shelf()
    display = DisplayOutput(LARGE, Limit(100, shelf, 1))
    assert shelf.kept == {}
    display.refresh()
    display.refresh()
    assert reference_in(display.as_nbformat()) == "kept/1"
    assert display.complete(shelf.fetch) == [LARGE]


def test_when_it_changes_only_what_it_has_become_is_kept():
    shelf = Shelf()
    display = DisplayOutput(LARGE, Limit(100, shelf, 1))
    display.refresh()
    display.change({"data": {"text/plain": "b" * 1000}, "metadata": {}})
    display.refresh()
    assert display.complete(shelf.fetch) == [{**LARGE, "data": {"text/plain": "b" * 1000}}]
    display.change({"data": {}, "metadata": {}})
    display.refresh()
    assert shelf.kept == {}
    assert display.as_nbformat() == {**SMALL, "data": {}}
