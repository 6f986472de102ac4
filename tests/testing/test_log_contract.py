"""Rules of jupyter_rtc.testing.log_contract: it finds logs that break the contract."""

import inspect

from jupyter_rtc.store.log import Log
from jupyter_rtc.testing import LogContract


def test_the_suite_names_every_operation_of_a_log():
    source = inspect.getsource(LogContract)
    operations = {name for name, what in vars(Log).items() if inspect.iscoroutinefunction(what)}
    assert operations > {"open", "read", "attempt", "attempts", "close"}
    for operation in operations:
        assert f".{operation}(" in source
