"""The hash of a cell's source, by which frontends and programs say which text their author saw. Pure.

MurmurHash2 (32 bits, by Austin Appleby, in the public domain), of the text's UTF-8 bytes, seed 0, written in decimal.
"""

from __future__ import annotations

_MULTIPLIER = 0x5BD1E995
_ROTATION = 24
_MASK = 0xFFFFFFFF


def source_hash(text: str) -> str:
    """Return the hash of a source."""
    return str(_murmur2(text.encode("utf-8", "surrogatepass")))


def _murmur2(content: bytes) -> int:
    state = len(content) & _MASK
    whole = len(content) & ~3
    for at in range(0, whole, 4):
        state = (state * _MULTIPLIER & _MASK) ^ _mixed(int.from_bytes(content[at : at + 4], "little"))
    if rest := content[whole:]:
        state = (state ^ int.from_bytes(rest, "little")) * _MULTIPLIER & _MASK
    state ^= state >> 13
    state = state * _MULTIPLIER & _MASK
    return state ^ state >> 15


def _mixed(word: int) -> int:
    word = word * _MULTIPLIER & _MASK
    return (word ^ word >> _ROTATION) * _MULTIPLIER & _MASK
