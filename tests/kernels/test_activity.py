"""What Jupyter Server knows of a kernel's activity, with its own kernel manager and a real kernel."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

from jupyter_rtc.kernels.activity import Activity
from jupyter_rtc.kernels.message import Message

RUN = {"msg_id": "1", "msg_type": "execute_request"}
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def said(kind, parent=RUN, channel="iopub", **content):
    return Message(channel, kind, {"msg_type": kind}, parent, {}, content)


@asynccontextmanager
async def kernels():
    manager = AsyncMappingKernelManager()
    kernel_id = await manager.start_kernel(kernel_name="python3")
    try:
        yield manager, kernel_id, manager.get_kernel(kernel_id)
    finally:
        await manager.shutdown_kernel(kernel_id, now=True)
        manager.context.destroy(linger=0)


def with_kernel(test):
    """Run an async test with a kernel."""

    def run():
        async def main():
            async with kernels() as (manager, kernel_id, kernel):
                await test(manager, kernel_id, kernel)

        asyncio.run(main())

    run.__name__ = test.__name__
    return run


@with_kernel
async def test_the_server_need_not_listen_while_we_do_and_does_so_again_afterwards(manager, kernel_id, kernel):
    theirs = kernel._activity_stream
    activity = Activity(manager, kernel_id)
    activity.take_over()
    assert theirs.closed() and kernel._activity_stream is None
    activity.give_back()
    assert kernel._activity_stream is not None and not kernel._activity_stream.closed()


@with_kernel
async def test_a_run_makes_it_busy_and_its_end_idle_and_both_are_activity(manager, kernel_id, kernel):
    activity = Activity(manager, kernel_id)
    activity.take_over()
    kernel.last_activity = LONG_AGO
    activity.hear([said("status", execution_state="busy")])
    assert kernel.execution_state == "busy"
    assert kernel.last_activity > LONG_AGO
    kernel.last_activity = LONG_AGO
    activity.hear([said("stream", text="a line"), said("status", execution_state="idle")])
    assert kernel.execution_state == "idle"
    assert kernel.last_activity > LONG_AGO and manager.last_kernel_activity == kernel.last_activity


@with_kernel
async def test_a_question_of_the_server_s_own_is_no_activity(manager, kernel_id, kernel):
    asked = {"msg_id": "2", "msg_type": "kernel_info_request"}
    activity = Activity(manager, kernel_id)
    activity.take_over()
    kernel.execution_state, kernel.last_activity = "idle", LONG_AGO
    activity.hear([said("status", asked, execution_state="busy"), said("kernel_info_reply", asked, "shell")])
    assert (kernel.execution_state, kernel.last_activity) == ("idle", LONG_AGO)


@with_kernel
async def test_a_kernel_that_has_started_is_idle(manager, kernel_id, kernel):
    asked = {"msg_id": "2", "msg_type": "kernel_info_request"}
    activity = Activity(manager, kernel_id)
    activity.take_over()
    kernel.execution_state = "starting"
    activity.hear([said("status", asked, execution_state="busy")])
    assert kernel.execution_state == "idle"


@with_kernel
async def test_who_has_not_taken_over_changes_nothing(manager, kernel_id, kernel):
    kernel.execution_state, kernel.last_activity = "idle", LONG_AGO
    activity = Activity(manager, kernel_id)
    activity.hear([said("status", execution_state="busy")])
    theirs = kernel._activity_stream
    activity.give_back()
    assert (kernel.execution_state, kernel.last_activity) == ("idle", LONG_AGO)
    assert kernel._activity_stream is theirs


def test_a_manager_of_another_kind_is_left_alone():
    class Gateway(dict):
        def get_kernel(self, kernel_id):
            return self[kernel_id]

    manager = Gateway(k=object())
    activity = Activity(manager, "k")
    activity.take_over()
    activity.hear([said("status", execution_state="busy")])
    activity.give_back()
    assert not hasattr(manager["k"], "execution_state")


@with_kernel
async def test_who_says_nonsense_of_its_cause_is_heard_all_the_same(manager, kernel_id, kernel):
    activity = Activity(manager, kernel_id)
    activity.take_over()
    kernel.last_activity = LONG_AGO
    activity.hear([said("stream", {"msg_type": ["execute_request"]})])
    assert kernel.last_activity != LONG_AGO
