"""What kernels share."""

from dataclasses import FrozenInstanceError, replace

import pytest

from jupyter_rtc.kernels.surroundings import KernelSettings

from .world import Notebook, World


def test_what_kernels_share_is_changed_by_nobody():
    settings = KernelSettings()
    with pytest.raises(FrozenInstanceError):
        settings.gather = 1.0
    assert replace(settings, gather=1.0).gather == 1.0


def test_outputs_are_gathered_no_longer_than_a_person_notices():
    settings = KernelSettings()
    assert settings.gather <= settings.gather_max <= 0.05


def test_all_kernels_tell_the_same_notebooks_how_they_stand():
    notebook = Notebook("1")
    here = World(notebook)
    assert here.kernels._around.facts._documents == {notebook.room: notebook}
