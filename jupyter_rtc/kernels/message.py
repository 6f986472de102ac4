"""One message from a kernel, and how its bytes become one. Pure.

Only what this package needs is taken out: the header's dates stay text. (Jupyter message spec, "The wire protocol".)
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

DELIMITER = b"<IDS|MSG>"


class Signer(Protocol):
    """Who knows the kernel's key; ``jupyter_client.session.Session`` is one."""

    def sign(self, msg_list: list[bytes]) -> bytes:
        """Return the signature of these frames; empty if nothing is signed."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message."""

    channel: str
    """``shell``, ``iopub`` or ``stdin``."""
    type: str
    header: dict[str, Any]
    parent: dict[str, Any]
    """The header of the request that caused it, empty if none did; other messages may have the same object."""
    metadata: dict[str, Any]
    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()

    @property
    def parent_id(self) -> str:
        """The id of the request that caused it, or the empty string."""
        found: str = self.parent.get("msg_id", "")
        return found

    @property
    def parent_type(self) -> str | None:
        """The type of the request that caused it, if it says one."""
        found = self.parent.get("msg_type")
        return found if isinstance(found, str) else None


class NotFromThisKernel(Exception):
    """The frames are no message, or were not signed with the kernel's key."""


def parse(channel: str, frames: Sequence[bytes], signer: Signer) -> Message:
    """Return the message that these frames are.

    Raises:
        NotFromThisKernel: they are not one.

    """
    try:
        start = list(frames).index(DELIMITER)
        signature, *parts = frames[start + 1 : start + 6]
        signed = signer.sign(parts)
        if len(parts) != 4 or (signed and not hmac.compare_digest(signed, signature)):
            raise NotFromThisKernel("A message was not signed with the kernel's key.")
        header, parent, metadata, content = parts
        return from_dict(
            channel,
            {
                "header": _value(header),
                "parent_header": _value_seen_before(parent),
                "metadata": _value(metadata),
                "content": _value(content),
                "buffers": frames[start + 6 :],
            },
        )
    except (ValueError, RecursionError) as error:
        raise NotFromThisKernel("The frames are no message.") from error


def _value(part: bytes) -> Any:
    # Given bytes, json looks first which encoding they are in; the protocol's is known.
    return json.loads(part.decode("utf-8", "surrogatepass"))


_value_seen_before = lru_cache(maxsize=8)(_value)
"""All messages that one request causes name it in the same words. Whoever gets the value must not change it."""


def from_dict(channel: str, message: Any) -> Message:
    """Return a message whose parts are JSON values already (``jupyter_client``'s form).

    Raises:
        NotFromThisKernel: it is not one.

    """
    names = ("header", "parent_header", "metadata", "content")
    parts = [message.get(name) or {} for name in names] if isinstance(message, dict) else []
    if not parts or not all(isinstance(one, dict) for one in parts):
        raise NotFromThisKernel("The parts of a message are objects.")
    header, parent, metadata, content = parts
    kind = header.get("msg_type")
    if not isinstance(kind, str) or not isinstance(parent.get("msg_id", ""), str):
        raise NotFromThisKernel("A message has a type, and ids are texts.")
    buffers = tuple(bytes(one) for one in message.get("buffers") or ())
    return Message(channel, kind, header, parent, metadata, content, buffers)
