"""The decision table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.supernode.plan import Disk, Do, Edits, Facts, Pace, Standing, Wait, plan

NOW = 100.0
PACE = Pace(save_delay=1, save_delay_max=10, retry=1, retry_max=60)


def facts(**known):
    return Facts(**{"now": NOW, "disk": Disk.AGREED, **known})


RECENT = Edits(first=99.5, last=99.5)
PAUSED = Edits(first=98.0, last=99.0)
CONSTANT = Edits(first=90.0, last=99.9)

CASES = {
    "nothing to do": (facts(), Wait(None)),
    "nothing to do until the next poll": (facts(look_at=130.0), Wait(130.0)),
    "a poll is due": (facts(look_at=100.0), Do.LOOK),
    "something may have changed": (facts(disk=Disk.UNSEEN), Do.LOOK),
    "the file has something new": (facts(disk=Disk.CHANGED), Do.MERGE),
    "the file has something new, and somebody asks": (facts(disk=Disk.CHANGED, asked=True), Do.MERGE),
    "the file has something new, and edits wait": (facts(disk=Disk.CHANGED, edits=PAUSED), Do.MERGE),
    "an edit a moment ago": (facts(edits=RECENT), Wait(100.5)),
    "an edit, and a poll before it is due": (facts(edits=RECENT, look_at=100.2), Wait(100.2)),
    "an edit and a pause": (facts(edits=PAUSED), Do.SAVE),
    "constant typing": (facts(edits=CONSTANT), Do.SAVE),
    "edits that were found unsaved": (facts(unsaved=True), Do.SAVE),
    "somebody asks": (facts(asked=True), Do.SAVE),
    "somebody asks before anybody looked": (facts(asked=True, disk=Disk.UNSEEN), Do.LOOK),
    "on demand, edits": (facts(on_demand=True, edits=PAUSED), Do.COMPARE),
    "on demand, unsaved": (facts(on_demand=True, unsaved=True), Wait(None)),
    "on demand, somebody asks": (facts(on_demand=True, unsaved=True, asked=True), Do.SAVE),
    "read-only, edits": (facts(writable=False, edits=PAUSED), Do.COMPARE),
    "read-only, somebody asks": (facts(writable=False, asked=True), Do.REFUSE),
    "missing, edits": (facts(disk=Disk.MISSING, edits=PAUSED), Do.COMPARE),
    "missing, unsaved": (facts(disk=Disk.MISSING, unsaved=True, look_at=101.0), Wait(101.0)),
    "missing, somebody asks": (facts(disk=Disk.MISSING, asked=True), Do.REFUSE),
    "after a failure": (facts(disk=Disk.UNSEEN, unsaved=True, retry_at=104.0), Wait(104.0)),
    "after a failure, somebody asks": (facts(disk=Disk.UNSEEN, asked=True, retry_at=104.0), Do.LOOK),
    "after a failure, time to try again": (facts(disk=Disk.UNSEEN, retry_at=100.0), Do.LOOK),
    "people have not heard yet": (
        facts(disk=Disk.MISSING, standing=Standing.MISSING, asked=True),
        Do.TELL,
    ),
    "closing, edits a moment ago": (facts(closing=True, edits=RECENT), Do.SAVE),
    "closing, nothing to save": (facts(closing=True), Wait(None)),
    "closing, on demand": (facts(closing=True, on_demand=True, unsaved=True), Wait(None)),
    "closing, read-only": (facts(closing=True, writable=False, unsaved=True), Wait(None)),
}


@pytest.mark.parametrize(("known", "action"), CASES.values(), ids=CASES)
def test_each_case_has_its_action(known, action):
    assert plan(known, PACE) == action


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (7, 60), (1000, 60)], ids=lambda n: str(n))
def test_each_failure_doubles_the_wait_up_to_a_longest(failures, seconds):
    assert PACE.retry_after(failures) == seconds


times = st.floats(0, 200)
edits = st.none() | st.tuples(times, times).map(lambda pair: Edits(min(pair), max(pair)))
anything = st.builds(
    Facts,
    now=times,
    disk=st.sampled_from(Disk),
    edits=edits,
    unsaved=st.booleans(),
    asked=st.booleans(),
    on_demand=st.booleans(),
    closing=st.booleans(),
    writable=st.booleans(),
    look_at=st.none() | times,
    retry_at=st.none() | times,
    standing=st.sampled_from(Standing),
    told=st.sampled_from(Standing),
)


@given(anything)
def test_it_never_saves_unless_the_file_is_known_and_can_be_written(known):
    if plan(known, PACE) is Do.SAVE:
        assert known.disk is Disk.AGREED
        assert known.writable


@given(anything)
def test_it_never_saves_on_demand_unless_asked(known):
    if plan(known, PACE) is Do.SAVE and known.on_demand:
        assert known.asked


@given(anything)
def test_a_wait_ends_in_the_future(known):
    action = plan(known, PACE)
    if isinstance(action, Wait) and action.until is not None:
        assert action.until > known.now


@given(anything)
def test_whoever_asks_is_never_left_waiting(known):
    if known.asked:
        assert not isinstance(plan(known, PACE), Wait)
