"""Rules of jupyter_rtc.protocol.items."""

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.protocol.bounds import decode_state_vector
from jupyter_rtc.protocol.items import items, reaches

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
steps = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["text", "delete", "values", "map", "array"]), words), max_size=20
)


@given(steps)
def test_every_item_of_an_update_is_found_at_its_clock(made):
    docs = [Doc(), Doc()]
    for who, what, word in made:
        doc = docs[who]
        change(doc, what, word)
        docs[1 - who].apply_update(doc.get_update(docs[1 - who].get_state()))
    ends = {}
    for item in items(docs[0].get_update()):
        assert item.length > 0 and item.clock >= ends.get(item.client, 0)
        ends[item.client] = item.clock + item.length
    clocks = decode_state_vector(docs[0].get_state())
    assert all(end <= clocks[client] for client, end in ends.items())
    assert reaches(docs[0].get_update()) == clocks, "what was deleted, and what nobody needs any more, counts too"
    if not any(what == "delete" for _, what, _ in made):
        assert ends == clocks


def change(doc, what, word):
    source, values = doc.get("source", type=Text), doc.get("values", type=Array)
    match what:
        case "text":
            source.insert(0, word)
        case "delete":
            if len(source):
                source.clear()
        case "values":
            values.extend([word, 1, None])
        case "map":
            values.insert(0, Map({"word": word, "text": Text(word)}))
        case "array":
            values.append(Array([word, Array([1])]))


def test_an_item_names_its_parent_or_a_neighbour():
    doc = Doc()
    values = doc.get("values", type=Array)
    values.append(Array(["x"]))
    values.append(Map({}))
    outer, inner, beside = items(doc.get_update())
    who = doc.client_id
    assert (outer.parent, outer.beside, outer.is_type) == (None, None, True)
    assert (inner.parent, inner.beside, inner.is_type) == ((who, 0), None, False)
    assert (beside.parent, beside.beside, beside.is_type) == (None, (who, 0), True)
