"""The words for what went wrong."""

import pytest

from jupyter_rtc.kernels import reasons
from jupyter_rtc.kernels.run import Failure


@pytest.mark.parametrize(
    "failure",
    [value for value in vars(reasons).values() if isinstance(value, Failure)],
    ids=lambda one: one.evalue[:40],
)
def test_every_reason_is_a_sentence(failure):
    assert failure.ename.isidentifier()
    assert failure.evalue[0].isupper()
    assert failure.evalue.endswith(".")


def test_what_nobody_wanted_is_told_from_what_somebody_did():
    assert reasons.is_unwanted(reasons.DIED) and reasons.is_unwanted(reasons.NOT_STARTED_AGAIN)
    assert reasons.is_unwanted(Failure("KernelUnavailable", reasons.NO_ANSWER))
    theirs = (reasons.SHUT_DOWN, reasons.INTERRUPTED, reasons.CANCELLED, reasons.FAILED_BEFORE, reasons.STOPPED)
    assert [one for one in theirs if reasons.is_unwanted(one)] == []
