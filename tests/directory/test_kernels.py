"""Rules of jupyter_rtc.directory.kernels, with a real server and real kernels."""

import asyncio
import os
import signal

from jupyter_rtc.kernels.reasons import DIED

from .world import until


def kill(server, kernel_id):
    os.kill(server.kernel_manager.get_kernel(kernel_id).provisioner.pid, signal.SIGKILL)


async def test_a_kernel_that_is_started_and_shut_down_by_others_comes_and_goes(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    row = await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    assert row["name"] == "python3" and row["generation"] == 0 and row["last_activity"] > 1e9
    manager.notify_connect(kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["connections"] == 1, 0.2)
    manager.notify_disconnect(kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["connections"] == 0, 0.2)
    await manager.shutdown_kernel(kernel_id, now=True)
    await here.gone("kernels", kernel_id)


async def test_what_a_kernel_does_is_seen(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    kernel = manager.get_kernel(kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    kernel.execution_state = "busy"
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "busy", 0.2)
    kernel.execution_state = "of another kind"
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "unknown", 0.2)


async def test_a_restart_is_a_new_generation(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("kernels", kernel_id)
    await manager.restart_kernel(kernel_id, now=True)
    row = await here.row("kernels", kernel_id, lambda row: row["generation"] == 1)
    assert row["reason"] == ""
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")


async def test_a_restart_counts_that_comes_before_anybody_has_looked_at_the_kernel(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await manager.restart_kernel(kernel_id, now=True)
    await here.row("kernels", kernel_id, lambda row: row["generation"] == 1)


async def test_a_kernel_that_is_killed_is_seen_at_once_and_when_it_is_back(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    kernel = manager.get_kernel(kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    kernel.execution_state = "busy"
    kill(here.server, kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "restarting", 0.2)
    row = await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle", 15)
    assert row["generation"] == 1 and kernel.execution_state == "idle"


async def test_a_kernel_that_nobody_starts_again_is_dead_with_the_reason(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    manager.get_kernel(kernel_id).autorestart = False
    kill(here.server, kernel_id)
    row = await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "dead", 0.2)
    assert row["reason"] == DIED.evalue
    await manager.shutdown_kernel(kernel_id, now=True)
    await here.gone("kernels", kernel_id)


async def test_a_kernel_that_was_given_up_stays_in_the_table_as_dead(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    restarter = manager.get_kernel(kernel_id)._restarter
    restarter.restart_limit = 0
    kill(here.server, kernel_id)
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "restarting", 0.2)
    await restarter.poll()
    assert kernel_id not in manager
    row = await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "dead", 0.2)
    assert row["reason"] == DIED.evalue and row["name"] == "python3" and row["connections"] == 0


async def test_while_a_kernel_is_only_just_starting_the_table_stays_as_it_is(here, caplog, monkeypatch):
    manager, looks = here.server.kernel_manager, []
    list_kernels = manager.list_kernels
    monkeypatch.setattr(manager, "list_kernels", lambda: looks.append(1) or list_kernels())
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("kernels", kernel_id, lambda row: row["execution_state"] == "idle")
    kernel = manager.get_kernel(kernel_id)
    begun = kernel._trait_values.pop("last_activity")
    looks.clear()
    manager.notify_connect(kernel_id)
    await until(lambda: looks, 5, "a look at the kernels")
    await asyncio.sleep(0)
    assert here.rows("kernels")[kernel_id]["connections"] == 0
    kernel.last_activity = begun
    await here.row("kernels", kernel_id, lambda row: row["connections"] == 1)
    assert "brought up to date" not in caplog.text


async def test_nothing_of_it_is_left_behind(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("kernels", kernel_id)
    await here.directory.close()
    assert not vars(manager).keys() & {"start_kernel", "remove_kernel", "notify_connect", "notify_disconnect"}
    assert "_changed" not in str(manager.get_kernel(kernel_id)._trait_notifiers)
