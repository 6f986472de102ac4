"""Where a server's things are."""

import pytest

from jupyter_rtc.client.address import file_path, of_file_room, of_named_room, parse_address
from jupyter_rtc.errors import ServerUnreachable


@pytest.mark.parametrize(
    ("given", "base", "token"),
    [
        ("http://localhost:8888", "http://localhost:8888", ""),
        ("http://localhost:8888/", "http://localhost:8888", ""),
        ("localhost:8888", "http://localhost:8888", ""),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888", "abc"),
        ("https://hub.org/user/ana/lab/tree/a%20b.ipynb", "https://hub.org/user/ana", ""),
        ("https://hub.org/user/ana/tree", "https://hub.org/user/ana", ""),
        ("https://hub.org/laboratory/", "https://hub.org/laboratory", ""),
    ],
)
def test_what_stands_in_a_browser_is_an_address(given, base, token):
    assert (parse_address(given).base, parse_address(given).token) == (base, token)


@pytest.mark.parametrize("given", ["", "ftp://x", "http://", "/lab"])
def test_what_is_no_address_is_refused_in_words(given):
    with pytest.raises(ServerUnreachable, match="no address of a server"):
        parse_address(given)


def test_rooms_are_at_websockets():
    address = parse_address("https://hub.org/user/ana")
    room = of_file_room("json:notebook:x-1")
    assert address.socket(room) == "wss://hub.org/user/ana/api/collaboration/room/json%3Anotebook%3Ax-1"
    assert address.socket(room, "e1").endswith("?sessionId=e1")
    assert address.socket(of_named_room("to do")) == "wss://hub.org/user/ana/api/rtc/rooms/to%20do"
    assert address.http("api/me") == "https://hub.org/user/ana/api/me"


def test_a_file_s_path_is_one_part_of_an_address():
    assert file_path("/a b/ü?.ipynb") == "a%20b%2F%C3%BC%3F.ipynb"
