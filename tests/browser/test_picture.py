"""The documentation's picture can be taken again, and shows two people."""

from .picture import take


def test_two_people_are_shown_in_one_notebook(lab, ana, bo, tmp_path):
    picture = tmp_path / "two-people.png"
    take(lab, ana, bo, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 300_000
