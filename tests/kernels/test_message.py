"""Messages of kernels, from bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session

from jupyter_rtc.kernels.message import DELIMITER, NotFromThisKernel, from_dict, parse


def frames(session, kind="stream", content=None, parent=None):
    return session.serialize(session.msg(kind, content or {"name": "stdout", "text": "é"}, parent=parent))


def test_what_a_session_sends_is_understood():
    session = Session(key=b"secret")
    asked = session.msg("execute_request", {})
    found = parse("iopub", [b"topic", *frames(session, parent=asked), b"buffer"], session)
    assert (found.channel, found.type, found.content) == ("iopub", "stream", {"name": "stdout", "text": "é"})
    assert found.parent_id == asked["header"]["msg_id"]
    assert found.buffers == (b"buffer",)


def test_a_message_signed_with_another_key_is_refused():
    with pytest.raises(NotFromThisKernel, match="key"):
        parse("iopub", frames(Session(key=b"other")), Session(key=b"secret"))


def test_a_session_without_a_key_signs_nothing():
    session = Session(key=b"")
    assert parse("shell", frames(session), session).type == "stream"


@given(st.lists(st.binary(max_size=30) | st.just(DELIMITER) | st.just(b"{}"), max_size=8))
def test_arbitrary_frames_raise_nothing_else(those):
    with pytest.raises(NotFromThisKernel):
        parse("iopub", those, Session(key=b"secret"))


def test_a_message_without_a_parent_has_no_parent_id():
    session = Session(key=b"")
    message = session.msg("status", {"execution_state": "idle"})
    assert from_dict("iopub", message).parent_id == ""


@pytest.mark.parametrize(
    "parts",
    [
        [b'{"msg_type": "x"}', b"{}", b"{}", b"[1]"],
        [b'{"msg_type": 1}', b"{}", b"{}", b"{}"],
        [b'{"msg_type": "x"}', b'{"msg_id": []}', b"{}", b"{}"],
        [b'{"msg_type": "x"}', b"{}", b"{}", b"[" * 100_000],
        [b"[]", b"{}", b"{}", b"{}"],
    ],
)
def test_a_message_of_the_wrong_form_is_none_though_it_is_signed(parts):
    session = Session(key=b"secret")
    with pytest.raises(NotFromThisKernel):
        parse("iopub", [DELIMITER, session.sign(parts), *parts], session)


def test_what_the_gateway_hands_over_is_looked_at_too():
    for wrong in (None, {}, {"header": {"msg_type": "x"}, "content": "text"}):
        with pytest.raises(NotFromThisKernel):
            from_dict("iopub", wrong)
