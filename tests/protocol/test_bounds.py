"""Rules of jupyter_rtc.protocol.bounds: the hostile inputs that are known, and ordinary ones."""

import random
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import MessageTooLarge, ProtocolError
from jupyter_rtc.protocol.bounds import (
    Limits,
    check_state_vector,
    check_update,
    covers,
    decode_state_vector,
    encode_state_vector,
    refusing,
)
from jupyter_rtc.protocol.codec import encode_number
from jupyter_rtc.protocol.structs import check_structs

LIMITS = Limits()
clocks = st.dictionaries(st.integers(0, 2**53 - 1), st.integers(0, 2**31), max_size=5)


def nested(levels, kind=0x75):
    """Return an update whose one value is nested so deep: an array in an array …, or a map in a map …."""
    level = b"\x75\x01" if kind == 0x75 else b"\x76\x01\x01k"
    value = level * levels + b"\x7e"
    return b"\x01\x01\x07\x00\x08\x01\x01a\x01" + value + b"\x00"


@pytest.mark.parametrize("kind", [0x75, 0x76])
def test_values_nested_deep_enough_to_kill_the_process_are_refused(kind):
    with pytest.raises(ProtocolError, match="deep"):
        check_update(nested(60_000, kind), LIMITS)


def test_without_the_bound_that_update_kills_a_process_and_with_it_nothing_happens():
    code = (
        "import sys; from pycrdt import Doc; from tests.protocol.test_bounds import *\n"
        "update = nested(200_000)\n"
        "if sys.argv[1] == 'guarded':\n"
        "    try: check_update(update, LIMITS)\n"
        "    except ProtocolError: sys.exit(0)\n"
        "Doc().apply_update(update)"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run([*run, "guarded"], check=False, capture_output=True).returncode == 0
    assert subprocess.run([*run, "bare"], check=False, capture_output=True).returncode < 0


@pytest.mark.parametrize("data", [b"\x80\x80\x80\x80\x01", b"\xff\xff\xff\xff\x0f", encode_number(2**28), b""])
def test_a_false_count_of_clients_is_refused(data):
    with pytest.raises(ProtocolError):
        check_state_vector(data, LIMITS)
    with pytest.raises(ProtocolError):
        check_update(data, LIMITS)
    with pytest.raises(ProtocolError):
        decode_state_vector(data)


def test_a_map_that_claims_more_entries_than_it_holds_is_refused():
    with pytest.raises(ProtocolError):
        check_update(b"\x01\x01\x07\x00\x08\x01\x01a\x01\x76" + encode_number(2**28) + b"\x00", LIMITS)


def test_what_is_larger_than_the_limit_is_refused():
    small = Limits(max_message_bytes=10)
    with pytest.raises(MessageTooLarge):
        check_update(bytes(11), small)
    with pytest.raises(MessageTooLarge):
        check_state_vector(bytes(11), small)


def test_ordinary_large_updates_pass():
    doc = Doc()
    cells = doc.get("cells", type=Array)
    text = "uvuvuv " * 3000
    with doc.transaction():
        for number in range(300):
            cells.append(
                Map(
                    {
                        "source": Text(text),
                        "metadata": Map({"a": {"deep": [[[[{"x": [1, 2.5, None, True, "u"]}]]]]}}),
                        "outputs": Array([Map({"data": {"text/plain": text, "n": number}})]),
                    }
                )
            )
    doc.get("t", type=Text).insert(0, "v" * 1_000_000)
    update = doc.get_update()
    assert update.count(b"u") > LIMITS.max_depth
    check_update(update, LIMITS)
    Doc().apply_update(update)


@pytest.mark.parametrize("seed", range(10))
def test_mutated_updates_are_refused_as_such_or_taken(seed):
    rng = random.Random(seed)
    doc = Doc()
    doc.get("a", type=Array).extend([Map({"t": Text("hello"), "v": [1, {"k": "u" * 50}]}) for _ in range(20)])
    original = doc.get_update()
    for _ in range(300):
        bad = bytearray(original)
        for _ in range(rng.randrange(1, 5)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        try:
            check_update(bytes(bad), LIMITS)
            check_structs(bytes(bad), LIMITS.max_depth)
            with refusing("an update"):
                Doc().apply_update(bytes(bad))
        except ProtocolError as error:
            assert error.words, f"seed {seed}"


@given(clocks)
def test_a_state_vector_is_read_as_it_was_written(clocks):
    assert decode_state_vector(encode_state_vector(clocks)) == clocks


def test_a_document_s_state_vector_can_be_read():
    doc = Doc(client_id=77)
    doc.get("t", type=Text).insert(0, "abc")
    assert decode_state_vector(doc.get_state()) == {77: 3}


@given(clocks, clocks)
def test_one_covers_another_if_it_misses_nothing(one, other):
    both = {client: max(one.get(client, 0), other.get(client, 0)) for client in {*one, *other}}
    assert covers(both, one) and covers(both, other)
    assert covers(one, other) == all(one.get(client, 0) >= clock for client, clock in other.items())


def test_errors_of_others_are_not_swallowed():
    with pytest.raises(KeyboardInterrupt), refusing("an update"):
        raise KeyboardInterrupt
