"""What is said about a file."""

import pytest

from jupyter_rtc.datastore.merge import Merged
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.supernode.plan import Standing
from jupyter_rtc.supernode.voice import Voice

from .solo import Solo


@pytest.mark.parametrize(
    ("standing", "kinds"),
    [
        (Standing.FINE, [NoticeKind.SAVE_RECOVERED]),
        (Standing.MISSING, [NoticeKind.DELETED]),
        (Standing.FAILING, [NoticeKind.SAVE_FAILED]),
        (Standing.READ_ONLY, [NoticeKind.SAVE_FAILED]),
    ],
)
def test_participants_and_administrators_are_told(standing, kinds):
    notices, document = [], Solo("text:file:1")
    voice = Voice(document.room, notices.append)
    voice.tell(document, standing, "a.txt", "Why.")
    assert [code for code, _ in document.told] == [f"file {standing.value}"]
    assert [notice.kind for notice in notices] == kinds
    assert voice.told is standing
    assert document.lasts is (standing is not Standing.FINE)
    assert bool(document.brief) is document.lasts


@pytest.mark.parametrize(
    ("merged", "kinds", "told"),
    [
        (Merged(changed=False, conflicts=()), [], []),
        (Merged(changed=True, conflicts=()), [NoticeKind.MERGED], []),
        (Merged(changed=True, conflicts=("c1",)), [NoticeKind.MERGED, NoticeKind.CONFLICT], ["conflict"]),
    ],
)
def test_participants_are_told_where_both_texts_were_kept(merged, kinds, told):
    notices, document = [], Solo("text:file:1")
    Voice(document.room, notices.append).tell_merge(document, merged, "a.txt")
    assert [notice.kind for notice in notices] == kinds
    assert [code for code, _ in document.told] == told
