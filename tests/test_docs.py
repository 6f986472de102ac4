"""The docs are true: what they name exists, and their links lead somewhere."""

import logging
import re
from pathlib import Path

import pytest

from jupyter_rtc.app import LOUD
from jupyter_rtc.kernels import reasons, records
from jupyter_rtc.kernels.run import Failure, Options, Run, RunStatus
from jupyter_rtc.notices import NoticeKind

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


def page(name):
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("kind", NoticeKind, ids=lambda kind: kind.value)
def test_everything_that_can_happen_is_explained(kind):
    assert f"`{kind.value}`" in page("inside.md")


def test_everything_that_can_happen_is_logged_as_loudly_as_the_docs_say():
    rows = re.findall(r"^\| (`[^|]+) \|[^|]+\| ([a-z, ]+) \|[^|]*\|$", page("inside.md"), re.MULTILINE)
    said = {}
    for kinds, levels in rows:
        names, loud = re.findall(r"`([^`]+)`", kinds), levels.split(", ")
        said |= zip(names, loud * len(names) if len(loud) == 1 else loud, strict=False)
    assert said == {kind.value: logging.getLevelName(LOUD.get(kind, logging.DEBUG)).lower() for kind in NoticeKind}


def test_every_metric_is_explained():
    source = (ROOT / "jupyter_rtc" / "metrics.py").read_text()
    names = set(re.findall(r'"jupyter_rtc_(\w+)"', source)) | set(re.findall(r'_gauge\("(\w+)"', source))
    assert len(names) >= 9
    assert [name for name in names if f"`jupyter_rtc_{name}" not in page("inside.md")] == []


def test_every_field_of_a_run_s_record_is_explained():
    from pycrdt import Doc

    doc = Doc()
    records.write_run(doc, Run("json:notebook:x", "k", "1", "ana", options=Options()))
    table = page("running.md").split("### `executions`")[1].split("###")[0]
    fields = {*records.executions(doc)[next(iter(records.executions(doc)))].keys(), "displays"}
    assert [name for name in fields if f"`{name}`" not in table] == []
    assert [one.value for one in RunStatus if f"`{one.value}`" not in table] == []


@pytest.mark.parametrize(
    "name",
    sorted(
        {one.ename for one in vars(reasons).values() if isinstance(one, Failure)} | {"KernelUnavailable", "NotAllowed"}
    ),
)
def test_every_reason_for_which_a_run_does_not_end_well_is_explained(name):
    assert f"`{name}`" in page("running.md").split("## What goes wrong")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", [records.EXECUTIONS, records.INPUTS, records.KERNELS])
def test_every_table_of_a_notebook_is_explained(name):
    assert f"### `{name}`" in page("running.md")


def test_every_option_of_a_run_is_explained():
    assert [name for name in Options.__slots__ if f"`{name}`" not in page("running.md")] == []


def test_every_address_is_in_the_docs():
    source = (ROOT / "jupyter_rtc" / "app.py").read_text()
    routes = re.findall(r'\(\s*rf?"([^"]+)",\s*\w+(?:Handler|Socket|Page)\b', source)
    assert len(routes) >= 12
    text = "".join(one.read_text() for one in PAGES)
    for route in routes:
        address = re.sub(r"\([^)]*\)", "§", route.replace("{kernel}", "/api/kernels/§")).strip("/")
        pattern = re.escape(address).replace("§", r"(?:<[\w ]+>|…)") + r"(?:\W|$)"
        assert re.search(pattern, text), f"{address} is in no page"
