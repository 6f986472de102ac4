"""Tables without a network behave as those over one."""

import asyncio
import random

import pytest
from pycrdt import Doc

from jupyter_rtc.tables import Datastore, Ordered, Schema, Table, register, text
from jupyter_rtc.testing.tables import Participants, dummy_store

SCHEMA = Schema(
    [Table("todos", {"title": register(str), "notes": text()}), Table("steps", {"n": register(int)}, Ordered())]
)


@pytest.fixture
def people():
    return Participants(SCHEMA)


def test_what_one_writes_the_others_have_at_once(people):
    ana = people.join("ana")
    ana["todos"].create(id="early", title="before Bo came")
    bo, cy = people.join("bo"), people.join("cy")
    ana["todos"].create(id="milk", title="Milk")
    bo["todos"]["milk"].text("notes").append("oat")
    assert cy["todos"]["milk"]["notes"] == "oat" and cy["todos"].ids() == ["early", "milk"] and people.agree()
    with pytest.raises(ValueError, match="here already"):
        people.join("bo")


def test_who_was_apart_is_merged_when_they_rejoin(people):
    ana, bo, cy = (people.join(name) for name in ("ana", "bo", "cy"))
    ana["todos"].create(id="milk", title="Milk", notes="1")
    people.part("bo")
    ana["todos"]["milk"].text("notes").append("a")
    bo["todos"]["milk"].text("notes").insert(0, "b")
    bo["steps"].create(id="s", n=1)
    assert not people.agree() and bo["todos"]["milk"]["notes"] == "b1"
    people.rejoin("bo")
    assert people.agree() and cy["todos"]["milk"]["notes"] == "b1a" and cy["steps"].ids() == ["s"]


def test_each_undoes_their_own(people):
    ana, bo = people.join("ana"), people.join("bo")
    ana["todos"].create(id="a", title="x")
    bo["todos"]["a"]["title"] = "y"
    assert bo.undo() and ana["todos"]["a"]["title"] == "x" and not bo.can_undo and ana.can_undo


async def test_others_changes_can_be_watched(people):
    ana, bo = people.join("ana"), people.join("bo")
    watch = bo["todos"].watch()
    ana["todos"].create(id="a", title="x")
    change = await asyncio.wait_for(anext(watch), 5)
    assert (change.id, change.own) == ("a", False)
    bo["todos"]["a"]["title"] = "answered"
    assert ana["todos"]["a"]["title"] == "answered"


def test_a_store_can_be_had_alone():
    store = dummy_store(SCHEMA, author="ana", undo=False)
    assert store["todos"].create(title="x").exists and store.author == "ana" and not store.can_undo


def test_one_alone_comes_back(people):
    ana = people.join("ana")
    people.part("ana")
    ana["todos"].create(title="x")
    people.rejoin("ana")
    assert people.agree()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_they_do_together_and_apart_they_agree_in_the_end(people, seed):
    """Random edits, moves, undos and absences; each one's mirror is what their document says."""
    rng = random.Random(seed)
    stores = [people.join(name) for name in ("ana", "bo", "cy")]
    hearers = [store.observe(lambda _: None) for store in stores]
    for _ in range(150):
        turn(rng, people, rng.choice(stores))
    for name in ("ana", "bo", "cy"):
        people.rejoin(name)
    assert people.agree() and len(hearers) == 3
    for store in stores:
        fresh = Datastore(Doc(), SCHEMA)
        fresh.doc.apply_update(store.doc.get_update())
        assert {name: fresh[name].as_dict() for name in fresh} == {name: store[name].as_dict() for name in store}
        for name in store:
            assert store.observer.mirror(name).records == store[name].as_dict()
        assert store["steps"].ids() == stores[0]["steps"].ids() == list(store.observer.mirror("steps").records)


def turn(rng, people, store):
    steps, todos, kind = store["steps"], store["todos"], rng.randrange(9)
    if kind == 0:
        rng.choice([people.part, people.rejoin])(store.author)
    elif kind == 1:
        rng.choice([store.undo, store.redo])()
    elif kind == 2 or not steps.ids() or not todos.ids():
        steps.create(id=str(rng.random()), n=rng.randrange(9), at=rng.randrange(len(steps) + 1))
        todos.create(id=str(rng.random()), title="x", notes="é😀")
    elif kind == 3:
        steps.move(rng.choice(steps.ids()), before=rng.choice([None, *steps.ids()]))
    elif kind == 4:
        steps.delete(rng.choice(steps.ids()))
    elif kind == 5:
        steps.update(rng.choice(steps.ids()), n=rng.randrange(9))
    elif kind == 6:
        notes = todos[rng.choice(todos.ids())].text("notes")
        notes.replace(rng.randrange(len(notes) + 1), len(notes), "👩‍👧é")
    elif kind == 7:
        todos.update(rng.choice(todos.ids()), title=str(rng.random()), notes="new 😀")
    else:
        with store.transaction():
            todos.create(id=str(rng.random()), title="y")
            steps.create(id=str(rng.random()), n=1)
            steps.move(rng.choice(steps.ids()), at=0)
