"""The page on which ``input()`` is answered."""

import asyncio
import logging
import re
from urllib.parse import urlencode

import pytest

from jupyter_rtc.kernels.wire import Wire

from ..kernels.world import Notebook, until
from .running import Rules, answer_of, served


async def asks(request):
    request.prints(await request.ask("<script>alert(1)</script> & {braces}: ", password=request.code == "password"))
    request.reply()
    request.idle()


@pytest.fixture
def jp_server_config():
    return Rules.config()


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


async def test_a_browser_s_cookie_alone_answers_nothing(serving, page, http_server_client, jp_base_url, jp_serverapp):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        address = f"{jp_base_url}rtc/input/k/{asked}"
        token = jp_serverapp.identity_provider.token
        seen = await http_server_client.fetch(f"{address}?token={token}")
        cookies = [one.split(";")[0] for one in seen.headers.get_list("Set-Cookie")]
        assert len(cookies) >= 2
        body, headers = urlencode({"input": "forged"}), {"Cookie": "; ".join(cookies)}
        code, _ = await answer_of(http_server_client.fetch(address, method="POST", body=body, headers=headers))
        assert code == 403 and notebook.questions[asked]["status"] == "waiting"
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', seen.body.decode())[1]
        body = urlencode({"input": "mine", "_xsrf": xsrf})
        code, _ = await answer_of(http_server_client.fetch(address, method="POST", body=body, headers=headers))
        assert code == 200
        await w.ended(*runs)
        assert notebook.text("a") == "mine"


async def test_who_may_not_execute_neither_reads_nor_answers(serving, page):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        Rules.may = {"read", "write"}
        assert (await page(asked))[0] == 403
        assert (await page(asked, "x"))[0] == 403
        Rules.may = {"read", "write", "execute"}
        assert (await page(asked, "x"))[0] == 200
        await w.ended(*runs)
        assert notebook.text("a") == "x"


async def test_of_two_pages_in_the_same_moment_one_wins(serving, page):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        answers = await asyncio.gather(*(page(asked, value) for value in "xyz"))
        assert sorted(code for code, _ in answers) == [200, 409, 409]
        await w.ended(*runs)
        assert notebook.text("a") == next(value for value, (code, _) in zip("xyz", answers, strict=True) if code == 200)


async def test_an_answer_that_the_kernel_cannot_be_given_says_so_and_may_be_given_again(serving, page, monkeypatch):
    notebook = Notebook("ask")
    async with serving(notebook) as (w, _):
        runs = await w.run("a")
        asked = await question_of(notebook)
        with monkeypatch.context() as cut:
            cut.setattr(Wire, "answer", lambda *_: False)
            code, said = await page(asked, "lost")
            assert code == 424 and "your answer was not given" in said
        assert (await page(asked, "x"))[0] == 200
        await w.ended(*runs)
        assert notebook.text("a") == "x"


async def test_a_password_is_in_no_document_answer_or_log(serving, page, jp_fetch, caplog):
    caplog.set_level(logging.DEBUG)
    notebook = Notebook("password")

    async def silent(request):
        await request.ask("Key: ", password=True)
        request.reply()
        request.idle()

    async with serving(notebook) as (w, kernel):
        kernel.cells["password"] = silent
        (run,) = await w.run("a")
        asked = await question_of(notebook)
        secret = "correct-horse-battery"
        said = [await page(asked, secret), await page(asked, secret), await page(asked)]
        await w.ended(run)
        said.append(await answer_of(jp_fetch("api/kernels/k/requests", run.id)))
        said.append(await answer_of(jp_fetch("api/kernels/k/comms")))
        assert [code for code, _ in said] == [200, 409, 404, 200, 200]
        history = b"".join(update for _, update in notebook.past.updates)
        assert secret.encode() not in history and b"Key: " in history
        assert secret not in str(said) and secret not in caplog.text
        assert secret not in str(w.notices) + str(w.kernels.status())
