"""The docs are true: what they name exists, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PLACES = re.findall(r"`(jupyter_rtc/[\w/]+\.py):(\w+)`", (ROOT / "docs" / "tour.md").read_text())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(("path", "name"), PLACES)
def test_every_place_of_the_tour_exists(path, name):
    text = (ROOT / path).read_text()
    assert re.search(rf"^\s*(async def|def|class) {name}\b|^{name}\b", text, re.MULTILINE)


def test_the_tour_visits_every_part_that_a_keystroke_passes():
    parts = {path.split("/")[1] for path, _ in PLACES}
    assert {"relay", "protocol", "store", "supernode", "datastore"} <= parts


def test_the_readme_s_commands_are_those_that_ci_runs():
    script = (ROOT / ".ci" / "run").read_text()
    assert 'pip install ".[lab,test]" && pytest' in (ROOT / "README.md").read_text()
    assert '".[lab,test]"' in script and "\npytest " in script


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda page: page.name)
def test_every_decision_is_numbered_as_its_file(page):
    assert page.read_text().startswith(f"# {int(page.name[:4])}. ")
