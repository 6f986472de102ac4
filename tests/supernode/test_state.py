"""What frontends are told."""

from pycrdt import Map

from jupyter_rtc.supernode.state import FILE_STATE, have_looked_at, show, sign

from .solo import Solo
from .world import state


def test_what_differs_is_written_once_and_under_its_own_origin():
    document = Solo("text:file:1")
    show(document, path="a.txt", dirty=False)
    show(document, path="a.txt", dirty=False)
    assert state(document) == {"path": "a.txt", "dirty": False}
    assert document.origins == [FILE_STATE]


def test_what_others_keep_there_stays():
    document = Solo("text:file:1")
    show(document, document_id="x")
    show(document, path="b.txt")
    assert state(document) == {"document_id": "x", "path": "b.txt"}


def test_a_signature_is_a_change_of_the_server_s_own_each_time():
    document = Solo("text:file:1")
    for number in range(2):
        sign(document)
        assert document.origins == [FILE_STATE] * (number + 1)


def test_frontends_are_made_to_look_at_a_file_by_its_hash_where_it_has_one():
    document = Solo("text:file:1")
    have_looked_at(document)
    assert document.origins == []
    show(document, hash="h")
    seen, shared = [], document.ydoc.get("state", type=Map)
    subscription = shared.observe(lambda event: seen.append(list(event.keys)))
    have_looked_at(document)
    shared.unobserve(subscription)
    assert seen == [["hash"]] and state(document) == {"hash": "h"}
