"""Rules of jupyter_rtc.metrics."""

from prometheus_client import CollectorRegistry, generate_latest

from jupyter_rtc.metrics import Metrics
from jupyter_rtc.notices import Notice, NoticeKind

STATUS = {
    "store_failing": True,
    "rooms": [
        {"participants": [{"waiting_bytes": 7}, {"waiting_bytes": 5}], "log": {"bytes": 100, "unstored": 2}},
    ],
}


def test_metrics_say_what_happened_and_what_is():
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.watch(lambda: STATUS)
    metrics.hear(Notice(NoticeKind.SAVED, seconds=0.1))
    metrics.hear(Notice(NoticeKind.ROOM_OPENED, seconds=0.2))
    text = generate_latest(registry).decode()
    for line in (
        'jupyter_rtc_notices_total{kind="saved"} 1.0',
        "jupyter_rtc_save_seconds_count 1.0",
        "jupyter_rtc_open_seconds_count 1.0",
        "jupyter_rtc_rooms 1.0",
        "jupyter_rtc_participants 2.0",
        "jupyter_rtc_waiting_bytes 12.0",
        "jupyter_rtc_unstored 2.0",
        "jupyter_rtc_store_failing 1.0",
    ):
        assert line in text


def test_a_closed_set_of_metrics_leaves_the_registry():
    registry = CollectorRegistry()
    for _ in range(2):
        metrics = Metrics(registry)
        metrics.watch(lambda: STATUS)
        metrics.close()
    assert generate_latest(registry) == b""
