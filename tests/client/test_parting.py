"""What a websocket's end means."""

import json

import pytest

from jupyter_rtc import errors
from jupyter_rtc.client.parting import LONGEST_DELAY, delay_before, reason_of_status, reason_to_give_up
from jupyter_rtc.errors import DocumentMissing, DocumentUnreadable, EpochMismatch, NotAllowed
from jupyter_rtc.ids import Epoch
from jupyter_rtc.lab.closing import closing
from jupyter_rtc.relay.websocket import plain_closing


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1011, 1013])
def test_one_dials_again_where_that_may_help(code):
    assert reason_to_give_up(code, "") is None


@pytest.mark.parametrize(
    "error",
    [
        DocumentMissing("There is no file."),
        DocumentUnreadable("It is not a notebook."),
        errors.DocumentUnavailable("The disk is gone."),
        errors.DocumentQuarantined("It stopped the server."),
        EpochMismatch("Reload."),
        NotAllowed("You may not."),
        errors.ProtocolError("Malformed."),
        errors.MessageTooLarge("Too large."),
    ],
)
@pytest.mark.parametrize("manner", [lambda e: closing(e, Epoch("x")), lambda e: plain_closing(e, "r", None, "ana")])
def test_what_the_server_says_at_the_end_is_understood_in_both_manners(error, manner):
    code, reason = manner(error)
    found = reason_to_give_up(code, reason)
    assert isinstance(found, errors.RtcError)
    if isinstance(error, EpochMismatch):
        assert isinstance(found, EpochMismatch)
    else:
        assert found.words == error.words
    if code == error.close_code and code != 1008:
        assert isinstance(error, type(found))


def test_a_reason_that_is_no_json_is_no_accident():
    assert isinstance(reason_to_give_up(1003, "what?"), EpochMismatch)
    assert isinstance(reason_to_give_up(1003, json.dumps([1])), EpochMismatch)
    assert reason_to_give_up(4404, None).words


@pytest.mark.parametrize("status", [401, 403, 302])
def test_a_refused_login_is_final(status):
    assert isinstance(reason_of_status(status), errors.LoginRefused)


def test_a_proxy_without_websockets_is_told_from_a_server_that_starts():
    assert isinstance(reason_of_status(400), errors.ServerUnreachable)
    assert reason_of_status(404) is reason_of_status(503) is reason_of_status(599) is None


def test_delays_grow_to_a_bound_and_are_spread():
    assert delay_before(0, 0.5) == 0
    assert [delay_before(n, 1.0) for n in (1, 2, 3)] == [0.2, 0.4, 0.8]
    assert delay_before(1000, 1.0) == LONGEST_DELAY
    assert delay_before(3, 0.0) == 0.4
