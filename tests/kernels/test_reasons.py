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
