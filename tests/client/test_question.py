"""What running code asks."""

from pycrdt import Map

from jupyter_rtc.client.question import Question

from .hall import story


def ask(hall, question_id, **fields):
    record = {"run": "r", "cell_id": "c0", "kernel_id": "k", "prompt": "Who?", "password": False, "status": "waiting"}
    with hall.edit():
        hall.room.doc.get("inputs", type=Map)[question_id] = Map({**record, **fields})


@story("input()")
async def test_a_question_can_be_waited_for_and_answered(hall, nb):
    assert nb.inputs == []
    ask(hall, "done", status="answered")
    ask(hall, "q")
    question = await nb.next_input()
    assert nb.inputs == [question] and hash(question) == hash(Question(nb, "q"))
    assert (question.prompt, question.cell_id, question.is_password, question.status) == (
        "Who?",
        "c0",
        False,
        "waiting",
    )
    await question.answer("Ana")
    assert nb._transport.did == [("answer", "k", "q", "Ana")] and "Who?" in repr(question)


@story("input()")
async def test_a_question_may_be_of_no_cell_and_ask_for_a_password(hall, nb):
    ask(hall, "q", cell_id=None, password=True)
    question = await nb.next_input()
    assert question.cell_id is None and question.is_password
