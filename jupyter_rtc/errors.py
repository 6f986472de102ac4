"""Every error that this package raises, as one tree.

::

    RtcError                          carries its answer: HTTP status, close code, words
    ├── ParticipantError              the sender is at fault; only the sender is told and closed
    │   ├── ProtocolError             its bytes are not a message we know
    │   │   └── MessageTooLarge
    │   ├── NotAllowed                its user may not do this
    │   └── EpochMismatch             it holds another history of the document; it must reload
    ├── DocumentError                 this document cannot be opened or written; others are unharmed
    │   ├── DocumentMissing
    │   ├── DocumentUnreadable        there is a file, but its content is not what it should be
    │   ├── DocumentQuarantined       it stopped the server while loading, several times
    │   ├── DocumentUnavailable       whoever keeps the file failed: permission, disk, a remote store
    │   └── HistoryUnavailable        its history cannot be read now; who has a copy keeps it, and comes back
    ├── RunError                      this run cannot be; nothing was run
    │   ├── RunStale                  the cell is not as its author saw it
    │   └── KernelUnavailable         there is no such kernel, or it does not answer
    ├── TableError                    tables cannot do what is asked of them; nothing was changed
    │   ├── UnknownTable              the schema has no such table
    │   ├── UnknownField              the table has no such field
    │   ├── WrongValue                the field takes no such value
    │   ├── RecordMissing             there is no such record, or not any more
    │   ├── RecordExists              there is one with this id already
    │   └── SchemaNewer               the document was written by a newer version of its application
    ├── ClientError                   a program's client cannot do what is asked of it
    │   ├── ServerUnreachable         nobody answers at the address
    │   ├── LoginRefused              the server does not know this token or cookie
    │   ├── ExtensionMissing          there is a Jupyter server, but without this extension
    │   ├── ServerRefused             the server said no to a request, in words
    │   ├── CellStale                 the cell is not as the program saw it; carries what it says now
    │   ├── ChangesLost               what was changed here can never reach the server; carries it
    │   ├── NotSaved                  the file could not be written
    │   ├── RequestFailed             the server did not do what it was asked to, in words
    │   ├── TextStale                 the text is not as the program saw it; carries what it says now
    │   └── RunFailed                 a run ended otherwise than well
    └── StoreError                    our own disk
        ├── StoreUnavailable          cannot be read or written now; try again
        ├── StoreCorrupt              what was read is not what was written
        └── StoreNewer                written by a newer version of this package

Rules: an error says what happened, why, and what to do, in one or two plain sentences; its text
may be shown to a user, so it names no machine path and no secret. Subclasses exist only where a
caller acts differently.
"""

from __future__ import annotations

__all__ = [
    "CellStale",
    "ChangesLost",
    "ClientError",
    "DocumentError",
    "DocumentMissing",
    "DocumentQuarantined",
    "DocumentUnavailable",
    "DocumentUnreadable",
    "EpochMismatch",
    "ExtensionMissing",
    "HistoryUnavailable",
    "KernelUnavailable",
    "LoginRefused",
    "MessageTooLarge",
    "NotAllowed",
    "NotSaved",
    "ParticipantError",
    "ProtocolError",
    "RecordExists",
    "RecordMissing",
    "RequestFailed",
    "RtcError",
    "RunError",
    "RunFailed",
    "RunStale",
    "SchemaNewer",
    "ServerRefused",
    "ServerUnreachable",
    "StoreCorrupt",
    "StoreError",
    "StoreNewer",
    "StoreUnavailable",
    "TableError",
    "TextStale",
    "UnknownField",
    "UnknownTable",
    "WrongValue",
    "is_panic",
]


class RtcError(Exception):
    """Something went wrong, and this is the answer to give.

    ``code`` is a stable word for programs, ``close_code`` closes a websocket (RFC 6455 section 7.4;
    44xx and 45xx are the codes that JupyterLab's frontends understand), ``status`` answers HTTP.
    """

    code = "error"
    close_code = 1011
    status = 500

    @property
    def words(self) -> str:
        """The sentence for a person."""
        return str(self) or self.code


class ParticipantError(RtcError):
    """The sender is at fault."""

    code = "bad_request"
    close_code = 1008
    status = 400


class ProtocolError(ParticipantError):
    """The bytes are not a message that we know, or break a bound on foreign bytes."""

    code = "protocol_error"
    close_code = 1007


class MessageTooLarge(ProtocolError):
    """The message is larger than this server takes."""

    code = "message_too_large"
    close_code = 1009
    status = 413


class NotAllowed(ParticipantError):
    """The user behind the connection may not do this."""

    code = "not_allowed"
    close_code = 4403
    status = 403


class EpochMismatch(ParticipantError):
    """The participant holds another history of the document than this server: it must reload."""

    code = "unknown_session"
    close_code = 1003
    status = 409


class DocumentError(RtcError):
    """This document cannot be opened or written."""

    code = "document_error"
    close_code = 4500


class DocumentMissing(DocumentError):
    """There is no such file."""

    code = "missing"
    close_code = 4404
    status = 404


class DocumentUnreadable(DocumentError):
    """The file's content is not what its type asks for."""

    code = "unreadable"
    close_code = 4400
    status = 400


class DocumentQuarantined(DocumentError):
    """The document's history stopped the server several times while it was loaded."""

    code = "quarantined"
    status = 423


class DocumentUnavailable(DocumentError):
    """Whoever keeps the file cannot give or take it now."""

    code = "unavailable"
    status = 503


class HistoryUnavailable(DocumentError):
    """The document's history cannot be read now. Whoever is told so keeps what it has, and dials again by itself."""

    code = "history_unavailable"
    close_code = 1013
    status = 503


class RunError(RtcError):
    """What was asked for cannot be run: there is no such cell, or it holds no code."""

    code = "cannot_run"
    status = 400


class RunStale(RunError):
    """The cell's text is not the one that its author saw."""

    code = "source_mismatch"
    status = 409

    def __init__(self, words: str, cell_id: str, source: str) -> None:
        """Name the cell, and its text as it is now."""
        super().__init__(words)
        self.cell_id = cell_id
        self.source = source


class KernelUnavailable(RunError):
    """There is no such kernel, or it does not answer."""

    code = "no_kernel"
    status = 404


class TableError(RtcError):
    """What is asked of a document's tables cannot be; nothing was changed."""

    code = "table_error"
    status = 400


class UnknownTable(TableError):
    """The schema has no table of this name."""

    code = "unknown_table"
    status = 404


class UnknownField(TableError):
    """The table's records have no field of this name."""

    code = "unknown_field"


class WrongValue(TableError):
    """The field takes no such value, or the place is none of the text, list or map."""

    code = "wrong_value"


class RecordMissing(TableError):
    """There is no record with this id, or not any more."""

    code = "no_record"
    status = 404


class RecordExists(TableError):
    """There is a record with this id already."""

    code = "record_exists"
    status = 409


class SchemaNewer(TableError):
    """The document was written with a newer version of this schema."""

    code = "schema_newer"
    status = 409


class ClientError(RtcError):
    """What a program asked its client for cannot be."""

    code = "client_error"
    status = 400


class ServerUnreachable(ClientError):
    """Nobody answers at the address, or not as a Jupyter server would."""

    code = "unreachable"
    status = 503


class LoginRefused(ClientError):
    """The server does not know this token or cookie."""

    code = "login_refused"
    status = 403


class ExtensionMissing(ClientError):
    """There is a Jupyter server, but jupyter_rtc is not switched on in it."""

    code = "no_extension"
    status = 404


class ServerRefused(ClientError):
    """The server said no to a request."""

    code = "refused"

    def __init__(self, words: str, status: int = 400) -> None:
        """Take its words, and the HTTP status that came with them."""
        super().__init__(words)
        self.status = status


class CellStale(ClientError):
    """The cell is not as the program saw it. Nothing was done."""

    code = "cell_stale"
    status = 409

    def __init__(self, words: str, cell_id: str, source: str, revision: str) -> None:
        """Name the cell, what it says now, and the revision to expect next time."""
        super().__init__(words)
        self.cell_id = cell_id
        self.source = source
        self.revision = revision


class TextStale(ClientError):
    """The text file is not as the program saw it. Nothing was done."""

    code = "text_stale"
    status = 409

    def __init__(self, words: str, source: str, revision: str) -> None:
        """Take what the file says now, and the revision to expect next time."""
        super().__init__(words)
        self.source = source
        self.revision = revision


class ChangesLost(ClientError):
    """What was changed here can never reach the server."""

    code = "changes_lost"
    status = 409

    def __init__(self, words: str, changes: tuple[object, ...] = (), reason: RtcError | None = None) -> None:
        """Hand the changes back, as far as the server does not have them, and say why."""
        super().__init__(words)
        self.changes = changes
        self.reason = reason


class NotSaved(ClientError):
    """The file could not be written; what was changed is still in the document."""

    code = "not_saved"
    status = 503


class RequestFailed(ClientError):
    """The server did not do what it was asked to."""

    code = "request_failed"

    def __init__(self, words: str, name: str) -> None:
        """Take the server's words, and what it was asked to do."""
        super().__init__(words)
        self.name = name


class RunFailed(ClientError):
    """A run ended otherwise than well."""

    code = "run_failed"

    def __init__(self, words: str, ename: str = "", evalue: str = "", traceback: tuple[str, ...] = ()) -> None:
        """Take what the code raised, or why it did not run."""
        super().__init__(words)
        self.ename, self.evalue, self.traceback = ename, evalue, traceback


class StoreError(RtcError):
    """The log cannot be used."""

    code = "store_error"


class StoreUnavailable(StoreError):
    """The log cannot be read or written now: locked, full, read-only. Trying again may help."""

    code = "store_unavailable"
    status = 503


class StoreCorrupt(StoreError):
    """What the log holds for this room is not what was written."""

    code = "store_corrupt"


class StoreNewer(StoreError):
    """The log was written by a newer version of this package."""

    code = "store_newer"


def is_panic(error: BaseException) -> bool:
    """Whether this is a defect of the CRDT library that it met in native code.

    Its class derives from BaseException and cannot be imported; the document stays usable.
    """
    return type(error).__name__ == "PanicException"
