"""Runs of real kernels that do not say how a run ended."""

from __future__ import annotations

import asyncio

from .rig import running
from .runs import Runner

MEETS_THE_NEXT = """
kernel = get_ipython().kernel
runs = kernel.do_execute

async def interrupted(*given, **named):
    kernel.do_execute = runs
    raise KeyboardInterrupt

kernel.do_execute = interrupted
"""
"""Does what an interrupt does that comes between the next request and its code: ipykernel sends no reply to it."""


def test_a_run_that_an_interrupt_meets_before_its_code_ends_in_words_and_the_next_works(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, MEETS_THE_NEXT, "print('never')", "print('next')")
            for index in range(3):
                await ana.run(index)
                await ana.ran(index)
            assert [ana.status(index) for index in range(3)] == ["ok", "error", "ok"]
            assert [one["ename"] for one in ana.outputs(1)] == ["NoReply"]
            assert ana.text(2) == "next\n"

    asyncio.run(story())


UNSENDABLE = r"""
print("whole")
get_ipython().payload_manager.write_payload({"source": "set_next_input", "text": "\udc00"}, single=False)
"""
"""Asks for something in its reply that the kernel cannot encode, so that it sends none."""


def test_a_run_whose_reply_the_kernel_cannot_encode_ends_in_words_and_the_next_works(tmp_path):
    async def story():
        async with running(tmp_path) as server:
            ana = await Runner.open_new(server, UNSENDABLE, "print('next')")
            for index in range(2):
                await ana.run(index)
                await ana.ran(index)
            assert [ana.status(index) for index in range(2)] == ["error", "ok"]
            assert (ana.text(0), ana.outputs(0)[-1]["ename"]) == ("whole\n", "NoReply")
            assert (len(ana.sources), ana.text(1)) == (2, "next\n")

    asyncio.run(story())
