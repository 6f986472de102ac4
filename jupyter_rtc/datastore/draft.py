"""The first content of a document, made on a document of its own, as updates for another. Pure.

To put a large content into a document takes its time, in which nothing else can be done with that document's thread.
A draft can be made on any thread; taking its updates over is quick, and can be done bit by bit.
"""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, TransactionEvent

from ..ids import new_server_client_id
from .content import Content, Shape


def drafted(shape: Shape, content: Content) -> list[bytes]:
    """Return the updates that give an empty document this content; each takes a few milliseconds at most."""
    updates: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        updates.append(event.update)

    doc: Doc[Any] = Doc(client_id=new_server_client_id())
    subscription = doc.observe(note)
    steps = shape.fill(doc, content)
    more = True
    while more:
        with doc.transaction():
            more = next(steps, steps) is not steps
    doc.unobserve(subscription)
    return updates
