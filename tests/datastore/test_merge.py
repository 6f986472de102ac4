"""Rules of jupyter_rtc.datastore.merge: what the disk changed and what people changed are both there."""

import copy
import json
import random
from collections import Counter

import pytest
from pycrdt import Array, Assoc, Doc

from jupyter_rtc.datastore.content import shape_of
from jupyter_rtc.datastore.merge import Merged, changes_elsewhere, merge
from jupyter_rtc.datastore.shared_cells import shared_cell
from jupyter_rtc.datastore.shared_text import edit_text

shape = shape_of("notebook")


def cell(name, source, kind="code", **more):
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"id": name, "cell_type": kind, "metadata": {}, "source": source, **extra, **more}


def notebook(*cells, minor=5, **metadata):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}


def nameless(one):
    return {key: value for key, value in one.items() if key != "id"}


def filled(content):
    doc = Doc()
    list(shape.fill(doc, content))
    return doc


def joined(base, live, disk, shape=shape):
    """Return what becomes of the live document, and the report."""
    base_doc, live_doc = Doc(), Doc()
    for _ in shape.fill(base_doc, base):
        pass
    live_doc.apply_update(base_doc.get_update())
    shape.change(live_doc, live)
    with live_doc.transaction():
        merged = merge(shape, live_doc, base_doc, disk)
    return shape.read(live_doc), merged


def sources(content):
    return [one["source"] for one in content["cells"]]


def test_edits_in_different_cells_are_both_there():
    base = notebook(cell("a", "one"), cell("b", "two"))
    content, merged = joined(
        base,
        notebook(cell("a", "one, live"), cell("b", "two")),
        notebook(cell("a", "one"), cell("b", "two, disk")),
    )
    assert sources(content) == ["one, live", "two, disk"]
    assert merged.changed and merged.conflicts == ()


def test_edits_of_the_same_line_leave_both_texts_and_name_the_cell():
    content, merged = joined(notebook(cell("a", "x = 1")), notebook(cell("a", "x = 2")), notebook(cell("a", "x = 3")))
    assert sources(content) == ["x = 2\nx = 3"] and merged.conflicts == ("a",)


def test_what_both_did_alike_is_there_once():
    base, same = notebook(cell("a", "x")), notebook(cell("a", "x y"), cell("n", "new"))
    content, merged = joined(base, same, same)
    assert sources(content) == ["x y", "new"] and not merged.changed


def test_a_cell_deleted_on_disk_goes_unless_a_person_edited_it():
    base = notebook(cell("a", "a"), cell("b", "b"))
    content, _ = joined(base, base, notebook(cell("a", "a")))
    assert sources(content) == ["a"]
    content, _ = joined(base, notebook(cell("a", "a"), cell("b", "b edited")), notebook(cell("a", "a")))
    assert sources(content) == ["a", "b edited"]


def test_a_cell_deleted_by_a_person_comes_back_if_the_disk_changed_it():
    base = notebook(cell("a", "a"), cell("b", "b"))
    content, _ = joined(base, notebook(cell("a", "a")), notebook(cell("a", "a"), cell("b", "b on disk")))
    assert sources(content) == ["a", "b on disk"]
    content, _ = joined(base, notebook(cell("a", "a")), base)
    assert sources(content) == ["a"]


def test_a_cell_moved_on_disk_keeps_what_a_person_typed_into_it():
    base = notebook(cell("a", "a"), cell("b", "b"), cell("c", "c"))
    live = notebook(cell("a", "a typed"), cell("b", "b"), cell("c", "c"))
    disk = notebook(cell("b", "b"), cell("c", "c"), cell("a", "a"))
    content, _ = joined(base, live, disk)
    assert sources(content) == ["b", "c", "a typed"]


def test_cells_without_ids_are_known_by_their_content():
    def texts(*all_of_them):
        return notebook(*(nameless(cell("", text)) for text in all_of_them), minor=4)

    content, _ = joined(texts("one", "two"), texts("one live", "two"), texts("zero", "one", "two disk"))
    assert sources(content) == ["zero", "one live", "two disk"]


def test_metadata_of_both_sides_is_joined_key_by_key():
    content, merged = joined(
        notebook(cell("a", "a"), k=1, l=1), notebook(cell("a", "a"), k=2, l=1), notebook(cell("a", "a"), k=1, l=3)
    )
    assert content["metadata"] == {"k": 2, "l": 3} and merged.conflicts == ()


def test_outputs_of_a_person_s_run_are_kept():
    ran = [{"output_type": "stream", "name": "stdout", "text": "live\n"}]
    content, _ = joined(
        notebook(cell("a", "a")),
        notebook(cell("a", "a", outputs=ran, execution_count=1)),
        notebook(cell("a", "a on disk")),
    )
    assert content["cells"][0]["outputs"] == ran and sources(content) == ["a on disk"]


def test_a_text_file_is_joined_line_by_line():
    text = shape_of("file")
    content, _ = joined("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", text)
    assert content == "A\nb\nC\n"


def test_of_two_versions_of_bytes_the_person_s_stays_and_the_conflict_is_said():
    blob = shape_of("blob")
    assert joined(b"a", b"a", b"disk", blob)[0] == b"disk"
    content, merged = joined(b"a", b"live", b"disk", blob)
    assert content == b"live" and merged.conflicts


def test_cells_that_the_disk_gave_new_ids_are_the_same_cells():
    base = notebook(cell("a", "import one"), cell("b", "two = 2"))
    content, _ = joined(
        base,
        notebook(cell("a", "import one, live"), cell("b", "two = 2")),
        notebook(cell("x", "import one"), cell("y", "two = 2"), cell("z", "three")),
    )
    assert [(one["id"], one["source"]) for one in content["cells"]] == [
        ("a", "import one, live"),
        ("b", "two = 2"),
        ("z", "three"),
    ]


def test_cells_of_a_format_without_ids_keep_those_that_they_have_in_the_document():
    base = notebook(*(nameless(cell("", text)) for text in ("one", "two", "three")), minor=4)
    base_doc, live = filled(base), Doc()
    live.apply_update(base_doc.get_update())
    before = [str(one["id"]) for one in live.get("cells", type=Array)]
    live.get("cells", type=Array)[1]["source"].insert(0, "live ")
    disk = notebook(*(nameless(cell("", text)) for text in ("one", "two", "three, disk", "four")), minor=4)
    with live.transaction():
        merge(shape, live, base_doc, disk)
    cells = live.get("cells", type=Array)
    assert [str(one["id"]) for one in cells][:3] == before
    assert [str(one["source"]) for one in cells] == ["one", "live two", "three, disk", "four"]


def test_a_cursor_in_a_cell_stays_while_the_disk_changes_other_lines_of_it():
    base_doc, live = filled(notebook(cell("a", "one\ntwo\nthree"))), Doc()
    live.apply_update(base_doc.get_update())
    source = live.get("cells", type=Array)[0]["source"]
    cursor = source.sticky_index(5, Assoc.BEFORE)
    with live.transaction():
        merge(shape, live, base_doc, notebook(cell("a", "zero\none\ntwo\n3")))
    with live.transaction():
        assert str(source)[: cursor.get_index()] == "zero\none\nt"


def test_what_the_document_has_already_changes_nothing_in_it():
    base_doc, live = filled(notebook(cell("a", "x"))), Doc()
    live.apply_update(base_doc.get_update())
    live.get("cells", type=Array)[0]["source"].insert(1, " and y")
    before = live.get_state()
    with live.transaction():
        assert merge(shape, live, base_doc, notebook(cell("a", "x and y"))) == Merged(changed=False)
    assert live.get_state() == before


@pytest.mark.parametrize("block", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 60))])
def test_random_lives_of_a_notebook(block):
    for seed in range(block * 100, block * 100 + 100):
        try:
            one_life(random.Random(seed))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}") from error


def one_life(rng):
    """Let the disk, people here and a person whose edits arrive late change one notebook, and check what remains.

    Each edit brings a word of its own. No word may be lost or doubled, no line that nobody touched either, and
    everybody sees the same in the end.
    """
    minor = rng.choice([4, 5, 5])
    cells = [cell(f"c{i}", "\n".join(f"base{i}{j}x" for j in range(rng.randrange(4)))) for i in range(rng.randrange(6))]
    base_doc = filled(notebook(*(cells if minor == 5 else map(nameless, cells)), minor=minor))
    live, late = Doc(), Doc()
    live.apply_update(base_doc.get_update())
    late.apply_update(base_doc.get_update())
    disk, touched = changed_on_disk(rng, shape.read(base_doc))
    touched |= changed_by_people(rng, live, "live")
    late_words = typed_late(rng, late)
    mine = shape.read(live)
    with live.transaction():
        merge(shape, live, base_doc, disk)
    found = shape.read(live)
    check_words(found, mine, disk, touched)
    with live.transaction():
        assert not merge(shape, live, filled(disk), disk).changed, "merging the same again is no change"
    late.apply_update(live.get_update())
    live.apply_update(late.get_update())
    assert shape.read(live) == shape.read(late)
    text = "\n".join(sources(shape.read(live)))
    assert all(text.count(word) <= 1 for word in late_words)
    if not touched and minor == 5:
        assert all(text.count(word) == 1 for word in late_words)


def check_words(found, mine, disk, touched):
    """Check that each word is there, and once.

    Without ids, a cell that was moved and rewritten may be taken for another: both stay then, lines are doubled.
    """
    has_ids = found["nbformat_minor"] == 5
    ids = [one["id"] for one in found["cells"]] if has_ids else []
    assert len(ids) == len(set(ids))
    words = Counter("\n".join(sources(found)).split())
    for side in (mine, disk):
        for word in "\n".join(sources(side)).split():
            if word.startswith(("live", "disk")) or (has_ids and word not in touched):
                assert words[word] == 1, word
            elif word not in touched:
                assert words[word] >= 1, word


def changed_on_disk(rng, content):
    """Return the content with random edits, and the words of the base that these touched."""
    made, touched = copy.deepcopy(content), set()
    cells = made["cells"]
    for number in range(rng.randrange(5)):
        word = f"disk{number}x"
        index = rng.randrange(len(cells)) if cells else 0
        match rng.randrange(6):
            case 0:
                new = cell(f"disk-{number}", word)
                cells.insert(index, new if made["nbformat_minor"] == 5 else nameless(new))
            case 1 if cells:
                cells.insert(rng.randrange(len(cells)), cells.pop(index))
                touched.add("moved")
            case 2 if cells and "disk" not in cells[index]["source"]:
                touched |= set(cells.pop(index)["source"].split()) | {"deleted"}
            case 3 if cells and made["nbformat_minor"] == 5:
                cells[index]["id"] = f"renamed-{number}"
                touched |= set(cells[index]["source"].split()) | {"renamed"}
            case _ if cells:
                cells[index]["source"], words = edited(rng, cells[index]["source"], word)
                touched |= words
    return made, touched


def changed_by_people(rng, doc, name):
    """Make random edits as frontends make them; return the words of the base that these touched."""
    touched, cells = set(), doc.get("cells", type=Array)
    for number in range(rng.randrange(5)):
        word = f"{name}{number}x"
        index = rng.randrange(len(cells)) if len(cells) else 0
        match rng.randrange(5):
            case 0:
                cells.insert(index, shared_cell(cell(f"{name}-{number}", word)))
            case 1 if len(cells):
                moved = json.loads(str(cells[index]))
                del cells[index]
                cells.insert(rng.randrange(len(cells) + 1), shared_cell(moved))
                touched.add("moved")
            case 2 if len(cells) > 1 and name not in str(cells[index]["source"]):
                touched |= set(str(cells[index]["source"]).split()) | {"deleted"}
                del cells[index]
            case _ if len(cells):
                new, words = edited(rng, str(cells[index]["source"]), word)
                edit_text(cells[index]["source"], new)
                touched |= words
    return touched


def typed_late(rng, doc):
    """Type a word into some cells, at the very beginning."""
    words = []
    for number, one in enumerate(doc.get("cells", type=Array)):
        if rng.random() < 0.3:
            words.append(f"late{number}x")
            one["source"].insert(0, f"late{number}x ")
    return words


def edited(rng, source, word):
    """Return the text with one edit that brings a word, and the words of the base that it touched."""
    lines = source.split("\n")
    at = rng.randrange(len(lines))
    touched = set()
    match rng.randrange(4):
        case 0:
            lines.insert(at, word)
        case 1:
            touched = set(lines[at].split())
            lines[at] = f"{lines[at]} {word}" if rng.random() < 0.5 else f"{word} {lines[at]}"
        case 2 if not any(mark in lines[at] for mark in ("live", "disk")):
            touched = set(lines[at].split())
            lines[at] = word
        case _:
            lines.append(word)
    return "\n".join(lines), touched


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "is_elsewhere"),
    [
        ("a\nb\n", "live\na\nb\n", "a\nb, too\n", True),
        ("a\nb\nc\n", "a\nb\n", "a, too\nb\nc\n", True),
        ("a b c\n", "a b c live\n", "and a b c\n", True),
        ("a\nb\n", "live\na\nb\n", "LIVE\na\nb\n", False),
        ("a\nb\n", "live\na\nb\n", "live\na\nb, too\n", False),
        ("a\nb\n", "\ta\nb\n", "    a\nb\n", False),
        ("x =\n", "x = ''\n", 'x = ""\n', False),
        ("x\n", "x\n( 1 )\n", "x\n1\n", False),
        ("a\nb\n", "a\nb\n", "a\nb, too\n", False),
    ],
)
def test_who_did_not_see_a_change_wrote_in_other_places_only(before, ours, theirs, is_elsewhere):
    assert changes_elsewhere(shape_of("file"), before, ours, theirs) is is_elsewhere
    sides = (notebook(cell("a", text), cell("b", "same")) for text in (before, ours, theirs))
    assert changes_elsewhere(shape, *sides) is is_elsewhere


def test_what_strips_outputs_saw_them():
    output = {"output_type": "stream", "name": "stdout", "text": "2"}
    before, ours = notebook(cell("a", "1")), notebook(cell("a", "2", outputs=[output]))
    assert not changes_elsewhere(shape, before, ours, notebook(cell("a", "2"), stripped=True))
