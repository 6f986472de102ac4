"""Prometheus metrics, in the registry that jupyter_server serves under ``/metrics``.

Counters are fed by notices; gauges read the hub's state when somebody asks. All names begin with
``jupyter_rtc_``; no label carries a room, a path or a person, so that their number stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from .notices import Notice, NoticeKind


class Metrics:
    """Counts what happens; also the collector of the gauges."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._registry = registry
        self._notices = Counter("jupyter_rtc_notices", "What happened, by kind", ["kind"], registry=registry)
        self._save_seconds = Histogram("jupyter_rtc_save_seconds", "How long saving a file took", registry=registry)
        self._open_seconds = Histogram("jupyter_rtc_open_seconds", "How long opening a room took", registry=registry)
        self._gauges: _Gauges | None = None

    def hear(self, notice: Notice) -> None:
        """Count a notice."""
        self._notices.labels(notice.kind.value).inc()
        if notice.seconds is None:
            return
        if notice.kind is NoticeKind.SAVED:
            self._save_seconds.observe(notice.seconds)
        if notice.kind is NoticeKind.ROOM_OPENED:
            self._open_seconds.observe(notice.seconds)

    def watch(self, status: Callable[[], dict[str, Any]]) -> None:
        """Serve gauges that are read from the hub's status."""
        self._gauges = _Gauges(status)
        self._registry.register(self._gauges)

    def close(self) -> None:
        """Leave the registry."""
        for metric in (self._notices, self._save_seconds, self._open_seconds, self._gauges):
            if metric is not None:
                self._registry.unregister(metric)


class _Gauges(Collector):
    """The numbers of the moment."""

    def __init__(self, status: Callable[[], dict[str, Any]]) -> None:
        self._status = status

    def describe(self) -> list[Any]:
        """Name nothing in advance: the status is only there while the hub runs."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the hub's status."""
        status = self._status()
        rooms = status["rooms"]
        yield _gauge("rooms", "Rooms that are open", len(rooms))
        yield _gauge("participants", "Connections", sum(len(room["participants"]) for room in rooms))
        yield _gauge("log_bytes", "Bytes in open rooms' logs", sum(room["log"]["bytes"] for room in rooms))
        yield _gauge("unstored", "Changes that a failing log has not taken yet", sum(
            room["log"]["unstored"] for room in rooms
        ))  # fmt: skip
        waiting = sum(p["waiting_bytes"] for room in rooms for p in room["participants"])
        yield _gauge("waiting_bytes", "Bytes that wait for slow connections", waiting)
        yield _gauge("store_failing", "1 while the log cannot be written", int(status["store_failing"]))


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"jupyter_rtc_{name}", words, value=value)
