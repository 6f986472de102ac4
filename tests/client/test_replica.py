"""A document kept in step with a room."""

from pycrdt import Doc, Text

from jupyter_rtc.client.replica import Replica
from jupyter_rtc.protocol import messages as m
from jupyter_rtc.relay.session import Standing

from .hall import Hall


def joined(hall, doc=None, standing=Standing.WRITING):
    replica = Replica(doc or Doc(client_id=50))
    line = hall.enter(replica.receive, standing=standing)
    replica.connect(line.up.append)
    return replica, line


def text(doc):
    return doc.get("source", type=Text)


def progress(replica):
    return replica.made, replica.applied, replica.stored


def test_both_sides_have_the_same_and_the_epoch_is_learned():
    hall = Hall()
    text(hall.room.doc).insert(0, "there")
    replica, _ = joined(hall)
    assert not replica.synced
    hall.settle()
    assert replica.synced and replica.epoch == "first" and str(text(replica.doc)) == "there"
    text(replica.doc).insert(0, "here ")
    hall.settle()
    assert str(text(hall.room.doc)) == "here there"


def test_a_change_is_here_then_applied_and_stored():
    hall = Hall()
    replica, _ = joined(hall)
    hall.settle()
    assert progress(replica) == (0, 0, 0)
    text(replica.doc).insert(0, "a")
    assert progress(replica) == (1, 0, 0)
    hall.settle()
    assert progress(replica) == (1, 1, 1)


def test_a_change_that_only_deletes_is_stored_once_it_is_applied():
    hall = Hall()
    replica, _ = joined(hall)
    text(replica.doc).insert(0, "abc")
    hall.settle()
    del text(replica.doc)[0:1]
    assert progress(replica) == (2, 1, 1)
    replica.ask()
    hall.settle()
    assert progress(replica) == (2, 2, 2)


def test_what_is_changed_without_a_link_goes_with_the_next_one_and_is_confirmed():
    hall = Hall()
    replica, line = joined(hall)
    text(replica.doc).insert(0, "a")
    hall.settle()
    replica.disconnect()
    hall.leave(line)
    text(replica.doc).insert(1, "b")
    assert progress(replica) == (2, 1, 1) and not replica.linked
    line = hall.enter(replica.receive)
    replica.connect(line.up.append)
    text(replica.doc).insert(2, "c")
    hall.settle()
    assert str(text(hall.room.doc)) == "abc"
    assert progress(replica) == (3, 3, 3)


def test_an_answer_to_an_early_question_confirms_nothing_that_was_not_sent():
    hall = Hall()
    replica, line = joined(hall)
    hall.settle()
    replica.disconnect()
    hall.leave(line)
    text(replica.doc).insert(0, "a")
    line = hall.enter(replica.receive)
    held, line.down = line.down, type(line.down)()  # the server's own question is on its way
    replica.connect(line.up.append)
    hall.settle()
    assert replica.synced and progress(replica) == (1, 0, 0)
    line.down.extend(held)
    hall.settle()
    assert progress(replica) == (1, 1, 1)


def test_a_refused_change_is_noticed():
    hall = Hall()
    replica, _ = joined(hall, standing=Standing.READING)
    hall.settle()
    assert not replica.read_only
    text(replica.doc).insert(0, "a")
    hall.settle()
    assert replica.read_only and "may read" in replica.problem.words
    assert str(text(hall.room.doc)) == ""


def test_who_is_here_is_known_and_one_who_leaves_is_not_any_more():
    hall = Hall()
    ana, _ = joined(hall)
    bo, _ = joined(hall, Doc(client_id=60))
    ana.say({"cursor": 3})
    hall.settle()
    assert bo.others[50]["cursor"] == 3 and bo.others[50]["user"]["username"] == "ana"
    ana.close()
    hall.settle()
    assert 50 not in bo.others
    bo.renew()
    hall.settle()
    assert list(bo.others) == [60]


def test_a_save_is_answered_under_its_number():
    hall = Hall()
    replica, _ = joined(hall)
    hall.settle()
    first, second = replica.ask_save(), replica.ask_save()
    hall.settle()
    assert replica.replies == {first: "success", second: "success"}


def test_what_arrives_for_others_is_not_counted_as_made_here():
    hall = Hall()
    ana, _ = joined(hall)
    bo, _ = joined(hall, Doc(client_id=60))
    hall.settle()
    text(bo.doc).insert(0, "x")
    hall.settle()
    assert str(text(ana.doc)) == "x" and ana.made == 0


def test_while_the_server_stores_nothing_the_words_are_known_and_a_deletion_does_not_count_as_stored():
    hall = Hall()
    replica, _ = joined(hall)
    text(replica.doc).insert(0, "abc")
    hall.settle()
    hall.room.tell(m.Problem("store failing", "The disk is full."), lasts=True)
    hall.told()
    hall.settle()
    assert replica.unkept == "The disk is full." and replica.problem is None, "it says nothing of a save"
    del text(replica.doc)[0:1]
    replica.ask()
    hall.settle()
    assert progress(replica) == (2, 2, 1)
    hall.room.tell(m.Problem("store recovered", "Changes are stored again."), lasts=False)
    hall.told()
    hall.settle()
    assert replica.unkept == "" and progress(replica) == (2, 2, 2)


def test_what_was_said_of_the_store_is_said_again_over_a_new_link_if_it_lasts():
    hall = Hall()
    replica, line = joined(hall)
    hall.room.tell(m.Problem("store failing", "The disk is full."), lasts=True)
    hall.told()
    hall.settle()
    assert replica.unkept
    replica.disconnect()
    hall.leave(line)
    hall.room.tell(m.Problem("store recovered", "Changes are stored again."), lasts=False)
    line = hall.enter(replica.receive)
    replica.connect(line.up.append)
    hall.settle()
    assert replica.unkept == ""
