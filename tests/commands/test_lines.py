"""How things are shown on a terminal."""

import pytest

from jupyter_rtc.commands import lines


def test_columns_are_as_wide_as_they_need_to_be():
    assert lines.table(("a", "name"), [(1, "x"), (22, "longer")]) == "a   name\n1   x\n22  longer\n"


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, "-"), (0, "0 B"), (999, "999 B"), (1500, "1.5 KB"), (37_000_000, "37 MB"), (10**16, "10000 TB")],
)
def test_sizes_are_for_people(count, shown):
    assert lines.size(count) == shown


def test_moments_are_for_people():
    assert lines.moment(None) == "-"
    assert lines.moment(0.0).startswith(("1970-01-01 ", "1969-12-31 "))


def test_cells_are_shown_with_what_they_show():
    cells = [("code", 3, "1 + 1\n", "2\n"), ("code", None, "x", ""), ("markdown", None, "# t", "")]
    assert lines.sources(cells) == "[3]\n1 + 1\n    2\n\n[ ]\nx\n\n(markdown)\n# t\n"
    assert lines.sources([]) == ""
