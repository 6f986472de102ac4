"""The page of tables is what the schema says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_rtc.tables.jupyter import ROOMS
from jupyter_rtc.tables.page import page

PAGE = Path(__file__).parent.parent.parent / "docs" / "tables.md"
TABLES = [(title, table) for title, schema in ROOMS.items() for table in schema.tables.values()]


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == page(), "run: python -m jupyter_rtc.tables > docs/tables.md"


def test_the_command_prints_the_page():
    run = subprocess.run([sys.executable, "-m", "jupyter_rtc.tables"], capture_output=True, text=True, check=True)
    assert run.stdout == page()


def test_the_example_runs(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", page(), re.DOTALL)
    names: dict = {}
    exec(example, names)
    assert capsys.readouterr().out.startswith("[('updated', {'title': 'Milk'")
    assert [slide["body"] for slide in names["store"]["slides"]] == ["first", "before it"]


@pytest.mark.parametrize(("title", "table"), TABLES, ids=lambda one: getattr(one, "name", ""))
def test_each_table_and_field_has_a_sentence_of_meaning(title, table):
    assert table.words.endswith(".") and table.key
    for field in table.fields.values():
        assert field.words[0].isupper() or field.words[0] == "`"
        assert field.words.endswith(".") and len(field.words) > 8
        assert field.kind.value != "register" or (float not in field.types) or field.unit
