from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing import LogContract


class TestMemoryLog(LogContract):
    def make_log(self, place):
        return MemoryLog()

    def reopen(self, log, place):
        return log
