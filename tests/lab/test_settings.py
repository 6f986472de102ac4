"""Rules of jupyter_rtc.lab.settings."""

from pathlib import Path

import pytest
from traitlets.config import Config

from jupyter_rtc.app import JupyterRtc
from jupyter_rtc.lab.settings import OurSettings, YDocExtension, unused_settings

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
NAMES = [
    f"{owner}.{name}"
    for owner, kind in (("YDocExtension", YDocExtension), ("JupyterRtc", OurSettings))
    for name in sorted(kind.class_own_traits(config=True))
]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_in_the_docs(name):
    assert f"`{name}`" in PAGE


def test_the_settings_of_jupyter_collaboration_are_those_of_our_extension():
    app = JupyterRtc(config=Config({"YDocExtension": {"document_save_delay": 3.5, "document_cleanup_delay": None}}))
    assert app.document_save_delay == 3.5 and app.document_cleanup_delay is None
    assert app._file_settings().pace.save_delay == 3.5


def test_no_save_delay_means_that_documents_are_saved_when_somebody_asks():
    app = JupyterRtc(config=Config({"YDocExtension": {"document_save_delay": None}}))
    assert not app._file_settings().autosave


def test_settings_without_a_meaning_here_are_named():
    config = Config(
        {
            "YDocExtension": {"document_save_delay": 1, "session_store_path": "x"},
            "SQLiteYStore": {"db_path": "x"},
        }
    )
    assert unused_settings(config) == ["YDocExtension.session_store_path", "SQLiteYStore.db_path"]
