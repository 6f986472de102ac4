"""When a run has ended."""

import pytest

from jupyter_rtc.kernels.ending import CHECK, QUIET, Progress, Step, Wait, next_step

NOW = 100.0

CASES = {
    "nothing yet": (Progress(NOW), Wait(NOW + CHECK)),
    "a reply and idle": (Progress(NOW, replied=True, idle=True), Step.END),
    "idle without a reply": (Progress(NOW, idle=True), Wait(NOW + QUIET)),
    "idle without a reply, and silence": (Progress(NOW - QUIET, idle=True), Step.PROBE),
    "idle, asked, and only idle again": (
        Progress(NOW - 9, idle=True, probed=True, probe_idle=True),
        Wait(NOW + CHECK),
    ),
    "idle, asked, and answered": (Progress(NOW - 9, idle=True, probed=True, probe_replied=True), Step.END),
    "asked by another run's end, and still at work": (Progress(NOW, probe_replied=True), Wait(NOW + CHECK)),
    "a reply, and outputs still come": (Progress(NOW - 0.5, replied=True), Wait(NOW - 0.5 + QUIET)),
    "a reply, and silence": (Progress(NOW - QUIET, replied=True), Step.PROBE),
    "asked, and no answer": (Progress(NOW - 9, replied=True, probed=True), Wait(NOW + CHECK)),
    "asked, and answered": (Progress(NOW - 9, replied=True, probed=True, probe_idle=True), Step.END),
    "its kernel went": (Progress(NOW, cut=True), Step.END),
}


@pytest.mark.parametrize(("progress", "step"), CASES.values(), ids=CASES)
def test_each_case_has_its_step(progress, step):
    assert next_step(progress, NOW) == step
