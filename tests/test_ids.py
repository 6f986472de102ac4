"""Rules of jupyter_rtc.ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.ids import (
    FileAddress,
    RoomId,
    RoomKind,
    application_room,
    file_address,
    is_server_client_id,
    named_room,
    new_server_client_id,
    parse_room,
    requests_room,
    room_kind,
)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("json:notebook:1234", RoomKind.FILE),
        ("text:file:a:b", RoomKind.FILE),
        ("JupyterLab:globalAwareness", RoomKind.PRESENCE),
        ("app:todo", RoomKind.APPLICATION),
        ("app:", None),
        ("0123abcd", None),
        ("json::1", None),
    ],
)
def test_an_address_says_what_stands_behind_its_room(address, kind):
    assert room_kind(parse_room(address)) is kind


def test_percent_encoded_addresses_name_the_same_room():
    assert parse_room("json%3Anotebook%3A12") == "json:notebook:12"
    assert application_room("a%20b") == application_room("a b") == "app:a b"


@pytest.mark.parametrize("address", ["", "a\x00b", "x" * 2000, "a\nb"])
def test_an_address_that_is_empty_long_or_not_printable_is_refused(address):
    with pytest.raises(ProtocolError):
        parse_room(address)


@given(st.text(max_size=50))
def test_any_text_is_an_address_or_a_protocol_error(address):
    try:
        room_kind(parse_room(address))
    except ProtocolError as error:
        assert error.words


def test_an_application_cannot_pass_for_a_file():
    assert file_address(application_room("json:notebook:12")) is None


def test_a_room_of_the_server_s_own_is_named_by_a_name_that_means_the_user_s_own():
    assert (
        named_room("jupyter", "ana") == "server:jupyter" and room_kind(named_room("jupyter", "")) is RoomKind.DIRECTORY
    )
    assert named_room("requests", "ana") == requests_room("ana") != named_room("reques%74s", "bo")
    assert room_kind(requests_room("a:b:c")) is RoomKind.REQUESTS and file_address(requests_room("b:c")) is None
    assert named_room("todo", "ana") == "app:todo"


@pytest.mark.parametrize("address", ["server:jupyter", "server:requests:ana", "server%3Arequests:ana", "server:x:y"])
def test_no_address_names_a_room_of_the_server_s_own(address):
    with pytest.raises(ProtocolError):
        parse_room(address)
    assert named_room(address, "bo").startswith("app:")


def test_what_begins_like_a_room_of_the_server_s_own_and_is_none_has_no_room():
    assert room_kind(RoomId("server:other")) is None and room_kind(RoomId("server:requests:")) is None


def test_a_file_s_address_has_its_parts():
    address = FileAddress("json", "notebook", "12")
    assert file_address(address.room) == address
    assert file_address(RoomId("JupyterLab:globalAwareness")) is None


@given(st.integers(0, 2**32 - 1))
def test_the_server_s_own_ids_are_not_those_of_browsers(browser):
    own = new_server_client_id()
    assert is_server_client_id(own) and own < 2**53 and not is_server_client_id(browser)
