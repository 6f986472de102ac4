"""Rules of jupyter_rtc.status."""

import json

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_rtc.status import StatusHandler, versions


@pytest.fixture
def fetch(jp_serverapp, jp_base_url, jp_fetch):
    report = {"report": lambda: {"rooms": []}}
    jp_serverapp.web_app.add_handlers(".*", [(jp_base_url + "api/rtc/status", StatusHandler, report)])
    return jp_fetch


async def test_the_status_has_the_report_and_the_versions(fetch):
    answer = json.loads((await fetch("api/rtc/status")).body)
    assert answer["rooms"] == [] and answer["versions"] == versions()


async def test_nobody_sees_it_without_authentication(fetch):
    with pytest.raises(HTTPClientError) as refused:
        await fetch("api/rtc/status", headers={"Authorization": "token wrong"})
    assert refused.value.code == 403


def test_a_package_that_is_not_installed_is_named_as_such():
    assert all(versions().values()) and "pycrdt" in versions()
