"""The settings of jupyter-collaboration, as far as they mean something here, and our own beside them.

``YDocExtension`` bears jupyter-collaboration's name, so that config files (``c.YDocExtension.…``) and command lines
(``--YDocExtension.…``) go on working. Settings that have no meaning here are accepted, and named in one warning.
"""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

UNUSED = frozenset(
    {
        "document_load_progressively",
        "file_stop_poll_on_errors_after",
        "notebook_output_delay_threshold_mb",
        "session_store_path",
        "ystore_class",
    }
)
"""Settings of jupyter-collaboration that this server does not need."""

UNUSED_CLASSES = ("SQLiteYStore", "TempFileYStore", "BaseYStore", "FileYStore")
"""Its stores; ours is set by ``JupyterRtc.store_path`` and ``store_durability``."""


class YDocExtension(Configurable):
    """The settings that a user of jupyter-collaboration has."""

    disable_rtc = Bool(False, help="Whether documents are not shared: JupyterLab then saves them itself.").tag(
        config=True
    )
    file_poll_interval = Float(
        2.0,
        allow_none=True,
        help="Seconds between two looks at an open file that nothing watches; 0 or None: only when saving.",
    ).tag(config=True)
    document_cleanup_delay = Float(
        60.0,
        allow_none=True,
        help="Seconds that a document stays open after its last user left; None: until the server stops.",
    ).tag(config=True)
    document_save_delay = Float(
        1.0,
        allow_none=True,
        help="Seconds of silence after which a document is saved; None: only when somebody asks for it.",
    ).tag(config=True)

    server_side_execution = Bool(
        True,
        help="Whether the server runs JupyterLab's cells, so that a run goes on without a browser; "
        "otherwise each browser runs them by its own connection to the kernel.",
    ).tag(config=True)

    document_load_progressively = Bool(False, help="Not used: every document is loaded in slices.").tag(config=True)
    file_stop_poll_on_errors_after = Float(None, allow_none=True, help="Not used: polling slows down by itself.").tag(
        config=True
    )
    notebook_output_delay_threshold_mb = Float(None, allow_none=True, help="Not used.").tag(config=True)
    session_store_path = Unicode(None, allow_none=True, help="Not used: histories are known by the store.").tag(
        config=True
    )
    ystore_class = Unicode(None, allow_none=True, help="Not used: see store_path.").tag(config=True)


class OurSettings(Configurable):
    """The settings that jupyter-collaboration does not have."""

    document_save_delay_max = Float(
        10.0, help="Seconds after which a document is saved although somebody still types."
    ).tag(config=True)
    store_path = Unicode(
        "", help="The file of the log; empty: one for each root folder, in Jupyter's data folder."
    ).tag(config=True)
    store_durability = Enum(
        ("normal", "full"),
        default_value="normal",
        help="What a change survives once others have seen it: normal: the end of the process; full: a power cut too.",
    ).tag(config=True)
    store_max_bytes = Int(
        None, allow_none=True, help="How large the log's file may grow; None: as large as the disk lets it."
    ).tag(config=True)
    outbox_bytes = Int(
        8 * 2**20, help="Bytes that may wait for one slow connection before it is resynchronised instead."
    ).tag(config=True)
    max_shared_stream_bytes = Int(
        2**20,
        allow_none=True,
        help="Bytes of one stream of a cell's outputs that are shared; the file has all of it. None: no limit.",
    ).tag(config=True)
    max_shared_output_bytes = Int(
        10 * 2**20,
        allow_none=True,
        help="Bytes of one other output that is shared; of a larger one a link is. None: no limit.",
    ).tag(config=True)
    max_shared_cell_bytes = Int(
        20 * 2**20,
        allow_none=True,
        help="Bytes of one cell's outputs that are shared; the file has all of them. None: no limit.",
    ).tag(config=True)
    record_timing = Bool(
        False, help="Whether the metadata of cells that the server runs say when they ran, as JupyterLab can record it."
    ).tag(config=True)
    max_message_bytes = Int(100 * 2**20, help="Bytes of one message from a client.").tag(config=True)


def unused_settings(config: Any) -> list[str]:
    """Return the settings in a configuration that have no meaning here, as an administrator wrote them."""
    own = config.get("YDocExtension", {})
    found = [f"YDocExtension.{name}" for name in sorted(own) if name in UNUSED]
    for name in UNUSED_CLASSES:
        found += [f"{name}.{setting}" for setting in sorted(config.get(name, {}))]
    return found
