"""A log whose calls fail when a test says so."""

from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.store.memory import MemoryLog

EVERYTHING = ("read", "begin", "salvage", "append", "mark", "compact", "attempt", "attempts", "settled", "forget")


class Flaky(MemoryLog):
    """A log in memory; what is named in ``fails`` fails, with ``error``."""

    def __init__(self, *fails):
        super().__init__()
        self.fails = set(fails)
        self.error = StoreUnavailable("The disk failed.")


def _failing(name):
    async def call(log, *args, **kwargs):
        if name in log.fails:
            raise log.error
        return await getattr(MemoryLog, name)(log, *args, **kwargs)

    return call


for _name in EVERYTHING:
    setattr(Flaky, _name, _failing(_name))
