"""What an administrator may choose of the relay."""

from jupyter_rtc.relay.settings import HubSettings


def test_a_right_that_is_taken_away_ends_within_five_seconds():
    """The hub looks once a second."""
    assert HubSettings().permission_interval + 1 <= 5


def test_a_link_is_not_silent_for_as_long_as_y_websocket_waits():
    assert HubSettings().quiet < 30
