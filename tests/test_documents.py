"""Rules of jupyter_rtc.documents: the interfaces in which relay and supernode meet."""

import inspect

from jupyter_rtc.documents import Document, Documents, Keeper, Relay, SaveStatus
from jupyter_rtc.relay.hub import Hub
from jupyter_rtc.relay.live import LiveDocument
from jupyter_rtc.supernode.file import FileKeeper


def names(protocol):
    return {name for name, _ in inspect.getmembers(protocol) if not name.startswith("_")}


def test_the_relay_s_document_is_a_document():
    assert names(Document) <= names(LiveDocument)


def test_the_hub_gives_documents():
    assert names(Documents) <= names(Hub)


def test_the_hub_tells_who_is_where():
    assert names(Relay) <= names(Hub)


def test_a_file_s_keeper_is_a_keeper():
    assert names(Keeper) <= names(FileKeeper)


def test_the_answers_to_a_save_are_jupyterlab_s_words():
    assert {status.value for status in SaveStatus} == {"success", "skipped", "failed"}
