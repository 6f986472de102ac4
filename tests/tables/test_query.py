"""Queries are what they are at the moment."""


def test_a_query_follows_its_table(todos):
    done = todos.where(done=True)
    assert len(done) == 0 and done.first() is None
    todos.create(id="a", title="x", done=True)
    assert [todo.id for todo in done] == ["a"] and done.first()["title"] == "x" and done.as_dict()["a"]["done"] is True
    todos["a"]["done"] = False
    assert done.ids() == []


def test_records_can_be_changed_while_one_goes_through_them(todos):
    for name in "abc":
        todos.create(id=name, title=name)
    for todo in todos.where(done=False):
        todo["done"] = True
    for todo in todos.where(done=True):
        todo.delete()
    assert len(todos) == 0
