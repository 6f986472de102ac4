"""One message from a kernel, and how its bytes become one. Pure.

Only what this package needs is taken out: the header's dates stay text. (Jupyter message spec, "The wire protocol".)
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
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
    """The header of the request that caused it; empty if none did."""
    metadata: dict[str, Any]
    content: dict[str, Any]
    buffers: tuple[bytes, ...] = ()

    @property
    def parent_id(self) -> str:
        """The id of the request that caused it, or the empty string."""
        found: str = self.parent.get("msg_id", "")
        return found


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
        header, parent, metadata, content = map(json.loads, parts)
        return Message(channel, header["msg_type"], header, parent, metadata, content, tuple(frames[start + 6 :]))
    except (ValueError, KeyError, TypeError) as error:
        raise NotFromThisKernel("The frames are no message.") from error


def from_dict(channel: str, message: dict[str, Any]) -> Message:
    """Return a message that somebody else has parsed (``jupyter_client``'s form)."""
    return Message(
        channel,
        message["header"]["msg_type"],
        message["header"],
        message.get("parent_header") or {},
        message.get("metadata") or {},
        message.get("content") or {},
        tuple(bytes(one) for one in message.get("buffers") or ()),
    )
