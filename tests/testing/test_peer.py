"""Rules of jupyter_rtc.testing.peer."""

from pycrdt import Text

from jupyter_rtc.testing.peer import Peer


def joined(one, other):
    """Connect two peers to each other, as two ends of one link."""
    queue = []
    one.connect(lambda data: queue.append((other, data)))
    other.connect(lambda data: queue.append((one, data)))
    return queue


def deliver(queue):
    while queue:
        peer, data = queue.pop(0)
        peer.receive(data)


def test_two_peers_sync_and_follow_each_other():
    one, other = Peer("one"), Peer("other")
    one.doc.get("t", type=Text).insert(0, "offline ")
    queue = joined(one, other)
    deliver(queue)
    assert one.synced and other.synced
    other.doc.get("t", type=Text).insert(0, "live ")
    deliver(queue)
    assert str(one.doc.get("t", type=Text)) == "live offline "
    assert one.others[other.doc.client_id] == {"name": "other"}


def test_a_peer_that_is_not_connected_sends_nothing():
    peer = Peer()
    sent = []
    peer.connect(sent.append)
    peer.disconnect()
    sent.clear()
    peer.doc.get("t", type=Text).insert(0, "x")
    peer.say({"a": 1})
    assert sent == [] and not peer.connected
