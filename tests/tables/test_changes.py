"""Changes say what was before and after, and several become one."""

from jupyter_rtc.tables.changes import Change, differing, joined, then


def change(before, after, record_id="a", **more):
    return Change("t", record_id, before, after, differing(before, after), **more)


def test_a_change_is_of_one_kind():
    assert change(None, {"x": 1}).kind == "created" and change({"x": 1}, None).kind == "deleted"
    assert change({"x": 1}, {"x": 2}).kind == "updated" and change({"x": 1}, {"x": 1}, moved=True).kind == "moved"


def test_true_is_not_one():
    assert differing({"x": 1}, {"x": True}) == {"x"} and differing({"x": [1]}, {"x": [1]}) == frozenset()


def test_what_follows_each_other_becomes_one():
    one, two = change({"x": 1, "y": 1}, {"x": 2, "y": 1}, own=True), change({"x": 2, "y": 1}, {"x": 2, "y": 2})
    both = then(one, two)
    assert (both.before, both.after, both.fields, both.own) == ({"x": 1, "y": 1}, {"x": 2, "y": 2}, {"x", "y"}, False)
    assert then(change(None, {"x": 1}), change({"x": 1}, None)) is None
    assert then(change({"x": 1}, {"x": 2}), change({"x": 2}, {"x": 1})) is None
    assert then(change({"x": 1}, None), change(None, {"x": 3})).kind == "updated"


def test_it_is_one_s_own_only_if_all_of_it_is_and_moved_if_any_of_it_is():
    one, two = change({"x": 1}, {"x": 2}, moved=True), change({"x": 2}, {"x": 3}, own=True)
    assert not then(one, two).own and then(one, two).moved and then(two, two).own and not then(two, two).moved


def test_what_vanished_can_come_again():
    changes = [change(None, {"x": 1}), change({"x": 1}, None), change(None, {"x": 2}), change({"x": 5}, None, "b")]
    assert [(one.id, one.kind, one.after) for one in joined(changes)] == [
        ("a", "created", {"x": 2}),
        ("b", "deleted", None),
    ]


def test_edits_of_a_text_are_in_code_points():
    assert change({"x": "é😀z"}, {"x": "é😀y!"}).edits("x") == [(2, 3, "y!")]
    assert change(None, {"x": "ab"}).edits("x") == [(0, 0, "ab")] and change({"x": "a"}, {"x": "a"}).edits("x") == []
