"""Tables and fields are declared, and what cannot be is refused at once."""

import pytest

from jupyter_rtc.errors import UnknownField, UnknownTable, WrongValue
from jupyter_rtc.tables import Keyed, Ordered, Roots, Schema, Table, list_of, map_of, register, text


def test_a_default_makes_a_field_optional_and_null_is_one():
    assert register(str).required and not register(str, "").required
    assert not register(str | None).required and register(str | None).default is None
    assert not any(field.required for field in (text(), list_of(), map_of()))
    with pytest.raises(WrongValue, match="A default takes int"):
        register(int, default="x")


def test_a_default_that_can_be_changed_is_new_each_time():
    field = register(dict, default={"a": []})
    field.fresh_default()["a"].append(1)
    assert field.fresh_default() == {"a": []}


def test_what_is_not_there_is_named_with_what_is():
    table = Table("t", {"a": register(), "b": text()})
    with pytest.raises(UnknownField, match="no field 'c'; it has a, b"):
        table.field("c")
    with pytest.raises(UnknownTable, match="no table 'x'; there are t"):
        Schema([table]).table("x")
    with pytest.raises(UnknownTable, match="there are none"):
        Schema([]).table("x")


def test_tables_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="no field can have that name"):
        Table("t", {"id": register()}, Ordered())
    with pytest.raises(ValueError, match="is no register"):
        Table("t", {"a": register()}, Roots("one"))
    with pytest.raises(ValueError, match="registers only"):
        Table("t", {"a": text()}, Keyed(plain=True))


def test_a_table_s_root_is_its_name_unless_it_says_otherwise():
    assert Table("t", {}).root == "t" and Table("t", {}, Keyed("other")).root == "other"
