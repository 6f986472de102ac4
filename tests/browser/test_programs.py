"""A program and a person on one notebook: each sees every step of the other."""

from jupyter_rtc.client.blocking import connect

from .notebooks import read_cells, read_output, write_notebook
from .people import BO, token_of
from .tab import eventually, open_for


def test_a_person_sees_all_that_a_program_does_and_types_meanwhile(lab, path, ana):
    write_notebook(path, "# by hand: ", "who = input('Who? ')\nprint('Hi', who)")
    open_for(path, ana)
    with connect(lab.url, token=token_of(BO)) as rtc:
        nb = rtc.notebook(path.name)
        eventually(lambda: [person.name for person in nb.people if person.name != BO.display_name], ["Ana Lima"])
        ana.focus(0)
        made = nb.cells.insert("answer = 6", after=nb.cells[0])
        ana.page.keyboard.type("typed ")
        made.append(" * 7\nanswer")
        ana.page.keyboard.type("meanwhile")
        eventually(ana.cells, ["# by hand: typed meanwhile", "answer = 6 * 7\nanswer", read_cells(path)[-1]])
        eventually(lambda: nb.cells[0].source, "# by hand: typed meanwhile")

        runs = nb.start_all()
        question = nb.next_input(timeout=30)
        eventually(lambda: ana.output(1).endswith("\n42"), True)
        eventually(lambda: ana.prompt(2), "[*]:")
        ana.page.keyboard.type(", and while it runs")
        question.answer("Robot")
        for run in runs:
            run.wait(30)
        eventually(lambda: ana.output(2), "Who? Robot\nHi Robot")
        eventually(lambda: nb.cells[0].source, "# by hand: typed meanwhile, and while it runs")

        last = nb.cells.append("'the last'", "markdown")
        eventually(lambda: len(ana.cells()), 4)
        nb.cells.move(last, before=nb.cells[0])
        eventually(lambda: ana.cells()[1], "# by hand: typed meanwhile, and while it runs")
        last.delete()
        eventually(lambda: len(ana.cells()), 3)

        renamed = path.with_name(f"renamed {path.name}")
        rtc.contents.rename(path.name, renamed.name)
        eventually(ana.name, renamed.name)
        ana.page.keyboard.type(", and afterwards")
        eventually(lambda: nb.cells[0].source, "# by hand: typed meanwhile, and while it runs, and afterwards")
        nb.save()
    eventually(ana.others, [])
    eventually(lambda: read_cells(renamed)[0], "# by hand: typed meanwhile, and while it runs, and afterwards")
    assert read_output(renamed, 2) == "Hi Robot"
    assert not path.exists()
