"""Rules of jupyter_rtc.protocol.codec."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Awareness as YAwareness
from pycrdt import Doc, Text, create_awareness_message, create_sync_message, create_update_message

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.protocol import messages as m
from jupyter_rtc.protocol.codec import decode, encode, encode_number, read_number

numbers = st.integers(0, 2**53 - 1)
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
states = st.none() | st.dictionaries(words, words | st.integers(), max_size=3).map(json.dumps)
messages = st.one_of(
    st.builds(m.SyncStep1, st.binary()),
    st.builds(m.SyncStep2, st.binary()),
    st.builds(m.Update, st.binary()),
    st.builds(m.Awareness, st.lists(st.builds(m.Presence, numbers, numbers, states), max_size=4).map(tuple)),
    st.just(m.QueryAwareness()),
    st.builds(m.SaveRequest, numbers),
    st.builds(m.SaveReply, numbers, st.sampled_from(["success", "skipped", "failed"])),
    st.just(m.Conflict()),
    st.builds(m.Stored, st.binary()),
    st.builds(m.EpochIs, words),
    st.builds(m.Problem, words, words),
    st.sampled_from([125, 4, 255]).map(m.Ignored),
)


@given(messages)
def test_everything_encoded_decodes_to_itself(message):
    assert decode(encode(message)) == message


@given(messages, st.binary(max_size=20))
def test_what_follows_a_message_in_its_frame_is_ignored(message, rest):
    assert decode(encode(message) + rest) == message


@given(st.binary(max_size=100))
def test_arbitrary_bytes_raise_nothing_but_a_protocol_error(data):
    for frame in (data, b"\x00" + data, b"\x01" + data, b"\x02" + data, b"\x78" + data):
        try:
            decode(frame)
        except ProtocolError as error:
            assert error.words


@given(messages, st.data())
def test_mutated_messages_raise_nothing_but_a_protocol_error(message, data):
    frame = bytearray(encode(message))
    frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(frame[: data.draw(st.integers(0, len(frame)))]))
    except ProtocolError as error:
        assert error.words


@given(numbers)
def test_numbers_are_read_as_they_were_written(number):
    data = encode_number(number)
    assert read_number(data, 0) == (number, len(data))


@pytest.mark.parametrize("frame", ["a text frame", b"", b"\x00", b"\x00\x03\x00", b"\x00\x02\x05ab", b"\x01\x02\x01"])
def test_malformed_messages_of_a_known_kind_are_refused(frame):
    with pytest.raises(ProtocolError):
        decode(frame)


@pytest.mark.parametrize("state", [b"[]", b"1", b"{", b'"\\ud83d"', b"\xff\xfe", b"[" * 5000])
def test_an_awareness_state_that_is_no_object_is_refused(state):
    one = b"\x01" + b"\x05\x01" + encode_number(len(state)) + state
    with pytest.raises(ProtocolError):
        decode(b"\x01" + encode_number(len(one)) + one)


def test_the_bytes_are_those_of_the_stock_provider():
    doc = Doc()
    doc.get("t", type=Text).insert(0, "x")
    assert encode(m.SyncStep1(doc.get_state())) == create_sync_message(doc)
    assert encode(m.Update(doc.get_update())) == create_update_message(doc.get_update())
    awareness = YAwareness(doc)
    awareness.set_local_state({"name": "é"})
    data = create_awareness_message(awareness.encode_awareness_update([doc.client_id]))
    [one] = decode(data).states
    assert (one.client, json.loads(one.state)) == (doc.client_id, {"name": "é"})


def test_jupyterlab_s_save_is_understood_and_answered_in_ascii():
    assert decode(b"\x02\x04save\x07") == m.SaveRequest(7)
    reply = encode(m.SaveReply(7, "success"))
    assert json.loads(reply[2:]) == {"type": "save", "responseTo": 7, "status": "success"} and reply.isascii()


@pytest.mark.parametrize("frame", [b"\x7d\x05hello", b"\x02\x00", b"\x02\x05other", b"\x04"])
def test_messages_that_this_server_has_no_use_for_are_ignored(frame):
    assert isinstance(decode(frame), m.Ignored)
