"""A datastore in the manner of Redux."""

import random

import pytest
from pycrdt import Doc

from jupyter_rtc.errors import TableError, UnknownTable
from jupyter_rtc.tables.redux import Redux

from .conftest import store_over


def add(store, action):
    return store["todos"].create(id=action.get("id"), title=action["title"]).id


def rename(store, action):
    for todo in store["todos"]:
        todo["title"] = action["title"]


def fail(store, action):
    raise ValueError("mine")


HANDLERS = {"add": add, "rename": rename, "fail": fail, "step": lambda store, action: store["steps"].create(name="n")}


@pytest.fixture
def app(store):
    return Redux(store, HANDLERS)


def titles(state):
    return sorted(todo["title"] for todo in state["todos"].values())


def test_an_action_is_one_transaction_and_one_step_of_history(store, app):
    told = []
    end = app.subscribe(lambda: told.append(app.select(titles)))
    assert app.dispatch({"type": "add", "title": "a", "id": "x"}) == "x"
    app.dispatch({"type": "add", "title": "b"})
    app.dispatch({"type": "rename", "title": "c"})
    end()
    end()
    app.dispatch({"type": "rename", "title": "d"})
    assert told == [["a"], ["a", "b"], ["c", "c"]]
    assert [step.action["type"] for step in app.history] == ["add", "add", "rename", "rename"]
    assert store.undo() and app.select(titles) == ["c", "c"] and app.history[-1].action is None


def test_a_selection_is_made_again_only_if_a_table_that_it_read_has_changed(store, app):
    calls = []

    def counted(state):
        calls.append(1)
        return titles(state)

    first = app.select(counted)
    assert app.select(counted) is first and len(calls) == 1
    app.dispatch({"type": "step"})
    assert app.select(counted) is first and len(calls) == 1
    app.dispatch({"type": "add", "title": "a"})
    assert app.select(counted) == ["a"] and len(calls) == 2
    assert app.select(lambda state: state["todos"]) is app.select(lambda state: state["todos"])


def test_what_others_do_is_part_of_the_state_and_of_history(store, app):
    other = store_over(Doc())
    other["todos"].create(title="theirs")
    store.doc.apply_update(other.doc.get_update())
    assert app.select(titles) == ["theirs"] and app.history[0].action is None


def test_one_can_look_back_and_forth_and_nothing_changes(store, app):
    for title in "abc":
        app.dispatch({"type": "add", "title": title})
    told = []
    app.subscribe(lambda: told.append(app.select(titles)))
    before = store.doc.get_update()
    assert app.travel(-1) == 1 and app.travel(-1) == 2 and app.select(titles) == ["a"]
    assert app.travel(-9) == 3 and app.select(titles) == []
    app.travel(1)
    assert told == [["a", "b"], ["a"], [], ["a"]] and store.doc.get_update() == before
    with pytest.raises(TableError, match="look at the past"):
        app.dispatch({"type": "add", "title": "d"})
    store["todos"].create(title="meanwhile")
    assert app.select(titles) == ["a"] and app.back == 3
    app.present()
    assert app.select(titles) == ["a", "b", "c", "meanwhile"] and app.back == 0


def test_every_past_state_is_as_it_was(store):
    rng = random.Random(3)
    app = Redux(store, HANDLERS, remembered=40)
    states = []
    for _ in range(60):
        steps, todos = store["steps"], store["todos"]
        with store.transaction():
            steps.create(name=str(rng.random()), at=rng.randrange(len(steps) + 1))
            todos.create(title="x")
            rng.choice(list(todos))["title"] = str(rng.random())
            if len(steps) > 5:
                steps.move(rng.choice(steps.ids()), at=rng.randrange(len(steps)))
                steps.delete(rng.choice(steps.ids()))
        states.append((store["todos"].as_dict(), list(store["steps"].as_dict().items())))
    for back in range(40, -1, -1):
        assert app.travel(-40 if back == 40 else 1) == back
        assert app.select(lambda state: (state["todos"], list(state["steps"].items()))) == states[-1 - back]
    assert app.back == 0 and len(app.history) == 40


def test_what_cannot_be_done_is_said(store, app):
    with pytest.raises(TableError, match="Nothing handles the action 'none'"):
        app.dispatch({"type": "none"})
    with pytest.raises(ValueError, match="mine"):
        app.dispatch({"type": "fail"})
    with pytest.raises(UnknownTable):
        app.select(lambda state: state["none"])
    app.subscribe(lambda: app.dispatch({"type": "add", "title": "again"}))
    with pytest.raises(ExceptionGroup) as raised:
        app.dispatch({"type": "add", "title": "a"})
    assert raised.group_contains(TableError, match="A listener cannot dispatch")


def test_after_closing_nothing_is_followed(store, app):
    app.close()
    store["todos"].create(title="x")
    assert app.history == () and store.observer._hearers == []


def test_selections_are_not_kept_without_end(app):
    for number in range(1000):
        app.select(lambda state, number=number: number)
    assert len(app._selections) <= 256
