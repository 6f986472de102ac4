"""Rules of jupyter_rtc.directory.hooks."""

import pytest

from jupyter_rtc.directory.hooks import after


class Thing:
    def plain(self, value):
        if value is None:
            raise ValueError
        return value

    async def slow(self, value):
        return self.plain(value)


def test_a_call_is_told_after_the_method_and_changes_nothing_of_it():
    thing, told = Thing(), []
    end = after(thing, "plain", lambda: told.append(1))
    assert thing.plain(3) == 3 and told == [1]
    with pytest.raises(ValueError):
        thing.plain(None)
    assert told == [1, 1]
    end()
    assert thing.plain(4) == 4 and told == [1, 1] and "plain" not in vars(thing)


async def test_a_coroutine_is_over_when_its_result_is_there():
    thing, told = Thing(), []
    after(thing, "slow", lambda: told.append(1))
    begun = thing.slow(3)
    assert told == []
    assert await begun == 3 and told == [1]
    with pytest.raises(ValueError):
        await thing.slow(None)
    assert told == [1, 1]


def test_who_wrapped_it_before_or_after_is_not_disturbed():
    thing, told = Thing(), []
    thing.plain = lambda value: ("before", value)
    end = after(thing, "plain", lambda: told.append("first"))
    end_second = after(thing, "plain", lambda: told.append("second"))
    assert thing.plain(1) == ("before", 1) and told == ["first", "second"]
    end()
    assert thing.plain(2) == ("before", 2) and told == ["first", "second", "second"]
    end_second()
    assert thing.plain(3) == ("before", 3) and told == ["first", "second", "second"]


def test_what_has_no_such_method_is_left_alone():
    after(Thing(), "missing", lambda: None)()
