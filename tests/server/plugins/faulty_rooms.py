"""A contents manager as any other; but with it come faults in rooms, for whoever types the words for them.

``OBSERVER`` makes somebody fail who observes the document; ``ROOM`` makes the room itself fail to note the change.
"""

from __future__ import annotations

from faulty_words import OBSERVER, ROOM
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_rtc.relay.changes import Changes


class Injected(Exception):
    """What nobody expects."""


class PlainContents(AsyncLargeFileManager):
    """Any other."""


def _fail_at(words, event):
    if words.encode() in event.update:
        raise Injected(words)


def _begin(changes, doc, *what, _begin=Changes.__init__, **given):
    _begin(changes, doc, *what, **given)
    changes.foreign = doc.observe(lambda event: _fail_at(OBSERVER, event))


def _changed(changes, event, _changed=Changes._changed):
    _fail_at(ROOM, event)
    _changed(changes, event)


Changes.__init__, Changes._changed = _begin, _changed
