"""Bytes to messages and back; the only module that knows the wire (docs/protocol.md).

The first byte says what a message is. A frame holds one message; what follows it in the frame is ignored, as
y-websocket ignores it. Numbers and strings are lib0's: a number is little endian in groups of seven bits, a string is
its length in bytes of UTF-8 and then the bytes. Whatever the bytes are, ``decode`` raises nothing but
``ProtocolError``. It does not look into updates and state vectors; ``bounds`` does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from ..errors import MessageTooLarge, ProtocolError
from . import messages as m

SYNC, AWARENESS, RAW, QUERY_AWARENESS, OURS = 0, 1, 2, 3, 120

MAX_NUMBER_BITS = 53
"""What a number can have in JavaScript; Yjs knows no larger client id or clock."""

MAX_DEPTH = 128
"""Levels of arrays and objects in one value. JSON readers such as serde's stop here; nbformat cannot write 900."""

MAX_AWARENESS_BYTES = 4 * 2**20
"""One awareness message: the states of some ten thousand people. It is parsed, and costs everyone memory."""

MAX_STATE_BYTES = 2**20
"""One client's awareness state: JupyterLab's takes 200 bytes for each of a person's cursors."""

MAX_PRESENCES = 10_000
"""Clients in one awareness message."""

_STEP1, _STEP2, _UPDATE = b"\x00\x00", b"\x00\x01", b"\x00\x02"
_STORED, _EPOCH, _PROBLEM = 0, 1, 2


def encode(message: m.Message) -> bytes:
    """Return a message's bytes.

    What UTF-8 cannot hold, half a surrogate pair such as Python makes of a file name in another encoding, becomes
    a question mark: words about an error must not fail.
    """
    return _ENCODERS[type(message)](message)


def decode(frame: bytes | str) -> m.Message:
    """Return the message in a websocket frame.

    Raises:
        MessageTooLarge: it is an awareness message above its limits.
        ProtocolError: it is not a message, or one of a known kind that is malformed.

    """
    if isinstance(frame, str):
        raise ProtocolError("Messages are binary frames; this is a text frame.")
    if not frame:
        raise ProtocolError("This frame is empty; a message has at least one byte.")
    decoder = _DECODERS.get(frame[0])
    return decoder(frame) if decoder else m.Ignored(frame[0])


# --- numbers, strings, bytes -----------------------------------------------------------------------------


def encode_number(number: int) -> bytes:
    """Return lib0's variable-length encoding of a number."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at ``at``, and where it ends."""
    value = shift = 0
    try:
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift >= MAX_NUMBER_BITS:
                raise ProtocolError("A number in this message is too large.")
    except IndexError:
        raise ProtocolError("This message ends in the middle of a number.") from None
    if value >> MAX_NUMBER_BITS:
        raise ProtocolError("A number in this message is too large.")
    return value, at


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the bytes whose length stands at ``at``, and where they end."""
    size, at = read_number(data, at)
    end = at + size
    if end > len(data):
        raise ProtocolError("This message is shorter than it says.")
    return data[at:end], end


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """Return the string whose length stands at ``at``, and where it ends."""
    raw, at = read_bytes(data, at)
    try:
        return raw.decode(), at
    except UnicodeDecodeError as error:
        raise ProtocolError("A text in this message is not UTF-8.") from error


def _sized(data: bytes) -> bytes:
    return encode_number(len(data)) + data


def _text(text: str) -> bytes:
    return _sized(text.encode("utf-8", "replace"))


# --- sync and awareness (y-protocols) --------------------------------------------------------------------


def _decode_sync(frame: bytes) -> m.Message:
    kind = frame[1] if len(frame) > 1 else None
    body, _ = read_bytes(frame, 2)
    if kind == 2:
        return m.Update(body)
    if kind == 1:
        return m.SyncStep2(body)
    if kind == 0:
        return m.SyncStep1(body)
    raise ProtocolError("This is no sync message: its kind is unknown.")


def _encode_awareness(message: Any) -> bytes:
    body = [encode_number(len(message.states))]
    for one in message.states:
        state = "null" if one.state is None else one.state
        body.append(encode_number(one.client) + encode_number(one.clock) + _text(state))
    return bytes((AWARENESS,)) + _sized(b"".join(body))


def _decode_awareness(frame: bytes) -> m.Message:
    body, _ = read_bytes(frame, 1)
    if len(body) > MAX_AWARENESS_BYTES:
        raise MessageTooLarge("This awareness message is larger than the server takes.")
    count, at = read_number(body, 0)
    if count > min(MAX_PRESENCES, len(body) // 3):
        raise ProtocolError("This awareness message names more clients than it can hold.")
    states = []
    for _ in range(count):
        client, at = read_number(body, at)
        clock, at = read_number(body, at)
        text, at = read_string(body, at)
        states.append(m.Presence(client, clock, _presence(text)))
    return m.Awareness(tuple(states))


def _presence(text: str) -> str | None:
    """Return a state's JSON text, or None if it says that the client left."""
    if len(text) > MAX_STATE_BYTES:
        raise MessageTooLarge("This awareness state is larger than the server takes.")
    state = _json(text)
    if state is None:
        return None
    if not isinstance(state, dict):
        raise ProtocolError("An awareness state is a JSON object or null.")
    return text


def _json(text: str) -> Any:
    """Return the value of a JSON text that every browser can parse again after this server has written it."""
    try:
        value = _JSON.decode(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A text in this message is not JSON.") from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value):
        raise ProtocolError(f"A text in this message nests deeper than {MAX_DEPTH} levels.")
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for one in level for inner in _inside(one)]
    return bool(level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("JSON has no infinity, and this number would be written as one.")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON.")


_JSON = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)


# --- JupyterLab's raw messages ---------------------------------------------------------------------------


def _encode_save_request(message: Any) -> bytes:
    return bytes((RAW,)) + _text("save") + encode_number(message.save_id)


def _encode_raw_json(value: dict[str, Any]) -> bytes:
    return bytes((RAW,)) + _text(json.dumps(value, separators=(",", ":")))


def _encode_save_reply(message: Any) -> bytes:
    return _encode_raw_json({"type": "save", "responseTo": message.save_id, "status": message.status})


def _decode_raw(frame: bytes) -> m.Message:
    word, at = read_string(frame, 1)
    if word == "save":
        return m.SaveRequest(read_number(frame, at)[0])
    if not word.startswith("{"):
        return m.Ignored(RAW)
    match _json(word):
        case {"type": "save", "responseTo": int(save_id), "status": str(status)}:
            return m.SaveReply(save_id, status)
        case {"type": "conflict"}:
            return m.Conflict()
    return m.Ignored(RAW)


# --- our own ---------------------------------------------------------------------------------------------


def _decode_ours(frame: bytes) -> m.Message:
    kind, at = read_number(frame, 1)
    if kind == _STORED:
        return m.Stored(read_bytes(frame, at)[0])
    if kind == _EPOCH:
        return m.EpochIs(read_string(frame, at)[0])
    if kind == _PROBLEM:
        code, at = read_string(frame, at)
        return m.Problem(code, read_string(frame, at)[0])
    return m.Ignored(OURS)


_ENCODERS: dict[type[m.Message], Callable[[Any], bytes]] = {
    m.SyncStep1: lambda one: _STEP1 + _sized(one.state),
    m.SyncStep2: lambda one: _STEP2 + _sized(one.update),
    m.Update: lambda one: _UPDATE + _sized(one.update),
    m.Awareness: _encode_awareness,
    m.QueryAwareness: lambda _: bytes((QUERY_AWARENESS,)),
    m.SaveRequest: _encode_save_request,
    m.SaveReply: _encode_save_reply,
    m.Conflict: lambda _: _encode_raw_json({"type": "conflict"}),
    m.Stored: lambda one: bytes((OURS, _STORED)) + _sized(one.state),
    m.EpochIs: lambda one: bytes((OURS, _EPOCH)) + _text(one.epoch),
    m.Problem: lambda one: bytes((OURS, _PROBLEM)) + _text(one.code) + _text(one.words),
    m.Ignored: lambda one: bytes((one.kind,)),
}

_DECODERS: dict[int, Callable[[bytes], m.Message]] = {
    SYNC: _decode_sync,
    AWARENESS: _decode_awareness,
    RAW: _decode_raw,
    QUERY_AWARENESS: lambda _: m.QueryAwareness(),
    OURS: _decode_ours,
}
