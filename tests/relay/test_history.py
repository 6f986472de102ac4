"""Rules of jupyter_rtc.relay.history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import StoreCorrupt
from jupyter_rtc.ids import Epoch, is_server_client_id
from jupyter_rtc.relay.history import compacted, rebuild, usable_until
from jupyter_rtc.store.log import Entry, History, Snapshot

steps = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["type", "delete", "cell", "drop", "key"]), st.text(max_size=5)),
    max_size=40,
)


def run(steps):
    """Let three replicas make the steps, each seeing all before; return the log and the last one's states."""
    log, states = [], []
    hub = Doc()
    hub.observe(lambda event: log.append(Entry(len(log) + 1, event.update)))
    replicas = [Doc() for _ in range(3)]
    for who, what, word in steps:
        replica = replicas[who]
        replica.apply_update(hub.get_update(replica.get_state()))
        text, cells, state = (
            replica.get("t", type=Text), replica.get("c", type=Array), replica.get("m", type=Map)
        )  # fmt: skip
        match what:
            case "type":
                text.insert(0, word)
            case "delete" if len(text):
                text.clear()
            case "cell":
                cells.append(Map({"source": Text(word)}))
            case "drop" if len(cells):
                del cells[0]
            case "key":
                state["k"] = word
        hub.apply_update(replica.get_update(hub.get_state()))
        states += [content(hub)] * (len(log) - len(states))
    return log, states


def content(doc):
    return str(doc.get("t", type=Text)), doc.get("c", type=Array).to_py(), doc.get("m", type=Map).to_py()


@given(steps, st.data())
def test_a_shorter_history_gives_back_the_same_document_at_every_place_that_is_kept(steps, data):
    log, states = run(steps)
    if not log:
        return
    keep = data.draw(st.sets(st.integers(1, len(log))))
    snapshots = compacted(History(Epoch("e"), None, tuple(log)), keep)
    assert [s.seq for s in snapshots] == sorted(keep | {len(log)})
    for snapshot in snapshots:
        assert content(rebuild(History(Epoch("e"), snapshot, ()))) == states[snapshot.seq - 1]
    half = compacted(History(Epoch("e"), snapshots[0], tuple(log[snapshots[0].seq :])), keep)
    assert content(rebuild(History(Epoch("e"), half[-1], ()))) == states[-1]


def test_a_rebuilt_document_has_a_client_id_of_the_server_s_own():
    assert is_server_client_id(rebuild(History(Epoch("e"), None, ())).client_id)


def test_a_history_that_cannot_be_read_is_corrupt():
    with pytest.raises(StoreCorrupt):
        rebuild(History(Epoch("e"), None, (Entry(1, b"\x05rubbish"),)))


@given(steps, st.data())
def test_a_history_with_one_bad_change_can_be_used_up_to_the_one_before(steps, data):
    log, states = run(steps)
    if not log:
        return
    assert usable_until(History(Epoch("e"), None, tuple(log))) == len(log)
    bad = data.draw(st.integers(1, len(log)))
    log[bad - 1] = Entry(bad, b"\x07rubbish")
    assert usable_until(History(Epoch("e"), None, tuple(log))) == bad - 1


def test_a_history_whose_snapshot_cannot_be_used_is_used_before_it():
    assert usable_until(History(Epoch("e"), Snapshot(7, b"\x07rubbish"), (Entry(8, b"\x00\x00"),))) == 6
