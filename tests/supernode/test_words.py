"""What people read."""

import pytest

from jupyter_rtc.supernode.plan import Standing
from jupyter_rtc.supernode.words import BRIEF, words_for


@pytest.mark.parametrize("standing", set(Standing) - {Standing.FINE})
def test_whatever_is_wrong_it_says_that_nothing_is_lost(standing):
    assert "is kept" in words_for(standing, "a.ipynb", "The disk is full.")


def test_a_failure_says_why():
    assert words_for(Standing.FAILING, "a.ipynb", "The disk is full.").startswith("The disk is full.")


@pytest.mark.parametrize("standing", set(Standing) - {Standing.FINE})
def test_the_brief_form_fits_beside_a_cursor(standing):
    assert 0 < len(BRIEF[standing]) <= 17
