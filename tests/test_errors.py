"""Rules of jupyter_rtc.errors."""

import inspect

import pytest

from jupyter_rtc import errors

CLASSES = [one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, errors.RtcError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_carries_its_answer(kind):
    assert 400 <= kind.status <= 599
    assert 1000 <= kind.close_code <= 1015 or 4000 <= kind.close_code <= 4999
    assert kind.code.replace("_", "").isalpha() and kind.__doc__


@pytest.mark.parametrize("kind", CLASSES)
def test_every_error_stands_in_the_drawing_of_the_tree(kind):
    assert f" {kind.__name__}" in f" {errors.__doc__}"


def test_an_error_s_words_are_what_it_was_raised_with():
    assert errors.DocumentMissing("There is no file a.ipynb.").words == "There is no file a.ipynb."
    assert errors.DocumentMissing().words == "missing"


def test_a_panic_is_known_by_its_name():
    panic = type("PanicException", (BaseException,), {})
    assert errors.is_panic(panic()) and not errors.is_panic(KeyboardInterrupt())
