from jupyter_rtc.store.sqlite import SqliteLog
from jupyter_rtc.testing import LogContract


class TestSqliteLogWrittenInTheLoop(LogContract):
    def make_log(self, place):
        return SqliteLog(place / "store.sqlite")


class TestSqliteLogWrittenByAThread(LogContract):
    def make_log(self, place):
        return SqliteLog(place / "store.sqlite", durability="full")
