"""What stands for outputs that are too large."""

import pytest

from jupyter_rtc.datastore.left_out import (
    Limit,
    as_kept,
    closing_line,
    extent,
    placeholder,
    reference_in,
    stand_in,
    whole,
)

from .kernel_messages import Shelf

PICTURE = {"output_type": "display_data", "data": {"image/png": "x" * 99}, "metadata": {"a": 1}}
ERROR = {"output_type": "error", "ename": "E" * 999, "evalue": "v" * 999, "traceback": ["t" * 999]}
STREAM = {"output_type": "stream", "name": "stdout", "text": "first\n" + closing_line(5, "here/7")}


@pytest.mark.parametrize("output", [PICTURE, ERROR])
def test_what_stands_for_an_output_says_where_it_is_and_makes_it_whole_again(output):
    small = placeholder(output, "here/7")
    assert extent(small) < 1000
    assert reference_in(small) == "here/7"
    assert whole(small, as_kept(output)) == [output]


def test_a_stream_is_whole_with_what_follows_its_first_part():
    assert reference_in(STREAM) == "here/7"
    assert whole(STREAM, "rest\n") == [{**STREAM, "text": "first\nrest\n"}]


def test_one_output_can_stand_for_many():
    one = stand_in(2000, "here/7")
    assert one["data"]["text/plain"].startswith("[2,000 more outputs")
    assert reference_in(one) == "here/7"
    assert whole(one, as_kept(PICTURE) + as_kept(ERROR)) == [PICTURE, ERROR]


def test_what_is_kept_is_put_together_and_dropped_under_a_number():
    shelf = Shelf()
    limit = Limit(1, shelf, 3)
    limit.add("a")
    assert shelf.fetch(limit.add("b")) == "ab"
    limit.drop()
    assert shelf.kept == {}


@pytest.mark.parametrize(
    "output",
    [
        PICTURE,
        ERROR,
        {"output_type": "stream", "name": "stdout", "text": "[5 characters are left out here; kept as x]"},
        {"output_type": "stream", "name": "stdout"},
        {"output_type": "error"},
        {"output_type": "display_data", "metadata": {"jupyter_rtc": {"left_out": 1}}},
        {"output_type": "display_data", "metadata": {"jupyter_rtc": 1}},
        {"output_type": "display_data", "metadata": 1},
    ],
)
def test_other_outputs_name_no_reference(output):
    assert reference_in(output) is None


@pytest.mark.parametrize("kept", ["[]", "{", "1\n{}"])
def test_what_is_no_output_makes_none_whole(kept):
    with pytest.raises(ValueError):
        whole(placeholder(PICTURE, "x"), kept)
