"""Cells that run on the server, as people see it in JupyterLab."""

import re

from .notebooks import read_output, write_notebook
from .people import BO
from .tab import eventually, open_for

LINES = "\n".join(str(number) for number in range(1, 201))
PRINT_SLOWLY = """import os, time
for n in range(1, 201):
    print(n)
    time.sleep(0.05)
    while n == 100 and not os.path.exists("go on"): time.sleep(0.05)"""
PROMPTS = """() => [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-InputPrompt")].map(
  prompt => prompt.textContent.trim())"""


def prompts(tab):
    """Return what stands before each cell: its count, or a star while it runs."""
    return tab.page.evaluate(PROMPTS)


def test_the_browser_is_closed_and_another_person_finds_every_line(path, ana, bo):
    write_notebook(path, PRINT_SLOWLY)
    open_for(path, ana)
    ana.focus(0)
    ana.press("Control+Enter")
    eventually(lambda: ana.output(0).startswith("1\n2\n3"), True)
    ana.page.close()
    eventually(lambda: len(read_output(path, 0).splitlines()), 100)
    bo.visit(path.name)
    bo.wait_for_text()
    eventually(lambda: len(bo.output(0).splitlines()), 100)
    eventually(lambda: prompts(bo), ["[*]:"])
    (path.parent / "go on").touch()
    for look in (lambda: bo.output(0), lambda: read_output(path, 0)):
        eventually(look, LINES)
    eventually(lambda: prompts(bo), ["[1]:"])


def test_what_is_typed_and_run_at_once_is_what_runs(path, ana, bo):
    write_notebook(path, "")
    open_for(path, ana, bo)
    ana.focus(0)
    ana.page.keyboard.type("print('typed ' * 3)")
    ana.press("Control+Enter")
    for look in (lambda: ana.output(0), lambda: bo.output(0), lambda: read_output(path, 0)):
        eventually(look, "typed typed typed")


def test_run_all_stops_behind_an_error_and_everybody_sees_it(path, ana, bo):
    write_notebook(path, "print('first')", "1 / 0", "print('never')")
    open_for(path, ana, bo)
    ana.page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    for tab in (ana, bo):
        eventually(lambda tab=tab: tab.output(0), "first")
        eventually(lambda tab=tab: "ZeroDivisionError" in tab.output(1), True)
        eventually(lambda tab=tab: prompts(tab), ["[1]:", "[2]:", "[ ]:"])
        assert tab.output(2) == ""


def test_an_interrupt_by_somebody_else_stops_the_cell_for_both(path, ana, bo):
    write_notebook(path, "import time\nprint('on', flush=True)\ntime.sleep(60)", "print('after')")
    open_for(path, ana, bo)
    ana.page.evaluate("() => void jupyterapp.commands.execute('notebook:run-all-cells')")
    eventually(lambda: bo.output(0), "on")
    bo.page.evaluate("() => void jupyterapp.commands.execute('notebook:interrupt-kernel')")
    for tab in (ana, bo):
        eventually(lambda tab=tab: "KeyboardInterrupt" in tab.output(0), True)
        eventually(lambda tab=tab: prompts(tab), ["[1]:", "[ ]:"])
    bo.focus(1)
    bo.press("Control+Enter")
    eventually(lambda: ana.output(1), "after")


def test_input_is_answered_on_the_page_that_the_cell_links_to(path, ana, bo):
    write_notebook(path, "name = input('Name? ')\nprint('Hello', name)")
    open_for(path, ana, bo)
    ana.focus(0)
    ana.press("Control+Enter")
    eventually(lambda: "waits for input" in bo.output(0), True)
    with bo.page.context.expect_page() as opened:
        bo.page.get_by_role("link", name="answer here").click()
    form = opened.value
    form.get_by_label("Answer").fill(BO.username)
    form.get_by_role("button", name="Answer").click()
    form.get_by_text(re.compile("was given")).wait_for()
    for tab in (ana, bo):
        eventually(lambda tab=tab: tab.output(0), "Name? bo\nHello bo")
