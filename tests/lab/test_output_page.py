"""Rules of jupyter_rtc.lab.output_page."""

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels.left_aside import LeftAside
from jupyter_rtc.lab.output_page import OutputHandler

RUN = "b" * 32


@pytest.fixture
def aside(jp_serverapp, jp_base_url, tmp_path):
    kept = LeftAside(tmp_path, jp_base_url)
    route = (jp_base_url + r"api/rtc/outputs/([\w-]+)/([\w-]+)", OutputHandler, {"aside": kept})
    jp_serverapp.web_app.add_handlers(".*", [route])
    return kept


async def test_what_was_left_out_can_be_had_and_nothing_else(jp_fetch, aside):
    aside.for_run(RoomId("json:notebook:f-1"), RUN).add(1, "all of it é")
    answer = await jp_fetch("api/rtc/outputs/f-1", f"{RUN}-1")
    assert answer.body.decode() == "all of it é"
    assert answer.headers["Content-Type"].startswith("text/plain")
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("api/rtc/outputs/f-1", f"{RUN}-2")
    assert caught.value.code == 404


async def test_nobody_reads_it_without_being_known(http_server_client, aside, jp_base_url):
    aside.for_run(RoomId("json:notebook:f-1"), RUN).add(1, "secret")
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(jp_base_url + f"api/rtc/outputs/f-1/{RUN}-1", follow_redirects=False)
    assert caught.value.code in (302, 403)
