"""The interfaces that the client stands on are kept by all who give it documents."""

import inspect

import pytest

from jupyter_rtc.client.remote import RemoteTransport
from jupyter_rtc.client.transport import SharedDocument, Transport
from jupyter_rtc.client.websocket import RemoteDocument

from .hall import HallDocument, HallTransport


def names(protocol):
    return {name for name in vars(protocol) if name[0] != "_"}


@pytest.mark.parametrize("kind", [RemoteTransport, HallTransport])
def test_every_transport_does_what_is_asked_of_one(kind):
    missing = [
        name for name in names(Transport) - {"user"} if not inspect.iscoroutinefunction(getattr(kind, name, None))
    ]
    assert missing == []


@pytest.mark.parametrize("kind", [RemoteDocument, HallDocument])
def test_every_document_has_what_is_asked_of_one(kind):
    made_at_start = {"room", "failed", "undo"}
    assert [name for name in names(SharedDocument) - made_at_start if not hasattr(kind, name)] == []
