"""A record is known by its id."""


def test_records_with_one_id_in_one_table_are_equal(todos, steps):
    todo = todos.create(id="a", title="x")
    assert todo == todos["a"] and hash(todo) == hash(todos["a"]) and todo != steps.create(id="a", name="x")
    assert repr(todo) == "<Record 'a' of 'todos'>" and todo != "a"


def test_a_record_is_changed_through_itself(todos):
    todo = todos.create(title="x")
    todo.update({"title": "y"}, done=True)
    assert (todo["title"], todo["done"], todo.exists) == ("y", True, True)
    todo.delete()
    assert not todo.exists
