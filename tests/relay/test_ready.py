"""What a room asks to be done."""

import pytest

from jupyter_rtc.ids import ParticipantId
from jupyter_rtc.relay.ready import Frame, Letter, Ready, SaveAsked
from jupyter_rtc.store.log import Entry

WHO = ParticipantId(1)
SOMETHING = [
    Ready(append=[Entry(1, b"x")]),
    Ready(broadcast=[Frame(b"x", None)]),
    Ready(send=[Letter(WHO, b"x", keep=False)]),
    Ready(saves=[SaveAsked(WHO, 1)]),
    Ready(changed=["disk"]),
    Ready(refused=[(WHO, "why")]),
]


@pytest.mark.parametrize("ready", SOMETHING)
def test_whatever_is_to_be_done_counts(ready):
    assert ready


def test_nothing_is_to_be_done_at_first():
    assert not Ready()
