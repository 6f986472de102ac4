import pytest

from jupyter_rtc.errors import StoreError, StoreUnavailable
from jupyter_rtc.store import rules
from jupyter_rtc.store.log import Entry, Snapshot, StoredMark


def snapshots(*seqs):
    return [Snapshot(seq, b"") for seq in seqs]


def test_only_the_room_s_own_epoch_may_write():
    rules.check_epoch("a", "a")
    for held in ("b", None):
        with pytest.raises(StoreError, match="given up"):
            rules.check_epoch(held, "a")


@pytest.mark.parametrize("seqs", [(5,), (4,), (7, 6), (6, 6)])
def test_numbers_that_do_not_grow_are_refused(seqs):
    with pytest.raises(StoreError):
        rules.check_growing(5, [Entry(seq, b"") for seq in seqs])


def test_growing_numbers_may_have_gaps():
    rules.check_growing(5, [Entry(6, b""), Entry(90, b"")])


@pytest.mark.parametrize(
    ("held", "upto", "below"),
    [
        ((), None, None),
        ((), 0, None),
        ((), 7, None),
        ((3, 8), None, 8),
        ((3, 8), 99, 8),
        ((3, 8), 3, 3),
        ((0,), 0, 0),
    ],
)
def test_a_state_rests_on_the_newest_snapshot_or_is_one(held, upto, below):
    assert rules.snapshot_below(held, upto) == below


@pytest.mark.parametrize("upto", [0, 2, 5, 7])
def test_a_state_between_or_below_snapshots_is_gone(upto):
    with pytest.raises(StoreError, match="shortened"):
        rules.snapshot_below((3, 8), upto)
    with pytest.raises(StoreError):
        rules.check_markable((3, 8), [8, upto])


def test_marked_snapshots_survive_a_compaction_and_others_do_not():
    assert rules.snapshots_to_keep((1, 3), (1, 9), 9, snapshots(8), 8) == {1}
    assert rules.snapshots_to_keep((1, 3), (), 9, snapshots(8), 8) == frozenset()
    assert rules.snapshots_to_keep((1, 3), (3, 5), 9, snapshots(3, 5, 8), 8) == frozenset()


@pytest.mark.parametrize(("given", "upto"), [((), 8), ((7,), 8), ((8, 7), 7), ((8, 8), 8), ((2,), 2), ((10,), 10)])
def test_a_compaction_that_goes_back_or_ahead_is_refused(given, upto):
    with pytest.raises(StoreError):
        rules.snapshots_to_keep((3,), (), 9, snapshots(*given), upto)


def test_a_compaction_that_drops_a_marked_state_is_refused():
    with pytest.raises(StoreError, match="a mark names"):
        rules.snapshots_to_keep((3,), (5,), 9, snapshots(8), 8)


def test_a_log_that_is_not_open_may_be_tried_again():
    assert isinstance(rules.not_open(), StoreUnavailable)


SNAPSHOTS = [Snapshot(2, b"two"), Snapshot(5, b"five")]
ENTRIES = [Entry(6, b"6"), Entry(8, b"8")]
MARKS = {"before": StoredMark(2, ""), "between": StoredMark(3, ""), "in": StoredMark(6, ""), "last": StoredMark(8, "")}


@pytest.mark.parametrize(
    ("snapshots", "base", "upto", "expected"),
    [
        (SNAPSHOTS, 5, None, ([2, 5], [6, 8], {"before", "in", "last"})),
        (SNAPSHOTS, 5, 7, ([2, 5], [6], {"before", "in"})),
        (SNAPSHOTS, 5, 5, ([2, 5], [], {"before"})),
        (SNAPSHOTS, 5, 4, ([2], [], {"before"})),
        (SNAPSHOTS[:1], 5, None, ([2], [], {"before"})),
        (SNAPSHOTS[1:], 5, None, ([5], [6, 8], {"in", "last"})),
        ([], 5, None, ([], [], set())),
        ([], None, None, ([], [6, 8], {"before", "between", "in", "last"})),
        (SNAPSHOTS, None, None, ([2, 5], [], {"before"})),
        (SNAPSHOTS, 5, 0, ([], [], set())),
    ],
)
def test_what_is_salvaged_rests_on_what_is_sound(snapshots, base, upto, expected):
    found = rules.salvaged(snapshots, base, ENTRIES, MARKS, upto)
    seqs = ([one.seq for one in found.snapshots], [one.seq for one in found.entries], set(found.marks))
    assert seqs == expected
