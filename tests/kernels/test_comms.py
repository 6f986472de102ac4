"""The comms of one kernel."""

import asyncio

from jupyter_rtc.kernels.comms import Comms
from jupyter_rtc.kernels.message import Message

from .scripted import scripted
from .world import Notebook, until, world


def said(kind, comm_id="c", parent="", buffers=(), **content):
    return Message("iopub", kind, {}, {"msg_id": parent}, {}, {"comm_id": comm_id, **content}, buffers)


def opened(comms, comm_id="c", **state):
    comms.hear(said("comm_open", comm_id, target_name="jupyter.widget", data={"state": state}))


def updated(comms, comm_id="c", buffers=(), paths=(), **state):
    data = {"method": "update", "state": state, "buffer_paths": list(paths)}
    comms.hear(said("comm_msg", comm_id, buffers=buffers, data=data))


def printed(text, parent):
    return Message("iopub", "stream", {}, {"msg_id": parent}, {}, {"name": "stdout", "text": text})


def test_who_comes_late_is_told_of_the_newest_state_and_its_buffers():
    comms = Comms()
    opened(comms, value=1, name="slider")
    updated(comms, value=2, buffers=(b"\x00\x01",), paths=[["image", "data"]])
    told = comms.as_json()["c"]
    assert told["target_name"] == "jupyter.widget"
    assert told["state"] == {"value": 2, "name": "slider"}
    assert told["buffers"] == [{"path": ["image", "data"], "encoding": "base64", "data": "AAE="}]


def test_a_buffer_goes_when_what_it_belonged_to_is_set_anew():
    comms = Comms()
    opened(comms, image=None)
    updated(comms, image={}, buffers=(b"x",), paths=[["image", "data"]])
    updated(comms, image={"data": "none"})
    assert comms.as_json()["c"]["buffers"] == []


def test_a_comm_that_is_closed_is_not_told():
    comms = Comms()
    opened(comms)
    comms.hear(said("comm_close"))
    updated(comms, value=1)
    assert comms.as_json() == {}


def test_an_output_widget_takes_what_is_printed_while_it_is_active_and_the_inner_one_first():
    comms = Comms()
    for comm_id in ("outer", "inner"):
        opened(comms, comm_id, _model_name="OutputModel", msg_id="")
    assert not comms.take_output(printed("a", "run"))
    updated(comms, "outer", msg_id="run")
    assert comms.take_output(printed("b", "run"))
    assert not comms.take_output(printed("c", "another run"))
    updated(comms, "inner", msg_id="run")
    assert comms.take_output(printed("d", "run"))
    updated(comms, "inner", msg_id="")
    assert comms.take_output(printed("e", "run"))
    assert {comm_id: outputs[0]["text"] for comm_id, outputs in comms.take_changed()} == {"outer": "be", "inner": "d"}
    assert comms.take_changed() == []
    updated(comms, "outer", msg_id="")
    assert not comms.take_output(printed("f", "run"))


def test_messages_of_an_odd_form_do_no_harm():
    comms = Comms()
    for content in ({}, {"data": None}, {"data": []}, {"data": {"state": 1, "method": "update", "buffer_paths": None}}):
        for kind in ("comm_open", "comm_msg", "comm_close"):
            comms.hear(said(kind, **content))
    assert comms.as_json() == {}


def test_a_kernel_that_begins_anew_has_no_comms():
    comms = Comms()
    opened(comms, _model_name="OutputModel", msg_id="run")
    comms.clear()
    assert comms.as_json() == {}
    assert not comms.take_output(printed("a", "run"))


def test_of_each_widget_one_update_is_on_its_way_and_the_next_has_all_that_came_meanwhile():
    comms = Comms()
    for comm_id in ("one", "two"):
        opened(comms, comm_id, _model_name="OutputModel", msg_id=f"run {comm_id}")
    sent = 0
    for number in range(1000):
        comms.take_output(printed(f"{number}\n", "run one"))
        for comm_id, outputs in comms.take_changed():
            sent += len(str(outputs))
            comms.sent(comm_id, f"message {number}")
    assert sent < 200
    assert comms.as_json()["one"]["state"]["outputs"][0]["text"].count("\n") == 1000
    comms.take_output(printed("x", "run two"))
    assert [comm_id for comm_id, _ in comms.take_changed()] == ["two"]
    comms.heard("unknown")
    comms.heard("message 0")
    ((comm_id, outputs),) = comms.take_changed()
    assert (comm_id, outputs[0]["text"].count("\n")) == ("one", 1000)
    comms.sent("one", "last")
    comms.heard("last")
    assert comms.take_changed() == []


def test_an_update_that_may_be_lost_is_sent_again():
    comms = Comms()
    opened(comms, _model_name="OutputModel", msg_id="run")
    comms.take_output(printed("x", "run"))
    comms.sent(comms.take_changed()[0][0], "message")
    assert comms.take_changed() == []
    comms.may_have_lost()
    assert [comm_id for comm_id, _ in comms.take_changed()] == ["c"]
    comms.sent("c", "again")
    comms.hear(said("comm_close"))
    comms.heard("again")
    assert comms.take_changed() == []


def test_what_an_output_widget_takes_costs_no_more_than_some_times_its_size():
    async def story():
        async def fills(request):
            state = {"_model_name": "OutputModel", "msg_id": request.message["header"]["msg_id"]}
            request.say("comm_open", comm_id="w", target_name="jupyter.widget", data={"state": state})
            for number in range(200):
                request.prints(f"{number:03}" * 10 + "\n")
                await asyncio.sleep(0.002)
            request.reply()
            request.idle()

        async def looks(request):
            seen.append(request.kernel.updates[-1]["outputs"][0]["text"].count("\n"))
            request.reply()
            request.idle()

        seen = []
        async with world(Notebook("fills", "looks")) as w, scripted(w.here, fills=fills, looks=looks) as kernel:
            kernel.update_takes = 0.1
            assert await w.ran("a", "b") == ["ok", "ok"]
            assert seen == [200], "the next cell sees what the widget has taken in this one"
            await until(lambda: kernel.updates and kernel.updates[-1]["outputs"][0]["text"].count("\n") == 200)
            assert len(kernel.updates) <= 5
            assert w.kernel.comms.as_json()["w"]["state"]["outputs"] == kernel.updates[-1]["outputs"]

    asyncio.run(story())
