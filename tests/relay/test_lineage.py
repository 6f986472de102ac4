"""Rules of jupyter_rtc.relay.lineage."""

import pytest

from jupyter_rtc.errors import EpochMismatch
from jupyter_rtc.ids import new_server_client_id
from jupyter_rtc.relay.lineage import check_lineage

SERVER, ANA, BO = new_server_client_id(), 7, 8


def test_who_is_ahead_in_changes_of_their_own_has_unsent_edits_and_is_welcome():
    check_lineage({SERVER: 3, ANA: 9}, {SERVER: 5, BO: 2}, filled=True, claimed=True)


def test_who_knows_more_of_the_server_s_own_changes_than_the_server_must_reload():
    with pytest.raises(EpochMismatch, match="lost a part"):
        check_lineage({SERVER: 6}, {SERVER: 5}, filled=True, claimed=True)
    with pytest.raises(EpochMismatch, match="lost a part"):
        check_lineage({SERVER: 1}, {ANA: 5}, filled=False, claimed=False)


def test_who_has_content_but_neither_an_epoch_nor_what_the_document_was_filled_with_must_reload():
    with pytest.raises(EpochMismatch, match="another copy"):
        check_lineage({ANA: 1}, {SERVER: 5}, filled=True, claimed=False)
    check_lineage({ANA: 1}, {SERVER: 5}, filled=False, claimed=False)
    check_lineage({}, {SERVER: 5}, filled=True, claimed=False)
    check_lineage({ANA: 1, SERVER: 2}, {SERVER: 5}, filled=True, claimed=False)
