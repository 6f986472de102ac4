"""Rules of jupyter_rtc.directory.kernel_requests, with a real server and real kernels."""


async def test_a_kernel_is_started_restarted_interrupted_and_shut_down(here):
    started = await here.done("kernels.start", name="python3")
    kernel_id = started["id"]
    assert started["name"] == "python3" and kernel_id in here.server.kernel_manager
    assert await here.done("kernels.interrupt", kernel_id=kernel_id) is None
    assert (await here.done("kernels.restart", kernel_id=kernel_id))["id"] == kernel_id
    await here.row("kernels", kernel_id, lambda row: row["generation"] == 1)
    assert await here.done("kernels.shutdown", kernel_id=kernel_id) is None
    assert kernel_id not in here.server.kernel_manager


async def test_what_cannot_be_fails_in_words(here):
    assert (await here.ask("kernels.start", name="cobol"))["reason"] == (
        "There is no kernel of the kind 'cobol' on this server."
    )
    for request in ("kernels.restart", "kernels.interrupt", "kernels.shutdown"):
        assert (await here.ask(request, kernel_id="k"))["reason"] == "There is no kernel 'k' on this server."


async def test_who_may_not_write_kernels_starts_none(here):
    end = await here.ask("kernels.start", username="bo", allowed={("read", "kernels"), ("write", "contents")})
    assert end["reason"] == "You may not do this: it needs the permission to write kernels."
    assert not here.server.kernel_manager.list_kernels()
