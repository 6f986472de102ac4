"""Rules of jupyter_rtc.datastore.merge: what the disk changed and what people changed are both there."""

import copy
import random

import pytest
from pycrdt import Doc

from jupyter_rtc.datastore.content import shape_of
from jupyter_rtc.datastore.merge import merge

shape = shape_of("notebook")


def cell(name, source, kind="code", **more):
    extra = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"id": name, "cell_type": kind, "metadata": {}, "source": source, **extra, **more}


def notebook(*cells, minor=5, **metadata):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": list(cells)}


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
    def nameless(*texts):
        return notebook(*({k: v for k, v in cell("", t).items() if k != "id"} for t in texts), minor=4)

    content, _ = joined(nameless("one", "two"), nameless("one live", "two"), nameless("zero", "one", "two disk"))
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


@pytest.mark.parametrize("seed", range(400))
def test_nothing_that_either_side_wrote_is_lost_and_no_cell_is_there_twice(seed):
    rng = random.Random(seed)
    base = notebook(*(cell(f"c{i}", f"base {i}\nmore {i}\n") for i in range(rng.randrange(6))))
    sides = {name: edited(rng, base, name) for name in ("live", "disk")}
    content, _ = joined(base, sides["live"], sides["disk"])
    everything = "\n".join(sources(content))
    for name, side in sides.items():
        for word in "\n".join(sources(side)).split():
            if word.startswith(name):
                assert everything.count(word) == 1, f"seed {seed}: {word}"
    ids = [one["id"] for one in content["cells"]]
    assert len(ids) == len(set(ids)), f"seed {seed}"


def edited(rng, base, name):
    """Return a notebook with random edits, each marked by a word of its own."""
    made = copy.deepcopy(base)
    cells = made["cells"]
    for number in range(rng.randrange(6)):
        word = f"{name}{number}x"
        match rng.randrange(5):
            case 0:
                cells.insert(rng.randrange(len(cells) + 1), cell(f"{name}-{number}", word))
            case 1 if cells:
                one = rng.choice(cells)
                lines = one["source"].split("\n")
                lines.insert(rng.randrange(len(lines) + 1), word)
                one["source"] = "\n".join(lines)
            case 2 if cells:
                one = rng.choice(cells)
                one["source"] += f" {word}"
            case 3 if len(cells) > 1:
                cells.insert(rng.randrange(len(cells)), cells.pop(rng.randrange(len(cells))))
            case 4 if cells:
                index = rng.randrange(len(cells))
                if not any(mark in cells[index]["source"] for mark in ("live", "disk")):
                    del cells[index]
    return made
