"""Rules of jupyter_rtc.relay.changes."""

import pytest
from pycrdt import Doc, Text

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.ids import ParticipantId
from jupyter_rtc.relay.changes import NOTHING, Changes
from jupyter_rtc.relay.ready import Outgoing

ANA = ParticipantId(1)


def text(doc):
    return doc.get("t", type=Text)


def noting(revision=0):
    """Return changes of an empty document, and where they go."""
    out = Outgoing()
    return Changes(Doc(), revision, out), out


def drafted(words):
    """Return an update that was made elsewhere."""
    doc = Doc()
    text(doc).insert(0, words)
    return doc.get_update()


def copy_of(*updates):
    doc = Doc()
    for update in updates:
        doc.apply_update(update)
    return str(text(doc))


def test_changes_are_numbered_and_have_who_made_them():
    changes, out = noting(revision=7)
    with changes.edit("disk"):
        text(changes.doc).insert(0, "x")
    text(changes.doc).insert(0, "y")
    assert changes.take(ANA, drafted("z"))
    ready = out.take()
    assert [entry.seq for entry in ready.append] == [8, 9, 10]
    assert ready.changed == ["disk", "direct", "client"]
    assert [frame.author for frame in ready.broadcast] == [None, None, ANA]
    assert copy_of(*(entry.update for entry in ready.append)) == str(text(changes.doc))


def test_what_is_known_already_is_no_change():
    changes, out = noting()
    update = drafted("x")
    assert changes.take(ANA, update)
    out.take()
    assert not changes.take(ANA, update)
    assert not out.take() and changes.revision == 1


def test_what_is_no_update_is_refused_and_changes_nothing():
    changes, out = noting()
    with pytest.raises(ProtocolError):
        changes.take(ANA, b"\xff\xff\xff")
    assert not out.take() and changes.author is None


def test_what_is_merged_into_a_document_with_a_past_is_one_entry_for_each_change():
    changes, out = noting(revision=7)
    with changes.seeding():
        for word in ("a", "b"):
            with changes.edit("disk"):
                text(changes.doc).insert(0, word)
    first, second = out.take().append
    assert (first.seq, second.seq) == (8, 9)
    assert copy_of(first.update) == "a"
    assert copy_of(first.update, second.update) == "ba"


def test_while_seeding_changes_are_one_entry():
    changes, out = noting()
    with changes.seeding():
        for number in range(100):
            with changes.edit("file"):
                text(changes.doc).insert(0, str(number))
    ready = out.take()
    assert len(ready.append) == 1 and ready.append[0].seq == 100
    assert ready.broadcast == [] and ready.changed == ["file"]


def test_what_was_drafted_elsewhere_is_logged_as_it_came_and_later_changes_as_ever():
    changes, out = noting()
    piece = drafted("drafted " * 200_000)
    with changes.seeding():
        changes.apply(piece, "file")
    ready = out.take()
    assert [(entry.seq, entry.update is piece) for entry in ready.append] == [(1, True)]
    assert ready.changed == ["file"]
    changes.apply(drafted("later "), "disk")
    text(changes.doc).insert(0, "now ")
    ready = out.take()
    assert [entry.seq for entry in ready.append] == [2, 3]
    assert ready.changed == ["disk", "direct"]
    assert copy_of(piece, *(entry.update for entry in ready.append)) == str(text(changes.doc)) != ""


def test_the_first_newcomer_gets_the_pieces_and_later_ones_the_whole():
    changes, _ = noting()
    with changes.seeding():
        changes.apply(drafted("drafted " * 200_000), "file")
    text(changes.doc).insert(0, "later ")
    rest, pieces = changes.missing(NOTHING)
    assert len(pieces) == 1 and copy_of(*pieces, rest) == str(text(changes.doc))
    whole, none = changes.missing(NOTHING)
    assert not none and copy_of(whole) == str(text(changes.doc))


def test_the_whole_can_be_logged_as_one_more_change():
    changes, out = noting()
    text(changes.doc).insert(0, "x")
    out.take()
    changes.log_whole()
    (entry,) = out.take().append
    assert entry.seq == 2 and copy_of(entry.update) == "x"


def test_one_that_observes_and_fails_undoes_nothing():
    changes, out = noting()

    def fail(_event):
        raise ZeroDivisionError("a bug")

    changes.doc.observe(fail)
    assert changes.take(ANA, drafted("x"))
    ready = out.take()
    assert ready.failure is None and len(ready.append) == len(ready.broadcast) == len(ready.faults) == 1


def test_a_change_that_cannot_be_noted_is_a_failure(monkeypatch):
    changes, out = noting()

    def fail(_event):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(changes, "_changed", fail)
    text(changes.doc).insert(0, "x")
    assert isinstance(out.take().failure, ZeroDivisionError)


def test_after_closing_nothing_is_noted():
    changes, out = noting()
    changes.close()
    text(changes.doc).insert(0, "x")
    assert not out.take()
