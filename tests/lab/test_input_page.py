"""The page on which ``input()`` is answered."""

from urllib.parse import urlencode

import pytest

from ..kernels.world import Notebook, until
from .running import answer_of, served


async def asks(request):
    request.prints(await request.ask("<script>alert(1)</script> & {braces}: ", password=request.code == "password"))
    request.reply()
    request.idle()


@pytest.fixture
def serving(jp_serverapp, jp_base_url):
    return lambda notebook: served(jp_serverapp, jp_base_url, notebook, ask=asks, password=asks)


@pytest.fixture
def page(jp_fetch):
    async def page(question, answer=None, kernel="k", **options):
        if answer is not None:
            options |= {"method": "POST", "body": urlencode({"input": answer})}
        return await answer_of(jp_fetch("rtc/input", kernel, question, **options))

    return page


async def question_of(notebook, status="waiting"):
    return await until(lambda: next((key for key, one in notebook.questions.items() if one["status"] == status), None))


async def test_it_shows_the_question_as_text_and_takes_the_answer(serving, page):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        code, shown = await page(asked)
        assert code == 200
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {braces}: " in shown and "<script" not in shown
        assert '<input type="text" name="input"' in shown and 'name="_xsrf"' in shown
        code, said = await page(asked, " é <b> ")
        assert code == 200 and "was given" in said
        await w.ended(*runs)
        assert notebook.text("a") == " é <b> "


async def test_who_is_late_is_told_so_and_what_was_never_asked_is_not_found(serving, page):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        assert (await page("0" * 32))[0] == 404
        assert (await page("0" * 32, "x"))[0] == 404
        assert (await page(asked, "x", kernel="other"))[0] == 404
        assert (await page(asked, "x"))[0] == 200
        code, said = await page(asked, "y")
        assert code == 409 and "already" in said
        await w.ended(*runs)
        assert notebook.text("a") == "x"


async def test_a_password_is_typed_unseen(serving, page):
    notebook = Notebook("password")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        _, shown = await page(await question_of(notebook))
        assert '<input type="password"' in shown
        w.kernel.interrupted()
        asked = await question_of(notebook, "cancelled")
        assert (await page(asked, "x"))[0] == 409
        w.here["k"].interrupt()
        await w.ended(*runs)


async def test_nobody_reads_or_answers_without_a_token(serving, page):
    notebook = Notebook("ask")
    wrong = {"headers": {"Authorization": "token wrong"}, "follow_redirects": False}
    async with serving(notebook) as (w, kernel):
        runs = await w.run("a")
        asked = await question_of(notebook)
        assert (await page(asked, **wrong))[0] in (302, 403)
        assert (await page(asked, "x", **wrong))[0] in (302, 403)
        assert notebook.questions[asked]["status"] == "waiting"
        assert (await page(asked, "x"))[0] == 200
        await w.ended(*runs)
