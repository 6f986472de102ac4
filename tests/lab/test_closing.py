"""Rules of jupyter_rtc.lab.closing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.errors import (
    DocumentMissing,
    DocumentUnavailable,
    DocumentUnreadable,
    EpochMismatch,
    HistoryUnavailable,
    NotAllowed,
    ProtocolError,
)
from jupyter_rtc.ids import Epoch, new_epoch
from jupyter_rtc.lab.closing import closing, shows_dialog


def test_another_epoch_asks_for_a_reload():
    epoch = new_epoch()
    code, reason = closing(EpochMismatch("x"), epoch)
    assert code == 1003
    assert json.loads(reason) == {"reason": "unknown_session", "sessionId": epoch, "reloadable": True}


def test_a_document_that_cannot_be_opened_says_why():
    code, reason = closing(DocumentUnreadable("a.ipynb is not a notebook: no JSON."), None)
    assert code == 1003
    assert json.loads(reason)["errorReason"] == "a.ipynb is not a notebook: no JSON."


def test_who_holds_a_history_that_cannot_be_read_now_is_shown_no_dialog_and_comes_back():
    code, reason = closing(HistoryUnavailable("It cannot be read now."), new_epoch())
    assert (code, reason) == (1013, "It cannot be read now.") and not shows_dialog(code)


def test_a_missing_file_has_the_frontend_s_own_code():
    assert closing(DocumentMissing("There is no a.ipynb."), None) == (4404, "There is no a.ipynb.")


def test_a_server_that_goes_away_shows_no_dialog():
    assert not shows_dialog(closing(None, None)[0])
    assert not shows_dialog(closing(NotAllowed("No."), None)[0])


@given(
    st.sampled_from([EpochMismatch, DocumentUnreadable, DocumentUnavailable, DocumentMissing, ProtocolError]),
    st.text(max_size=300),
    st.none() | st.text(max_size=200).map(Epoch),
)
def test_every_reason_fits_and_is_json_where_it_must_be(kind, words, epoch):
    code, reason = closing(kind(words), epoch)
    try:
        size = len(reason.encode())
    except UnicodeEncodeError:
        size = len(reason.encode("utf-8", "surrogatepass"))
    if epoch is None or epoch.isascii():
        assert size <= 123
    if code == 1003:
        assert json.loads(reason)["reason"]


@pytest.mark.parametrize("words", ["ä" * 200, '"' * 200, "\\" * 200, "😀" * 100])
def test_long_words_are_shortened_not_the_json(words):
    _, reason = closing(DocumentUnreadable(words), None)
    assert len(reason.encode()) <= 123 and json.loads(reason)["reloadable"] is False
