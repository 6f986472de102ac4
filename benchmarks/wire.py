"""What travels, from a load generator's point of view: websocket frames, and the messages of Yjs.

It is written apart from ``jupyter_rtc.protocol`` on purpose: the ruler must not be made of what it
measures. Pure; knows only what the benchmarks need.
"""

from __future__ import annotations

from collections.abc import Iterator

BINARY = 2
CLOSE = 8
PING = 9
PONG = 10

SYNC_STEP1 = b"\x00\x00"
SYNC_STEP2 = b"\x00\x01"
UPDATE = b"\x00\x02"
RAW = b"\x02"

EMPTY_STATE = b"\x00"
EMPTY_UPDATE = b"\x00\x00"

_MASKED = 0x80
_FINAL = 0x80


def varint(number: int) -> bytes:
    """Return an unsigned integer as lib0 writes it (LEB128)."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the integer at this place, and the place after it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def sync(kind: bytes, content: bytes) -> bytes:
    """Return a sync message: its two bytes of kind, then the content with its length."""
    return kind + varint(len(content)) + content


def content(message: bytes) -> bytes:
    """Return the state vector or update that a sync message carries."""
    length, at = read_varint(message, 2)
    return message[at : at + length]


def save_request(number: int) -> bytes:
    """Return JupyterLab's «save now» message."""
    return RAW + varint(4) + b"save" + varint(number)


def client_frame(payload: bytes, opcode: int = BINARY) -> bytes:
    """Return a websocket frame as a client sends it, masked with zeros (which cost us nothing)."""
    return _header(len(payload), opcode, _MASKED) + b"\x00\x00\x00\x00" + payload


def server_frame(payload: bytes) -> bytes:
    """Return a binary websocket frame as a server sends it."""
    return _header(len(payload), BINARY, 0) + payload


def _header(length: int, opcode: int, masked: int) -> bytes:
    first = _FINAL | opcode
    if length < 126:
        return bytes((first, masked | length))
    if length < 65536:
        return bytes((first, masked | 126)) + length.to_bytes(2, "big")
    return bytes((first, masked | 127)) + length.to_bytes(8, "big")


class FrameReader:
    """Turns a server's bytes into frames, however they are cut."""

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def between_frames(self) -> bool:
        """Whether no part of a frame is waiting for its rest."""
        return not self._rest

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Take bytes; yield ``(opcode, payload)`` of each frame that is now complete."""
        self._rest += data
        at = 0
        while (frame := _frame_at(self._rest, at)) is not None:
            start, end = frame
            yield self._rest[at] & 0x0F, bytes(memoryview(self._rest)[start:end])
            at = end
        if at:
            del self._rest[:at]


def _frame_at(data: bytearray, at: int) -> tuple[int, int] | None:
    """Return where the payload of the frame at this place starts and ends, if all of it is there."""
    if len(data) < at + 2:
        return None
    length, start = data[at + 1] & 0x7F, at + 2
    if length >= 126:
        width = 2 if length == 126 else 8
        start += width
        if len(data) < start:
            return None
        length = int.from_bytes(data[start - width : start], "big")
    end = start + length
    return (start, end) if len(data) >= end else None
