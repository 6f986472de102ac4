from pycrdt import Array, Doc

from jupyter_rtc.client.shadow import Shadow
from jupyter_rtc.datastore.shared_cells import shared_cell


def cell(cell_id: str, source: str = ""):
    return shared_cell({"id": cell_id, "cell_type": "code", "source": source, "metadata": {}})


class Pair:
    """A document here with its shadow, and somebody else's, to whom nothing of ours has come yet."""

    def __init__(self) -> None:
        self.here, self.there = Doc(client_id=1), Doc(client_id=2)
        self.cells.extend([cell("a", "one\n"), cell("b", "two\n")])
        self.there.apply_update(self.here.get_update())
        self.shadow = Shadow(self.here)
        self.here.observe(lambda event: self.shadow.did(event.update) if not self.applying else None)
        self.applying = False

    @property
    def cells(self) -> Array:
        return self.here.get("cells", type=Array)

    @property
    def theirs(self) -> Array:
        return self.there.get("cells", type=Array)

    def hear(self, *, answer: bool = False):
        update = self.there.get_update()
        self.applying = True
        self.here.apply_update(update)
        self.applying = False
        return [(one.held.cell_id, one.before, one.now) for one in self.shadow.heard(update, answer=answer)]


def test_what_is_typed_into_a_deleted_cell_is_seen_once():
    pair = Pair()
    pair.shadow.part(pair.cells, 0)
    del pair.cells[0]
    pair.theirs[0]["source"].insert(0, "late ")
    assert pair.hear() == [("a", "one\n", "late one\n")]
    assert pair.hear() == []


def test_what_is_typed_into_other_cells_is_not_late():
    pair = Pair()
    pair.shadow.part(pair.cells, 0)
    del pair.cells[0]
    pair.theirs[1]["source"].insert(0, "elsewhere ")
    assert pair.hear() == []


def test_a_cell_that_others_delete_too_is_held_no_more_but_what_it_said_is_known():
    pair = Pair()
    pair.shadow.part(pair.cells, 0)
    del pair.cells[0]
    del pair.theirs[0]
    assert pair.hear() == []
    pair.theirs.insert(0, cell("c"))
    assert pair.hear() == []
    assert pair.shadow.said("a") == ["one\n"]


def test_an_answer_of_the_server_does_not_end_what_was_deleted_here():
    pair = Pair()
    pair.shadow.part(pair.cells, 0)
    del pair.cells[0]
    pair.shadow.heard(pair.here.get_update(), answer=True)
    pair.theirs[0]["source"].insert(0, "late ")
    assert pair.hear() == [("a", "one\n", "late one\n")]


def test_a_cell_that_was_to_go_and_did_not_is_not_held():
    pair = Pair()
    pair.shadow.part(pair.cells, 0)
    pair.cells[1]["source"].insert(0, "other ")
    assert pair.shadow.said("a") == []
    del pair.cells[1]["source"][0:6]
    assert str(pair.shadow._cells[1]["source"]) == "two\n"


def test_of_a_cell_that_was_moved_twice_the_latest_is_named():
    pair = Pair()
    for source in ("second\n", "third\n"):
        at = [one["id"] for one in pair.cells].index("a")
        pair.shadow.part(pair.cells, at)
        with pair.here.transaction():
            del pair.cells[at]
            pair.cells.append(cell("a", source))
    pair.theirs[0]["source"].insert(0, "late ")
    update = pair.there.get_update()
    pair.applying = True
    pair.here.apply_update(update)
    (late,) = pair.shadow.heard(update, answer=False)
    assert (late.now, late.latest.said) == ("late one\n", "second\n")
