"""Rules of jupyter_rtc.relay.lasting."""

import json

from jupyter_rtc.protocol.messages import Problem
from jupyter_rtc.relay.lasting import Lasting

FILE = Problem("file read-only", "The file cannot be written.")
STORE = Problem("store failing", "The disk is full.")
CURSOR = json.dumps({"cursors": [{"head": {"item": 1}}]})


def shown(lasting, now=0.0):
    """Return what somebody sees who did not ask for words."""
    news = lasting.sign.news(1, [CURSOR], now)
    return None if news is None or news.state is None else json.loads(news.state)["user"]["display_name"]


def test_newcomers_are_told_of_each_matter_the_newest():
    lasting = Lasting()
    lasting.note(FILE, True, "")
    lasting.note(STORE, True, "")
    gone = Problem("file missing", "The file is gone.")
    lasting.note(gone, True, "")
    assert lasting.problems == [STORE, gone]


def test_one_matter_that_is_over_leaves_the_other():
    lasting = Lasting()
    lasting.note(FILE, True, "read-only")
    lasting.note(STORE, True, "not stored")
    assert shown(lasting) == "not stored"
    lasting.note(Problem("store recovered", "Changes are stored again."), False, "")
    assert lasting.problems == [FILE]
    assert shown(lasting) == "read-only"
    lasting.note(Problem("file fine", "The file is saved."), False, "")
    assert lasting.problems == [] and shown(lasting) is None


def test_what_has_no_brief_form_takes_no_sign_down():
    lasting = Lasting()
    lasting.note(FILE, True, "read-only")
    lasting.note(STORE, True, "")
    assert shown(lasting) == "read-only"
