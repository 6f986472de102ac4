"""One output that stands for all further ones."""

from jupyter_rtc.datastore.further_outputs import FurtherOutputs
from jupyter_rtc.datastore.left_out import Limit
from jupyter_rtc.datastore.outputs import CellOutputs

from .kernel_messages import Shelf, error, stream


def test_what_another_follows_is_kept_and_the_last_may_still_change():
    shelf = Shelf()
    further = FurtherOutputs(CellOutputs(), Limit(0, shelf, 1))
    for message in (error("a"), error("b"), stream("10%")):
        further.outputs.hear(*message)
    further.refresh()
    assert shelf.kept[1].count("\n") == 2
    further.outputs.hear(*stream("\r20%"))
    assert further.complete(shelf.fetch)[2]["text"] == "20%"
    further.finish()
    assert shelf.kept[1].count("\n") == 3
    assert further.as_nbformat()["metadata"]["jupyter_rtc"] == {"left_out": "kept/1", "outputs": 3}


def test_it_notes_when_it_says_something_else():
    further = FurtherOutputs(CellOutputs(), Limit(0, Shelf(), 1))
    said = 0
    for _ in range(1000):
        further.outputs.hear(*error())
        further.refresh()
        said += further.changed
        further.changed = False
    assert 10 < said < 40


def test_nothing_is_kept_of_what_was_cleared():
    shelf = Shelf()
    FurtherOutputs(CellOutputs(), Limit(0, shelf, 1)).release()
    assert shelf.kept == {}
