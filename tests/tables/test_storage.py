"""The places in which records lie."""

import pytest
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import RecordMissing, WrongValue
from jupyter_rtc.tables import Datastore, Keyed, Roots, Schema, Single, Table, list_of, register, text

from .conftest import heard_by

META = Table("notebooks", {"nbformat": register(int, 4), "name": register(str, "")}, Single("meta", "notebook"))
FILE = Table("text_content", {"source": text(), "lines": list_of()}, Roots("file"))
KERNELS = Table("kernels", {"state": register(str), "generation": register(int, 0)}, Keyed(plain=True))


@pytest.fixture
def store():
    return Datastore(Doc(), Schema([META, FILE, KERNELS], version=None))


def test_a_root_map_is_the_only_record(store):
    notebooks = store["notebooks"]
    heard = heard_by(notebooks)
    assert notebooks.ids() == [] and notebooks.get("notebook") is None
    notebook = notebooks.create(name="a")
    assert store.doc.get("meta", type=Map).to_py() == {"nbformat": 4, "name": "a"}
    notebook["name"] = "b"
    with pytest.raises(WrongValue, match="The only record"):
        notebooks.create(id="other", name="x")
    notebook.delete()
    assert [one.kind for one in heard] == ["created", "updated", "deleted"] and len(notebooks) == 0


def test_a_root_of_the_document_is_a_field(store):
    files = store["text_content"]
    heard = heard_by(files)
    file = files["file"]
    file.text("source").append("é")
    file["lines"] = [1]
    with store.transaction():
        file.update(source="x", lines=[1, 2])
    assert str(store.doc.get("source", type=Text)) == "x" and store.doc.get("lines", type=Array).to_py() == [1, 2]
    assert [sorted(one.fields) for one in heard] == [["source"], ["lines"], ["lines", "source"]]
    assert heard[-1].before == {"source": "é", "lines": [1]}
    files.create(source="again")
    assert file["source"] == "again" and file["lines"] == []
    file.delete()
    assert file.as_dict() == {"source": "", "lines": []} and files.ids() == ["file"]
    with pytest.raises(RecordMissing):
        files["other"]


def test_a_plain_record_is_one_value(store):
    kernels = store["kernels"]
    heard = heard_by(kernels)
    kernel = kernels.create(id="k", state="idle")
    kernel["state"] = "busy"
    found = store.doc.get("kernels", type=Map)["k"]
    assert found == {"state": "busy", "generation": 0}
    assert [sorted(one.fields) for one in heard] == [["generation", "state"], ["state"]]
    kernel.delete()
    assert len(kernels) == 0 and heard[-1].kind == "deleted"
