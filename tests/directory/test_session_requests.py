"""Rules of jupyter_rtc.directory.session_requests, with a real server and real kernels."""

import pytest


async def test_a_session_is_created_once_changed_and_deleted(here):
    made = await here.done("sessions.create", path="a.ipynb")
    assert made["path"] == "a.ipynb" and made["name"] == "a.ipynb" and made["kernel"]["name"] == "python3"
    assert (await here.done("sessions.create", path="a.ipynb"))["id"] == made["id"]
    moved = await here.done("sessions.change", session_id=made["id"], path="b.ipynb", name="b")
    assert (moved["path"], moved["name"], moved["kernel"]["id"]) == ("b.ipynb", "b", made["kernel"]["id"])
    other = await here.done("sessions.change", session_id=made["id"], kernel_name="python3")
    assert other["kernel"]["id"] != made["kernel"]["id"]
    assert here.server.kernel_manager.list_kernel_ids() == [other["kernel"]["id"]]
    assert await here.done("sessions.delete", session_id=made["id"]) is None
    assert here.server.kernel_manager.list_kernel_ids() == []


async def test_a_session_takes_a_kernel_that_runs(here):
    kernel = await here.done("kernels.start", name="python3")
    made = await here.done("sessions.create", path="a.py", type="console", kernel_id=kernel["id"])
    assert made["kernel"]["id"] == kernel["id"] and made["type"] == "console"
    await here.done("sessions.delete", session_id=made["id"])


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("sessions.create", {}, "'sessions.create' needs the argument 'path'."),
        (
            "sessions.create",
            {"path": "a", "kernel_name": "cobol"},
            "There is no kernel of the kind 'cobol' on this server.",
        ),
        ("sessions.create", {"path": "a", "kernel_id": "k"}, "There is no kernel 'k' on this server."),
        ("sessions.change", {"session_id": "s", "name": "x"}, "There is no session 's' on this server."),
        ("sessions.delete", {"session_id": "s"}, "There is no session 's' on this server."),
    ],
)
async def test_what_cannot_be_fails_in_words(here, name, args, words):
    assert (await here.ask(name, **args))["reason"] == words
    assert not here.server.kernel_manager.list_kernel_ids()


async def test_who_may_not_write_sessions_starts_none(here):
    end = await here.ask("sessions.create", allowed={("write", "kernels")}, path="a.ipynb")
    assert end["reason"] == "You may not do this: it needs the permission to write sessions."
    assert not here.server.kernel_manager.list_kernel_ids()
