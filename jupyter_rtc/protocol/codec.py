"""Bytes and messages."""

from __future__ import annotations

import json

from ..errors import ProtocolError
from . import messages as m

OURS = 120


def _uint(n: int) -> bytes:
    out = bytearray()
    while n > 127:
        out.append(128 | n & 127)
        n >>= 7
    out.append(n)
    return bytes(out)


def _read_uint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 49:
            raise ProtocolError("A number in this message does not end.")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = _read_uint(data, at)
    if at + size > len(data):
        raise ProtocolError("This message is shorter than it says.")
    return data[at : at + size], at + size


def _blob(data: bytes) -> bytes:
    return _uint(len(data)) + data


def encode(message: m.Message) -> bytes:
    """Return a message's bytes."""
    match message:
        case m.SyncStep1(state):
            return b"\x00\x00" + _blob(state)
        case m.SyncStep2(update):
            return b"\x00\x01" + _blob(update)
        case m.Update(update):
            return b"\x00\x02" + _blob(update)
        case m.Awareness(states):
            body = _uint(len(states))
            for s in states:
                body += _uint(s.client) + _uint(s.clock) + _blob((s.state or "null").encode())
            return b"\x01" + _blob(body)
        case m.QueryAwareness():
            return b"\x03"
        case m.SaveRequest(save_id):
            return b"\x02" + _blob(b"save") + _uint(save_id)
        case m.SaveReply(save_id, status):
            return b"\x02" + _blob(
                json.dumps({"type": "save", "responseTo": save_id, "status": status}).encode()
            )
        case m.Conflict():
            return b"\x02" + _blob(b'{"type":"conflict"}')
        case m.Stored(state):
            return bytes([OURS, 0]) + _blob(state)
        case m.EpochIs(epoch):
            return bytes([OURS, 1]) + _blob(epoch.encode())
        case m.Problem(code, words):
            return bytes([OURS, 2]) + _blob(code.encode()) + _blob(words.encode())
    raise TypeError(message)


def decode(data: bytes | str) -> m.Message:
    """Return the message in these bytes."""
    if isinstance(data, str) or not data:
        raise ProtocolError("A message is a binary frame that is not empty.")
    kind = data[0]
    if kind == 0:
        if len(data) < 2 or data[1] > 2:
            raise ProtocolError("Unknown sync message.")
        body, _ = _read_bytes(data, 2)
        return (m.SyncStep1, m.SyncStep2, m.Update)[data[1]](body)
    if kind == 1:
        body, _ = _read_bytes(data, 1)
        count, at = _read_uint(body, 0)
        states = []
        for _ in range(count):
            client, at = _read_uint(body, at)
            clock, at = _read_uint(body, at)
            text, at = _read_bytes(body, at)
            states.append(m.Presence(client, clock, None if text == b"null" else text.decode()))
        return m.Awareness(tuple(states))
    if kind == 3:
        return m.QueryAwareness()
    if kind == 2:
        word, at = _read_bytes(data, 1)
        if word == b"save":
            return m.SaveRequest(_read_uint(data, at)[0])
    return m.Ignored(kind)
