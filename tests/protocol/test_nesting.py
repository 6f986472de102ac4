"""Rules of jupyter_rtc.protocol.nesting: chains of shared types end, whatever the way in which they are made."""

import random

import pytest
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.protocol import nesting as nesting_module
from jupyter_rtc.protocol.bounds import decode_state_vector
from jupyter_rtc.protocol.codec import encode_number
from jupyter_rtc.protocol.items import items as nesting_items
from jupyter_rtc.protocol.nesting import MAX_ASIDE, MAX_ASIDE_BYTES, MAX_UNKNOWN_PLACES, SHORT, Nesting
from jupyter_rtc.protocol.structs import Makes, check_structs

DEPTH = 10


def counting(doc=None, own=1):
    doc = doc or Doc()
    return Nesting(decode_state_vector(doc.get_state()), own, lambda: 0, DEPTH)


def take(nesting, *updates):
    for update in updates:
        nesting.note(update, check_structs(update, 64))


def chain(levels, before=lambda _: None, doc=None):
    """Return updates that each nest a type one level deeper; ``before`` puts something there before it."""
    doc = doc or Doc()
    made = []
    at = doc.get("x", type=Array)
    for _ in range(levels):
        state = doc.get_state()
        before(at)
        inner = Array()
        at.append(inner)
        at = inner
        made.append(doc.get_update(state))
    return made


def neighbours(at):
    at.append("beside")
    at.append(Map({"a": 1}))


@pytest.mark.parametrize("before", [lambda _: None, neighbours, lambda at: at.extend([1, 2, 3])])
@pytest.mark.parametrize("order", ["as made", "backwards", "shuffled", "at once"])
def test_a_chain_ends_in_whatever_order_it_comes(before, order):
    doc = Doc()
    made = chain(DEPTH + 1, before, doc)
    random.Random(order).shuffle(made) if order == "shuffled" else None
    updates = {"backwards": made[::-1], "at once": [doc.get_update()]}.get(order, made)
    with pytest.raises(ProtocolError):
        take(counting(), *updates)


@pytest.mark.parametrize("order", ["as made", "backwards"])
def test_a_chain_of_as_many_levels_as_are_allowed_is_taken(order):
    made = chain(DEPTH)
    take(counting(), *(made if order == "as made" else made[::-1]))


def test_a_chain_that_goes_from_client_to_client_ends():
    docs, made = [Doc() for _ in range(4)], []
    for level in range(DEPTH + 1):
        doc = docs[level % 4]
        for other in docs:
            doc.apply_update(other.get_update(doc.get_state()))
        at = doc.get("x", type=Array)
        for _ in range(level):
            at = at[0]
        state = doc.get_state()
        at.append(Array())
        made.append(doc.get_update(state))
    with pytest.raises(ProtocolError):
        take(counting(), *made)
    with pytest.raises(ProtocolError):
        take(counting(), docs[DEPTH % 4].get_update())


def test_a_chain_does_not_hide_beside_text():
    nesting, doc = counting(), Doc()

    def text_first(at):
        at.append(Text("some"))

    with pytest.raises(ProtocolError):
        take(nesting, *chain(DEPTH + 1, text_first, doc))
    nesting = counting()
    with pytest.raises(ProtocolError, match="beside text"):
        for clock in range(1, 2 * MAX_UNKNOWN_PLACES + 2, 2):  # an array beside something that was never seen
            take(nesting, b"\x01\x01\x07" + number(clock) + b"\x87\x08" + number(clock) + b"\x00" + b"\x00")


def number(value):
    return encode_number(value)


def test_an_ordinary_notebook_is_taken_however_it_is_made():
    doc = Doc()
    cells = doc.get("cells", type=Array)
    cells.extend([cell(number) for number in range(50)])
    nesting = counting(doc)
    rng = random.Random(7)
    docs = [Doc() for _ in range(3)]
    for one in docs:
        one.apply_update(doc.get_update())
    for turn in range(300):
        one = docs[turn % 3]
        state, there = one.get_state(), one.get("cells", type=Array)
        match rng.randrange(4):
            case 0:
                there.insert(rng.randrange(len(there)), cell(turn))
            case 1:
                there[rng.randrange(len(there))]["outputs"].append(Map({"output_type": "stream", "text": Array(["x"])}))
            case 2:
                there[rng.randrange(len(there))]["metadata"] = Map({"tags": Array(["x", "y"])})
            case 3:
                del there[rng.randrange(len(there))]
        update = one.get_update(state)
        take(nesting, update)
        if turn % 7 == 0:
            for other in docs:
                other.apply_update(one.get_update(other.get_state()))
    take(nesting, docs[0].get_update(), docs[1].get_update(), docs[2].get_update())


def cell(number):
    return Map(
        {
            "id": str(number),
            "cell_type": "code",
            "source": Text("text"),
            "outputs": Array(),
            "metadata": Map({"number": number}),
        }
    )


def test_what_the_library_refuses_is_not_noted():
    nesting, made = counting(), chain(DEPTH)
    for update in made:
        take(nesting, update)
        nesting.forget()
    take(nesting, *made)
    with pytest.raises(ProtocolError):
        take(nesting, *chain(DEPTH + 1))


def test_a_value_that_the_library_refuses_makes_no_place_known():
    nesting = counting()
    array, value = b"\x01\x01\x07\x00\x07\x01\x01x\x00\x00", b"\x01\x01\x07\x01\x08\x00\x07\x00\x01\x7d\x05\x00"
    take(nesting, array, value)
    nesting.forget()
    beside = b"\x01\x01\x07\x02\x87\x07\x01\x00\x00"
    take(nesting, *[beside] * MAX_UNKNOWN_PLACES)
    with pytest.raises(ProtocolError, match="beside text"):
        take(nesting, beside)


@pytest.mark.parametrize("size", [1, 2 * MAX_ASIDE_BYTES], ids=["laid aside", "read at once"])
def test_a_type_beside_a_value_is_known_to_stand_where_the_value_stands(size):
    doc, made = Doc(), []
    at = doc.get("x", type=Array)
    for _ in range(DEPTH + 1):
        for addition in ("v" * size, Array()):
            state = doc.get_state()
            at.append(addition)
            made.append(doc.get_update(state))
        at = at[len(at) - 1]
    take(counting(), *made[: 2 * DEPTH])
    with pytest.raises(ProtocolError, match="deeper"):
        take(counting(), *made)


def test_a_chain_does_not_hide_beside_a_value_that_stands_beside_text():
    nesting = counting()
    take(nesting, b"\x01\x01\x07\x00\x07\x01\x01x\x02\x00")
    with pytest.raises(ProtocolError, match="beside text"):
        for clock in range(1, 3 * MAX_UNKNOWN_PLACES + 4, 3):
            before, head = b"\x07" + number(clock - 1), b"\x01\x01\x07"
            text = head + number(clock) + b"\x84" + before + b"\x01a\x00"
            value = head + number(clock + 1) + b"\x88\x07" + number(clock) + b"\x01\x7d\x05\x00"
            array = head + number(clock + 2) + b"\x87\x07" + number(clock + 1) + b"\x00\x00"
            take(nesting, text, value, array)


def test_typing_is_laid_aside_within_a_bound():
    doc, made = Doc(), []
    shared = doc.get("state", type=Map)
    doc.observe(lambda event: made.append(event.update))
    for _ in range(MAX_ASIDE + 10):
        shared["dirty"] = True
    nesting = counting()
    take(nesting, *made)
    assert check_structs(made[-1], 64) is Makes.VALUES
    assert len(nesting._aside) == MAX_ASIDE and not nesting._containers
    made.clear()
    shared["dirty"] = Map()
    take(nesting, *made)
    assert not nesting._aside


def test_nobody_changes_the_document_in_the_server_s_name():
    doc = Doc(client_id=1)
    doc.get("x", type=Array).append(1)
    with pytest.raises(ProtocolError, match="name"):
        take(counting(), doc.get_update())
    nesting = Nesting({}, 1, lambda: 1, DEPTH)
    take(nesting, doc.get_update())


def test_nobody_writes_text_in_the_server_s_name():
    doc = Doc(client_id=1)
    doc.get("x", type=Text).insert(0, "a")
    with pytest.raises(ProtocolError, match="name"):
        take(counting(), doc.get_update())


def test_the_same_change_twice_is_no_matter_and_at_another_place_it_is_refused():
    nesting, made = counting(), chain(3)
    take(nesting, *made, *made)
    first = b"\x01\x01\x07\x05\x07\x00\x08\x01\x00\x00"  # client 7, clock 5: an array inside (8, 1)
    other = b"\x01\x01\x07\x05\x07\x00\x08\x02\x00\x00"
    take(nesting, first)
    with pytest.raises(ProtocolError, match="another place"):
        take(nesting, other)


@pytest.mark.parametrize("struct", [b"\x00\x05", b"\x81\x09\x00\x05"], ids=["forgotten", "deleted"])
def test_nothing_in_the_server_s_own_name_is_taken_be_it_forgotten_or_deleted(struct):
    nesting = counting(own=9)
    ahead = b"\x01\x01\x09\x00" + struct + b"\x00"
    with pytest.raises(ProtocolError, match="own name"):
        take(nesting, ahead)


@pytest.fixture
def soon(monkeypatch):
    """Settle whatever is noted as soon as anything is."""
    monkeypatch.setattr(nesting_module, "SETTLE_FROM", 1)


class Server:
    """A document, and the nesting of what participants make in it."""

    def __init__(self, doc=None):
        self.doc = doc or Doc()
        self.nesting = Nesting(decode_state_vector(self.doc.get_state()), 1, lambda: 0, DEPTH, self._there)

    def _there(self):
        state = self.doc.get_state()
        return decode_state_vector(state), self.doc.get_update(state)[1:]

    def take(self, *updates):
        for update in updates:
            take(self.nesting, update)
            said = []
            subscription = self.doc.observe(lambda event, said=said: said.append(event.update))
            self.doc.apply_update(update)
            self.doc.unobserve(subscription)
            if said != [update]:
                self.nesting.correct(b"".join(said))


def test_what_came_and_went_takes_no_space(soon):
    server, doc, made, sizes = Server(), Doc(), [], []
    doc.observe(lambda event: made.append(event.update))
    doc.get("stay", type=Map)["cell"] = cell(0)
    for number in range(200):
        doc.get("come and go", type=Map)[f"{number}"] = Map({"kind": "run", "options": Map({"of": Array([number])})})
        del doc.get("come and go", type=Map)[f"{number}"]
        server.take(*made)
        made.clear()
        sizes.append(server.nesting.size)
    assert max(sizes[100:]) <= max(sizes[:100]) < 40


def test_what_stays_is_noted_by_run(soon):
    server, doc, made = Server(), Doc(), []
    doc.observe(lambda event: made.append(event.update))
    for _ in range(100):
        doc.get("x", type=Array).append(Array(list(range(100))))
    server.take(*made)
    assert server.nesting.size < 1000  # of 10 100 ids


@pytest.mark.parametrize("before", [lambda _: None, neighbours, lambda at: at.extend([1, 2, 3])])
@pytest.mark.parametrize("order", ["as made", "backwards"])
def test_a_chain_ends_however_often_it_is_settled(before, order, soon):
    made = chain(DEPTH, before) if order == "as made" else chain(DEPTH)[::-1]
    Server().take(*made)
    with pytest.raises(ProtocolError, match="deeper"):
        Server().take(*chain(DEPTH + 1, before)[:: 1 if order == "as made" else -1])


def test_a_chain_does_not_hide_beside_what_was_deleted(soon):
    def come_and_go(at):
        at.append(Map({"a": 1}))
        del at[0]

    for levels in (DEPTH, DEPTH + 1):
        doc, made = Doc(), []
        doc.observe(lambda event, made=made: made.append(event.update))
        chain(levels, come_and_go, doc)
        if levels == DEPTH:
            Server().take(*made)
    with pytest.raises(ProtocolError, match="deeper"):
        Server().take(*made)


def test_what_people_who_were_away_put_into_what_was_deleted_meanwhile_is_taken(soon):
    doc = Doc()
    doc.get("x", type=Array).append(Map({"outputs": Array([Map()])}))
    server, away = Server(), Doc()
    server.take(doc.get_update())
    away.apply_update(doc.get_update())
    state = away.get_state()
    away.get("x", type=Array)[0]["outputs"].extend([Map({"a": Array()}) for _ in range(2 * MAX_UNKNOWN_PLACES)])
    deleted = doc.get_state()
    del doc.get("x", type=Array)[0]
    server.take(doc.get_update(deleted), *chain(2))
    assert (doc.client_id, 1) in server.nesting._settled
    server.take(away.get_update(state), *chain(2))
    assert len(server.doc.get("x", type=Array)) == 2


def test_what_has_not_arrived_is_not_settled(soon):
    server, made = Server(), chain(2)
    server.take(b"\x01\x01\x07\x01\x07\x01\x01x\x00\x00")  # client 7, clock 1: an array in a root; 0 is missing
    server.take(*made, *chain(2))
    assert (7, 1) in server.nesting._containers and (7, 1) not in server.nesting._settled


WAITS = (100, 5)
"""An array that waits for something that never comes."""


def array(at, place):
    return struct(at, b"\x07", b"\x00", place)


def values(at, place, content):
    return struct(at, b"\x08", content, place)


def struct(at, kind, content, place):
    """Return an update that makes one struct, beside something or ``inside`` it."""
    how, (client, clock) = place
    kind = bytes([kind[0] | 0x80]) if how == "beside" else kind + b"\x00"
    made = kind + number(client) + number(clock) + content
    return b"\x01\x01" + number(at[0]) + number(at[1]) + made + b"\x00"


def in_small_value(inner, clock):
    """Claim a place for a value that waits, then send it as it is, and an array beside it."""
    yield values((7, clock), ("beside", WAITS), b"\x01\x77" + number(300) + b"a" * 300)
    yield values((7, clock), ("inside", inner), b"\x01\x7d\x05")
    yield array((7, clock + 1), ("beside", (7, clock)))


def in_what_waits_beside_it(inner, clock):
    """Put an array beside another one that waits, and then send that as it is."""
    yield array((7, clock), ("beside", WAITS))
    yield array((7, clock + 1), ("beside", (7, clock)))
    yield array((7, clock), ("inside", inner))


def beside_one_of_many_values(inner, clock):
    """Claim a place for one of many values that are there."""
    yield values((7, clock), ("inside", inner), number(SHORT + 2) + b"\x7d\x05" * (SHORT + 2))
    yield values((7, clock + 50), ("beside", WAITS), b"\x01\x77" + number(300) + b"a" * 300)
    yield array((7, clock + SHORT + 2), ("beside", (7, clock + 50)))


@pytest.mark.parametrize("hidden", [in_small_value, in_what_waits_beside_it, beside_one_of_many_values])
@pytest.mark.parametrize("settled", [1, nesting_module.SETTLE_FROM], ids=["settled", "not settled"])
def test_a_chain_does_not_hide_behind_a_place_that_was_claimed_and_is_another(hidden, settled, monkeypatch):
    monkeypatch.setattr(nesting_module, "SETTLE_FROM", settled)
    server = Server()
    server.take(b"\x01\x01\x07\x00\x07\x01\x01x\x00\x00", array(WAITS, ("beside", (99, 0))))
    inner, clock, levels = (7, 0), 1, 0
    with pytest.raises(ProtocolError):
        for _ in range(2 * MAX_UNKNOWN_PLACES):
            for update in hidden(inner, clock):
                server.take(update)
            clock = decode_state_vector(server.doc.get_state())[7]
            inner, levels = (7, clock - 1), levels + 1
    assert levels <= (MAX_UNKNOWN_PLACES if hidden is beside_one_of_many_values else DEPTH)


def test_what_waited_is_known_where_it_is_as_soon_as_it_is_there():
    server, doc, made = Server(), Doc(), []
    doc.observe(lambda event: made.append(event.update))
    cells = doc.get("cells", type=Array)
    for count in range(5):
        cells.append(cell(count))
    server.take(*made[1:], *made[:1])
    assert len(server.doc.get("cells", type=Array)) == 5
    made.clear()
    for count in range(2 * MAX_UNKNOWN_PLACES):
        cells.append(cell(count))
    server.take(*made)
    assert len(server.doc.get("cells", type=Array)) == 5 + 2 * MAX_UNKNOWN_PLACES


def test_what_was_nested_too_deep_while_it_waited_grows_no_further():
    server = Server()
    server.take(b"\x01\x01\x07\x00\x07\x01\x01x\x00\x00", array(WAITS, ("beside", (99, 0))))
    server.take(*(array((7, clock + 1), ("inside", (7, clock))) for clock in range(DEPTH - 2)))
    server.take(array((8, 0), ("beside", WAITS)), array((8, 1), ("beside", (8, 0))))
    server.take(*(array((8, clock + 1), ("inside", (8, clock))) for clock in range(1, DEPTH - 1)))
    server.take(array((8, 0), ("inside", (7, DEPTH - 2))))
    assert decode_state_vector(server.doc.get_state())[8] == DEPTH
    with pytest.raises(ProtocolError, match="deeper"):
        server.take(array((9, 0), ("inside", (8, DEPTH - 1))))


def test_values_that_two_people_set_at_once_are_laid_aside_too_and_are_known_where_they_are(monkeypatch):
    server, people, made = Server(), [Doc(), Doc()], []
    for doc in people:
        doc.observe(lambda event: made.append(event.update))
        for _ in range(10):
            doc.get("state", type=Map)["dirty"] = True
    read = []
    monkeypatch.setattr(nesting_module, "items", lambda update: read.append(update) or nesting_items(update))
    server.take(*(one for both in zip(made[:10], made[10:], strict=True) for one in both))
    assert not read and len(server.nesting._aside) == 20
    made.clear()
    people[1].apply_update(server.doc.get_update())
    made.clear()
    people[1].get("state", type=Map)["dirty"] = Map()
    server.take(*made)
    assert len(read) == 21 and not server.nesting._lost
