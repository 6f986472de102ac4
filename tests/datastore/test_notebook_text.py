"""Rules of jupyter_rtc.datastore.notebook_text: an edit changes its own lines of the file and no others."""

import copy
import difflib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.meaning import digest_notebook
from jupyter_rtc.datastore.notebook import NotebookShape
from jupyter_rtc.datastore.notebook_text import NotebookText

from .notebooks import cells, metadata, notebooks, real_notebooks
from .test_notebook import filled, parsed

shape = NotebookShape()

ODD = r"""{"nbformat_minor": 5, "nbformat": 4,
  "custom": {"program": "other"},
  "metadata": {"trust": 1.0, "few": 1e2, "kernelspec": {"name": "", "display_name": ""}, "signature": "s"},
  "cells": [
    {"source": ["a \u003c b\n",
                "second"], "id": "one", "cell_type": "code", "metadata": {"trusted": true, "collapsed" :false},
     "outputs": [{"output_type": "stream", "text": ["1\n2\n", "3"], "name": "stdout"},
                 {"output_type": "display_data",
                  "data": {"text/plain": ["x"], "image/png": ["iVBO\n", "Rw0K"], "application/json": ["a", "b"]},
                  "metadata": {}, "transient": {"display_id": "d"}}], "execution_count": 3},
    {"cell_type": "markdown", "id": "two", "metadata": {}, "attachments": {}, "source": "caf\u00e9"}
  ]
}

"""


def of_document(original):
    """Return the notebook as a document gives it back."""
    return shape.read(filled(json.loads(original)))


def differences(before, after):
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:3] not in ("---", "+++") and not line.startswith("@@")]


def test_nothing_changes_where_nobody_edited_however_odd_the_file_is():
    assert NotebookText(ODD).rewritten(of_document(ODD)) == ODD


def test_one_edited_line_is_one_changed_line():
    notebook = of_document(ODD)
    notebook["cells"][0]["source"] = "a < b\nsecond, é"
    assert NotebookText(ODD).rewritten(notebook) == ODD.replace('"second"]', '"second, \\u00e9"]')


def test_a_text_that_was_a_string_stays_a_string():
    notebook = of_document(ODD)
    notebook["cells"][1]["source"] = "two\nlines"
    assert '"source": "two\\nlines"}' in NotebookText(ODD).rewritten(notebook)


def test_a_deleted_cell_takes_only_its_own_lines_along():
    notebook = of_document(ODD)
    del notebook["cells"][0]
    before, after = ODD, NotebookText(ODD).rewritten(notebook)
    assert all(line.startswith("-") for line in differences(before, after))
    assert [cell["id"] for cell in json.loads(after)["cells"]] == ["two"]


def test_metadata_is_changed_key_by_key():
    notebook = of_document(ODD)
    notebook["metadata"]["new"] = [1]
    after = NotebookText(ODD).rewritten(notebook)
    assert '"trust": 1.0, "few": 1e2, "kernelspec"' in after and '"signature": "s", "new": [1]}' in after


def test_an_image_in_lines_stays_in_lines_beside_an_edit():
    edited = of_document(ODD)
    edited["cells"][0]["outputs"][1]["data"]["text/plain"] = "y"
    removed, added = differences(ODD, NotebookText(ODD).rewritten(edited))
    assert added == "+" + removed[1:].replace('["x"]', '["y"]')
    assert r'["iVBO\n", "Rw0K"]' in added


def test_a_list_in_metadata_that_became_a_text_is_one():
    text = '{"cells": [], "metadata": {"x": {"lines": [], "name": ["a\\n", "b"]}}, "nbformat": 4, "nbformat_minor": 5}'
    edited = json.loads(text)
    edited["metadata"]["x"] = {"lines": "", "name": "a\nb"}
    assert json.loads(NotebookText(text).rewritten(edited)) == edited


def test_a_new_key_has_its_place_where_keys_are_sorted():
    original = '{"cells": [], "metadata": {"a": 1.0, "c": 3}, "nbformat": 4, "nbformat_minor": 5}'
    notebook = {"cells": [], "metadata": {"a": 1, "b": 2, "c": 3}, "nbformat": 4, "nbformat_minor": 5}
    assert NotebookText(original).rewritten(notebook) == original.replace('"c"', '"b": 2, "c"')


def test_a_notebook_that_was_given_a_kernel_has_it():
    notebook = of_document(ODD)
    notebook["metadata"]["kernelspec"] = {"name": "python3", "display_name": "Python"}
    after = json.loads(NotebookText(ODD).rewritten(notebook))
    assert after["metadata"]["kernelspec"] == {"name": "python3", "display_name": "Python"}


def test_a_cell_that_became_markdown_has_no_outputs():
    notebook = of_document(ODD)
    notebook["cells"][0] = {"id": "one", "cell_type": "markdown", "metadata": {}, "source": "text"}
    after = json.loads(NotebookText(ODD).rewritten(notebook))
    assert after["cells"][0].keys() == {"source", "id", "cell_type", "metadata"}


def test_a_new_cell_looks_like_the_others():
    original = json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [{"id": "a", "cell_type": "markdown", "source": ["one"], "metadata": {}}],
        },
        indent=2,
    )
    notebook = of_document(original)
    notebook["cells"].append({"metadata": {"trusted": True}, "source": "x\ny", "cell_type": "markdown", "id": "b"})
    expected = json.loads(original)
    expected["cells"].append({"id": "b", "cell_type": "markdown", "source": ["x\n", "y"], "metadata": {}})
    assert NotebookText(original).rewritten(notebook) == json.dumps(expected, indent=2)


def test_windows_line_ends_are_kept():
    original = json.dumps(json.loads(ODD), indent=1).replace("\n", "\r\n")
    notebook = of_document(original)
    notebook["cells"].insert(0, {"id": "n", "cell_type": "raw", "metadata": {}, "source": "new"})
    after = NotebookText(original).rewritten(notebook)
    assert after.count("\n") == after.count("\r\n") > original.count("\r\n")


@given(notebooks(), st.sampled_from([None, 1, 2, "\t"]), st.booleans(), st.data())
def test_edited_cells_are_as_edited_and_all_others_keep_their_characters(notebook, indent, ascii_only, data):
    original = json.dumps(notebook, indent=indent, ensure_ascii=ascii_only)
    edited = of_document(original)
    touched = data.draw(st.sets(st.integers(0, len(edited["cells"]) - 1)))
    for index in touched:
        replacement = data.draw(cells())
        if "id" in edited["cells"][index]:
            replacement["id"] = edited["cells"][index]["id"]
        edited["cells"][index] = replacement
    edited["metadata"] = data.draw(metadata)
    after = NotebookText(original).rewritten(copy.deepcopy(edited))
    assert digest_notebook(json.loads(after)) == digest_notebook(edited)
    for index, cell in enumerate(notebook["cells"]):
        if index not in touched and edited["nbformat_minor"] == 5:
            text = json.dumps(cell, indent=indent, ensure_ascii=ascii_only)
            pad = "" if indent is None else (indent if isinstance(indent, str) else " " * indent) * 2
            assert text.replace("\n", "\n" + pad) in after


@pytest.mark.parametrize("path", real_notebooks())
def test_every_real_notebook_can_lose_gain_and_change_a_cell(path):
    original = path.read_text()
    notebook = shape.read(filled(parsed(path)))
    notebook["cells"] = [*notebook["cells"][1:], {"cell_type": "markdown", "metadata": {}, "source": "é\nlast"}]
    if notebook["nbformat_minor"] == 5:
        notebook["cells"][-1]["id"] = "last"
    after = NotebookText(original).rewritten(notebook)
    assert digest_notebook(json.loads(after)) == digest_notebook(notebook)
