"""The way to a kernel and back, over real sockets."""

import asyncio
import logging

import pytest

from jupyter_rtc.kernels import wire as wire_module
from jupyter_rtc.kernels.run import Options

from ..supernode.world import turns
from .dialling import die_before
from .elsewhere import Elsewhere
from .scripted import scripted, wired
from .world import until


def said(heard, kind, request):
    return [one for one in heard if one.type == kind and one.parent_id == request]


def is_idle(heard, request):
    return any(one.content["execution_state"] == "idle" for one in said(heard, "status", request))


def test_code_goes_there_and_all_that_it_says_comes_back_in_order():
    async def story():
        async def counts(request):
            for number in range(5_000):
                request.prints(f"{number}\n")
            request.reply()
            request.idle()

        heard = []
        async with scripted(counts=counts) as kernel, wired(kernel, heard) as wire:
            asked = wire.execute("counts", Options(), "a")
            await until(lambda: is_idle(heard, asked) and said(heard, "execute_reply", asked))
            lines = [one.content["text"] for one in said(heard, "stream", asked)]
            assert lines == [f"{number}\n" for number in range(5_000)]
            assert [one.channel for one in said(heard, "execute_reply", asked)] == ["shell"]

    asyncio.run(story())


async def talk(kernel):
    while True:
        kernel.say("status", {"execution_state": "idle"})
        await asyncio.sleep(0.01)


def test_a_kernel_that_is_busy_shows_that_it_is_there_and_one_that_answers_is_not_asked_aside(monkeypatch):
    async def story():
        async with scripted() as kernel:
            monkeypatch.setattr(wire_module, "_PROBE_EVERY", 10.0)
            talking = asyncio.create_task(talk(kernel))  # else what it says to the first question may come too early
            async with wired(kernel, []):
                assert kernel.asked_aside == 0
            talking.cancel()
            monkeypatch.setattr(wire_module, "_PROBE_EVERY", 0.1)
            kernel.is_busy = True
            async with wired(kernel, [], opened=False) as wire:
                opening = asyncio.create_task(wire.open())
                await until(wire.take_sign_of_life)
                assert not wire.take_sign_of_life() and not opening.done()
                monkeypatch.setattr(wire_module, "_PROBE_BUSY_EVERY", 0.1)
                await until(wire.take_sign_of_life)
                kernel.is_busy = False
                await opening

    asyncio.run(story())


def test_the_kernel_is_told_of_which_cell_the_code_is_and_how_it_is_to_be_run():
    async def story():
        seen = []

        async def looks(request):
            seen.append(request.message)
            request.reply()
            request.idle()

        heard = []
        async with scripted(looks=looks) as kernel, wired(kernel, heard) as wire:
            wire.execute("looks", Options(silent=True, stop_on_error=False, allow_stdin=False), "a")
            wire.execute("looks", Options(), None)
            await until(lambda: len(seen) == 2)
            (silent, plain) = seen
            assert silent["metadata"] == {"cellId": "a"} and plain["metadata"] == {}
            assert silent["content"] == {
                "code": "looks",
                "silent": True,
                "store_history": False,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
            }
            assert plain["content"]["store_history"] and plain["content"]["allow_stdin"]
            assert silent["header"]["session"] == wire.session_id

    asyncio.run(story())


def test_no_other_request_to_the_kernel_has_the_id_of_one_of_ours():
    async def story():
        ids = []
        async with scripted() as kernel:
            for _ in range(2):
                heard = []
                async with wired(kernel, heard) as wire:
                    asked = wire.execute("1", Options(), "a")
                    ids += [asked, wire.probe()]
                    await until(lambda heard=heard, asked=asked: is_idle(heard, asked))
            ids += [kernel.own_session.msg("kernel_info_request")["header"]["msg_id"] for _ in range(10)]
            assert len(set(ids)) == len(ids)

    asyncio.run(story())


def test_who_was_hung_up_on_hears_what_was_said_already_and_asks_nothing_any_more():
    async def story():
        heard = []
        async with scripted() as kernel, wired(kernel, heard) as wire, wired(kernel) as witness:
            await die_before(kernel, wire, witness)
            wire.execute("lost", Options(), "a")
            wire.stop_asking()
            witness.execute("1", Options(), "a")
            await kernel.start()
            await until(lambda: kernel.requests)  # what waits for a kernel has come to it
            async with wired(kernel) as other:
                other.execute("2", Options(), "a")
                await until(lambda: "2" in kernel.requests)
            assert kernel.requests == ["1", "2"]
            assert not wire.answer("unheard", {})
            kernel.say("stream", {"name": "stdout", "text": "late"})
            await until(lambda: any(one.type == "stream" for one in heard))

    asyncio.run(story())


def test_it_is_open_only_when_the_kernel_answers(monkeypatch):
    monkeypatch.setattr(wire_module, "_PROBE_EVERY", 0.02)

    async def story():
        heard = []
        async with scripted() as kernel, wired(kernel, heard, opened=False) as wire:
            kernel.listens = False
            opening = asyncio.create_task(wire.open())
            await until(lambda: kernel.unanswered > 6)
            assert not opening.done()
            kernel.listens = True
            async with asyncio.timeout(5):
                await opening

    asyncio.run(story())


def test_the_idle_of_a_question_comes_behind_what_was_said_before():
    async def story():
        heard = []
        async with scripted() as kernel, wired(kernel, heard) as wire:
            for number in range(100):
                kernel.say("stream", {"name": "stdout", "text": str(number)})
            probe = wire.probe()
            await until(lambda: is_idle(heard, probe))
            kinds = [one.type for one in heard]
            assert kinds.count("stream") == 100
            assert heard[-1].parent_id == probe

    asyncio.run(story())


def test_an_answer_reaches_the_code_that_asks():
    async def story():
        async def asks(request):
            request.prints(await request.ask("Name: "))
            request.reply()
            request.idle()

        heard = []
        async with scripted(asks=asks) as kernel, wired(kernel, heard) as wire:
            asked = wire.execute("asks", Options(), "a")
            (question,) = await until(lambda: said(heard, "input_request", asked))
            assert (question.channel, question.content["prompt"]) == ("stdin", "Name: ")
            assert wire.answer("é" * 3, question.header)
            await until(lambda: is_idle(heard, asked))
            assert [one.content["text"] for one in said(heard, "stream", asked)] == ["ééé"]

    asyncio.run(story())


def test_it_is_open_only_when_the_kernel_can_ask_so_that_no_question_is_lost():
    async def story():
        async def asks(request):
            request.prints(await request.ask("Name: "))
            request.reply()
            request.idle()

        heard = []
        async with scripted(asks=asks) as kernel, wired(kernel, heard, opened=False) as wire:
            await kernel.cannot_ask()
            opening = asyncio.create_task(wire.open())
            await until(lambda: {"shell", "iopub"} <= {one.channel for one in heard})  # it answers in every other way
            await turns()
            assert not opening.done()
            await kernel.can_ask()
            async with asyncio.timeout(5):
                await opening
            asked = wire.execute("asks", Options(), "a")
            (question,) = await until(lambda: said(heard, "input_request", asked))
            wire.answer("Ana", question.header)
            await until(lambda: is_idle(heard, asked))

    asyncio.run(story())


def test_a_kernel_that_cannot_ask_runs_code_all_the_same_and_the_log_says_so(caplog, monkeypatch):
    monkeypatch.setattr(wire_module, "_STDIN_WITHIN", 0.2)

    async def story():
        heard = []
        async with scripted() as kernel, wired(kernel, heard, opened=False) as wire:
            await kernel.cannot_ask()
            await wire.open()
            asked = wire.execute("1", Options(), "a")
            await until(lambda: is_idle(heard, asked))

    asyncio.run(story())
    assert "cannot be reached on its stdin channel" in caplog.text


def test_what_was_not_signed_with_the_kernel_s_key_is_left_out_and_said_in_the_log(caplog):
    async def story():
        heard = []
        async with scripted() as kernel, wired(kernel, heard) as wire:
            kernel.say_forged("stream", {"name": "stdout", "text": "forged"})
            kernel.sockets["iopub"].send_multipart([b"rubbish"])
            probe = wire.probe()
            await until(lambda: is_idle(heard, probe))
            assert "stream" not in [one.type for one in heard]

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    assert sum("was not understood" in line for line in caplog.messages) == 2


def test_a_kernel_on_another_server_is_spoken_to_through_the_gateway_s_client():
    async def story():
        heard = []
        async with wired(Elsewhere(), heard) as wire:
            asked = wire.execute("1", Options(), "a")
            await until(lambda: is_idle(heard, asked) and said(heard, "execute_reply", asked))

    asyncio.run(story())


def test_a_kernel_on_another_server_is_waited_for_until_its_process_answers_anew(monkeypatch):
    monkeypatch.setattr(wire_module, "_PROBE_BUSY_EVERY", 0.05)

    async def story():
        kernel = Elsewhere()
        async with wired(kernel) as wire:
            await wire.knock()
            kernel.is_there = False
            knocking = asyncio.create_task(wire.knock())
            await until(lambda: len(kernel.waiting) > 2)  # it was asked again and again
            assert not knocking.done()
            kernel.start()
            await knocking

    asyncio.run(story())


def test_who_hears_nothing_of_another_server_any_more_is_told_so_once_all_that_came_is_heard():
    async def story():
        heard = []
        kernel = Elsewhere()
        async with scripted() as local, wired(local) as other:
            assert not other.is_remote and not other.is_cut_off
        async with wired(kernel, heard) as wire:
            assert wire.is_remote and not wire.is_cut_off
            asked = wire.execute("1", Options(), "a")
            kernel.clients[0].lose_connection()
            assert not wire.is_cut_off
            await until(lambda: wire.is_cut_off)
            assert is_idle(heard, asked)
            with pytest.raises(ConnectionError):
                await wire.knock()

    asyncio.run(story())


def test_who_cannot_take_what_is_heard_hears_the_next_all_the_same(caplog):
    async def story():
        taken = []

        def hear(messages):
            if any(one.type == "stream" for one in messages):
                raise ValueError("no")
            taken.extend(messages)

        heard = type("Heard", (), {"extend": staticmethod(hear)})
        async with scripted() as kernel, wired(kernel, heard) as wire:
            kernel.say("stream", {"name": "stdout", "text": "x"})
            await until(lambda: caplog.records)
            probe = wire.probe()
            await until(lambda: is_idle(taken, probe))

    asyncio.run(story())
    assert caplog.messages == ["What a kernel said could not be taken"]
