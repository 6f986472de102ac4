"""What a program asks the server to do."""

import asyncio

import pytest

from jupyter_rtc.directory.request import request
from jupyter_rtc.errors import NotAllowed, RequestFailed

from .inner import clients, until


class Answers:
    def __init__(self):
        self.asked = []
        self.go = asyncio.Event()

    @request("echo", "read", "api")
    async def echo(self, asker, *, text: str):
        """Say it back."""
        self.asked.append((asker.username, text))
        return {"text": text}

    @request("wait", "read", "api")
    async def wait(self, asker):
        """Wait until a test says so."""
        await self.go.wait()
        self.asked.append((asker.username, "waited"))

    @request("refuse", "read", "api")
    async def refuse(self, asker):
        """Refuse."""
        raise NotAllowed("Nobody may do this.")


def test_a_request_returns_its_result_and_is_noted_as_who_asked():
    async def story():
        answers = Answers()
        async with clients("ana", "bo", answering=[answers]) as (ana, bo):
            assert await ana.request("echo", text="one") == {"text": "one"}
            both = await asyncio.gather(*(one.request("echo", text=str(n)) for n in range(50) for one in (ana, bo)))
            assert [one["text"] for one in both] == [str(n) for n in range(50) for _ in range(2)]
            assert {asker for asker, _ in answers.asked} == {"ana", "bo"}

    asyncio.run(story())


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("refuse", {}, "Nobody may do this."),
        ("echo", {}, "'echo' needs the argument 'text'."),
        ("nonsense", {}, "There is no request 'nonsense'; there are echo, refuse, wait."),
    ],
)
def test_what_is_not_done_fails_in_the_server_s_words(name, args, words):
    async def story():
        async with clients("ana", answering=[Answers()]) as (ana,):
            with pytest.raises(RequestFailed) as caught:
                await ana.request(name, **args)
            assert (str(caught.value), caught.value.name) == (words, name)

    asyncio.run(story())


def test_a_wait_that_is_given_up_gives_up_no_request():
    async def story():
        answers = Answers()
        async with clients("ana", answering=[answers]) as (ana,):
            with pytest.raises(TimeoutError):
                await ana.request("wait", timeout=0.01)
            answers.go.set()
            await until(lambda: answers.asked == [("ana", "waited")])

    asyncio.run(story())
