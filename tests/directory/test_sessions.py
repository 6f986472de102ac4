"""Rules of jupyter_rtc.directory.sessions, with a real server and real kernels."""

from jupyter_rtc.directory.sessions import METHODS
from jupyter_rtc.notices import Notice, NoticeKind


async def test_a_session_that_others_create_change_and_delete_comes_changes_and_goes(here):
    manager = here.server.session_manager
    made = await manager.create_session(path="a.ipynb", name="A", type="notebook", kernel_name="python3")
    row = await here.row("sessions", made["id"])
    assert row == {"path": "a.ipynb", "name": "A", "type": "notebook", "kernel_id": made["kernel"]["id"]}
    await here.row("kernels", made["kernel"]["id"])
    await manager.update_session(made["id"], path="b.ipynb", name="B")
    row = await here.row("sessions", made["id"], lambda row: row["path"] == "b.ipynb")
    assert row["name"] == "B"
    await manager.delete_session(made["id"])
    await here.gone("sessions", made["id"])


async def test_a_session_goes_with_its_kernel(here):
    manager = here.server.session_manager
    made = await manager.create_session(path="a.ipynb", name="", type="notebook", kernel_name="python3")
    await here.row("sessions", made["id"])
    await here.server.kernel_manager.shutdown_kernel(made["kernel"]["id"], now=True)
    await here.gone("sessions", made["id"])


async def test_nothing_of_it_is_left_behind(here):
    await here.directory.close()
    assert not vars(here.server.session_manager).keys() & set(METHODS)


async def test_a_session_goes_with_its_open_file_and_with_no_other(here):
    manager = here.server.session_manager
    made = await manager.create_session(path="in/a.ipynb", name="a.ipynb", type="notebook", kernel_name="python3")
    other = await manager.create_session(path="in/b.ipynb", name="mine", type="notebook", kernel_name="python3")
    here.directory.hear(Notice(NoticeKind.MOVED, path="out/c.ipynb", former="in/a.ipynb"))
    row = await here.row("sessions", made["id"], lambda row: row["path"] == "out/c.ipynb")
    assert row["name"] == "c.ipynb"
    assert (await here.row("sessions", other["id"]))["path"] == "in/b.ipynb"
    assert (await manager.get_session(session_id=made["id"]))["path"] == "out/c.ipynb"
    here.directory.hear(Notice(NoticeKind.MOVED, path="b.ipynb", former="in/b.ipynb"))
    row = await here.row("sessions", other["id"], lambda row: row["path"] == "b.ipynb")
    assert row["name"] == "mine", "a name that is not the file's stays"
