"""Rules of jupyter_rtc.testing.log_contract: it finds logs that break the contract."""

import inspect

from jupyter_rtc.testing import LogContract


def test_the_suite_names_every_operation_of_a_log():
    source = inspect.getsource(LogContract)
    for operation in ("open", "read", "begin", "append", "mark", "compact", "attempt", "settled", "rooms", "forget"):
        assert f".{operation}(" in source
