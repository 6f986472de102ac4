"""Rules of jupyter_rtc.protocol.messages."""

import typing
from pathlib import Path

import pytest

from jupyter_rtc.protocol import messages

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.mark.parametrize("kind", typing.get_args(messages.Message))
def test_every_message_is_described_in_the_docs(kind):
    assert f"### {kind.__name__}\n" in PAGE.read_text()


@pytest.mark.parametrize("kind", typing.get_args(messages.Message))
def test_a_message_is_a_value(kind):
    assert kind.__dataclass_params__.frozen and kind.__doc__
