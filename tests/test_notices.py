"""Rules of jupyter_rtc.notices."""

from jupyter_rtc.notices import Notice, NoticeKind, unheard


def test_every_kind_of_notice_has_a_word_of_its_own():
    assert len({kind.value for kind in NoticeKind}) == len(NoticeKind)


def test_a_notice_that_nobody_hears_does_nothing():
    assert unheard(Notice(NoticeKind.SAVED)) is None
