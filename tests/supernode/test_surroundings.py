"""The settings of how files are kept."""

from jupyter_rtc.supernode.surroundings import FileSettings


def test_by_default_edits_are_saved_within_seconds():
    settings = FileSettings()
    assert settings.autosave
    assert settings.pace.save_delay <= settings.pace.save_delay_max <= 10


def test_by_default_an_idle_file_is_asked_for_at_most_twice_a_minute():
    assert FileSettings().poll_interval_max >= 30
