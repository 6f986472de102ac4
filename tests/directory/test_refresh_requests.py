"""Rules of jupyter_rtc.directory.refresh_requests."""

from datetime import UTC, datetime

import pytest


async def test_the_table_is_up_to_date_when_the_request_is_done(here):
    here.server.web_app.settings["started"] = datetime(2020, 1, 1, tzinfo=UTC)
    assert await here.done("status.refresh") is None
    assert here.rows("status")["server"]["started"] == datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    assert await here.done("kernelspecs.refresh") is None
    assert "python3" in here.rows("kernelspecs")


@pytest.mark.parametrize(("name", "resource"), [("status.refresh", "api"), ("kernelspecs.refresh", "kernelspecs")])
async def test_who_may_not_read_it_does_not_refresh_it(here, name, resource):
    end = await here.ask(name, allowed={("read", "kernels"), ("write", resource)})
    assert end["reason"] == f"You may not do this: it needs the permission to read {resource}."
