"""A Yjs participant as stock providers behave, without I/O: bytes in, bytes out.

It keeps a ``pycrdt.Doc``, greets with SyncStep1 and its awareness, answers, and hands out its local changes, as
y-websocket and pycrdt's provider do. It deliberately does not use this package's codec, so that a mistake there
cannot hide on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pycrdt import (
    Decoder,
    Doc,
    TransactionEvent,
    YMessageType,
    YSyncMessageType,
    create_awareness_message,
    create_sync_message,
    create_update_message,
    handle_sync_message,
    write_message,
    write_var_uint,
)

RAW = 2


class Peer:
    """One frontend's document, while it is connected and while it is not."""

    def __init__(self, name: str = "peer", doc: Doc[Any] | None = None) -> None:
        self.name = name
        self.doc: Doc[Any] = doc if doc is not None else Doc()
        self.synced = False
        self.others: dict[int, dict[str, Any]] = {}
        """The awareness states of everyone that this peer was told of."""
        self.replies: list[dict[str, Any]] = []
        """JupyterLab's raw messages that came: replies to saves, conflicts."""
        self.received_updates = 0
        self._clock = 0
        self._send: Callable[[bytes], None] | None = None
        self._applying = False
        self._subscription = self.doc.observe(self._changed)

    @property
    def connected(self) -> bool:
        """Whether it has a link now."""
        return self._send is not None

    def connect(self, send: Callable[[bytes], None]) -> None:
        """Begin to talk over a link: greet, as providers do as soon as their socket is open."""
        self._send = send
        self.synced = False
        send(create_sync_message(self.doc))
        self.say({"name": self.name})

    def disconnect(self) -> None:
        """Lose the link; local changes are kept in the document and sent by the next sync."""
        self._send = None
        self.synced = False

    def receive(self, data: bytes) -> None:
        """Take one message."""
        match data[0]:
            case YMessageType.SYNC:
                self._receive_sync(data[1:])
            case YMessageType.AWARENESS:
                self._receive_awareness(data[1:])
            case 2:
                self.replies.append(json.loads(Decoder(data[1:]).read_var_string()))

    def say(self, state: dict[str, Any] | None) -> None:
        """Tell others about oneself."""
        self._clock += 1
        text = json.dumps(state).encode()
        one = write_var_uint(self.doc.client_id) + write_var_uint(self._clock) + write_message(text)
        self._out(create_awareness_message(write_var_uint(1) + one))

    def ask_save(self, save_id: int) -> None:
        """Ask for a save, as Ctrl+S in JupyterLab does."""
        self._out(bytes([RAW]) + write_message(b"save") + write_var_uint(save_id))

    @contextmanager
    def edit(self) -> Iterator[Doc[Any]]:
        """Make one local change."""
        with self.doc.transaction():
            yield self.doc

    def close(self) -> None:
        """Stop observing the document."""
        self.doc.unobserve(self._subscription)

    def _receive_sync(self, message: bytes) -> None:
        self._applying = True
        try:
            reply = handle_sync_message(message, self.doc)
        finally:
            self._applying = False
        if message[0] == YSyncMessageType.SYNC_STEP2:
            self.synced = True
        if message[0] == YSyncMessageType.SYNC_UPDATE:
            self.received_updates += 1
        if reply is not None:
            self._out(reply)

    def _receive_awareness(self, message: bytes) -> None:
        decoder = Decoder(Decoder(message).read_message() or b"\x00")
        for _ in range(decoder.read_var_uint()):
            client, _clock = decoder.read_var_uint(), decoder.read_var_uint()
            state = json.loads(decoder.read_var_string())
            if state is None:
                self.others.pop(client, None)
            else:
                self.others[client] = state

    def _changed(self, event: TransactionEvent) -> None:
        if not self._applying:
            self._out(create_update_message(event.update))

    def _out(self, data: bytes) -> None:
        if self._send is not None:
            self._send(data)
