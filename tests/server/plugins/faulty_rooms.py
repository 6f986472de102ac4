"""A contents manager as any other; but with it come faults in rooms, for whoever types the words for them.

``OBSERVER`` makes somebody fail who observes the document; ``ROOM`` makes the room itself fail to note the change.
"""

from __future__ import annotations

from faulty_words import OBSERVER, ROOM
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_rtc.relay.room import Room


class Injected(Exception):
    """What nobody expects."""


class PlainContents(AsyncLargeFileManager):
    """Any other."""


def _fail_at(words, event):
    if words.encode() in event.update:
        raise Injected(words)


def _begin(room, doc, *what, _begin=Room.__init__, **given):
    _begin(room, doc, *what, **given)
    room.foreign = doc.observe(lambda event: _fail_at(OBSERVER, event))


def _changed(room, event, _changed=Room._changed):
    _fail_at(ROOM, event)
    _changed(room, event)


Room.__init__, Room._changed = _begin, _changed
