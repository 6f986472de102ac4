"""Where the file of a document is that does not say it."""

import pytest
from jupyter_server_fileid.manager import ArbitraryFileIdManager, LocalFileIdManager

from jupyter_rtc.commands.file_index import paths_of
from jupyter_rtc.ids import application_room, file_id_of_path


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Jupyter's data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder))
    return folder


@pytest.mark.parametrize("kind", [LocalFileIdManager, ArbitraryFileIdManager])
def test_the_index_of_file_ids_says_where_a_file_is_below_the_server_s_folder(kind, data, tmp_path):
    root, other = tmp_path / "work", tmp_path / "other"
    for folder in (root / "deep", other):
        folder.mkdir(parents=True)
        (folder / "a.ipynb").write_text("{}")
    index = kind(root_dir=str(root), db_path=str(data / "file_id_manager.db"))
    room = f"json:notebook:{index.index('deep/a.ipynb')}"
    elsewhere = f"text:file:{kind(root_dir=str(other), db_path=index.db_path).index('a.ipynb')}"
    assert paths_of([room, elsewhere, "json:notebook:unknown", application_room("x")], root) == {
        room: "deep/a.ipynb",
        elsewhere: str(other / "a.ipynb"),
    }
    index.con.close()


def test_an_id_that_was_made_of_a_path_says_it(data, tmp_path):
    room = f"json:notebook:{file_id_of_path('deep/a.ipynb')}"
    assert paths_of([room], tmp_path) == {room: "deep/a.ipynb"}


@pytest.mark.parametrize("content", [None, b"", b"no database" * 100])
def test_where_there_is_no_index_nothing_is_known_and_nothing_is_made(content, data, tmp_path):
    if content is not None:
        (data / "file_id_manager.db").write_bytes(content)
    assert paths_of(["json:notebook:0b2c"], tmp_path) == {}
    assert [one.name for one in data.iterdir()] == ([] if content is None else ["file_id_manager.db"])
