"""What Prometheus is told; nothing personal, and no label that a caller could invent.

With several workers (``PROMETHEUS_MULTIPROC_DIR`` is set) each writes its own file and any of them
answers for all. The library reads that variable when it is first imported.
"""

import os
from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.counted import Field
from models.results import results

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
N_LEVELS = 6
Outcome = Literal["told", "nothing", "refused", "late", "away"]
"""What became of a bidder's lookup; ``refused`` by what the request itself said."""
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)
"""Seconds."""


class _Attributed(Collector):
    """What lists have brought, as it was last read: it is the store's, and no worker's own."""

    def __init__(self) -> None:
        self.counts: Mapping[Field, int] = {}

    def collect(self) -> Iterator[Metric]:
        """Yield what Prometheus is told."""
        counted = GaugeMetricFamily(
            "cartera_attributed",
            "Impressions, clicks and orders of lists.",
            labels=("placement", "release", "what"),
        )
        earned = GaugeMetricFamily(
            "cartera_attributed_money",
            "Revenue and margin of orders that are credited to lists.",
            labels=("placement", "release", "currency", "what"),
        )
        for result in results(self.counts):
            whose = [result.placement, result.release]
            for what in ("impressions", "clicks", "orders"):
                counted.add_metric([*whose, what], getattr(result, what))
            for money in result.money:
                earned.add_metric([*whose, money.currency, "revenue"], money.revenue)
                if money.margin is not None:
                    earned.add_metric([*whose, money.currency, "margin"], money.margin)
                earned.add_metric(
                    [*whose, money.currency, "provisional_revenue"], money.provisional_revenue
                )
        yield counted
        yield earned


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        """Begin at zero."""
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "cartera_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "cartera_request_seconds",
            "Time from a request's head to the end of its answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._levels = Counter(
            "cartera_level",
            "Lists by the level they came from.",
            ("level",),
            registry=self._registry,
        )
        self._store_errors = Counter(
            "cartera_store_errors", "Failed calls to the store.", ("kind",), registry=self._registry
        )
        self._corrupt = Counter(
            "cartera_corrupt_records",
            "Customers whose bytes in the store could not be used.",
            registry=self._registry,
        )
        self._refused = Counter(
            "cartera_releases_refused", "Releases that could not be used.", registry=self._registry
        )
        self._breaker = Gauge(
            "cartera_breaker_open",
            "Workers that do not ask the store, because it does not answer.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._release = Gauge(
            "cartera_release",
            "Workers that serve a release.",
            ("release",),
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._events = Counter(
            "cartera_events",
            "Events taken, and events that had been taken before.",
            ("outcome",),
            registry=self._registry,
        )
        self._lookups = Counter(
            "cartera_lookups",
            "Lookups of bidders, by what became of them.",
            ("outcome",),
            registry=self._registry,
        )
        self._spooled = Counter(
            "cartera_events_spooled",
            "Events put on disk, as the store did not take them.",
            registry=self._registry,
        )
        self._replayed = Counter(
            "cartera_events_replayed",
            "Events brought from the disk into the store.",
            registry=self._registry,
        )
        self._spool_bytes = Gauge(
            "cartera_spool_bytes",
            "Bytes of events on disk that wait for the store.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._exports = Counter(
            "cartera_exports",
            "Exports of audiences, and pages of them.",
            ("format", "outcome"),
            registry=self._registry,
        )
        self._exported = Counter(
            "cartera_exported_members",
            "Members of audiences who were given out.",
            ("format",),
            registry=self._registry,
        )
        self._withheld = Counter(
            "cartera_withheld_members",
            "Members of audiences who were not given out, by why.",
            ("reason",),
            registry=self._registry,
        )
        self._attributed = _Attributed()
        self._registry.register(self._attributed)
        self._accepted = self._events.labels("accepted")
        self._duplicates = self._events.labels("duplicate")
        self._serving: str | None = None
        self._level_children = [self._levels.labels(str(level)) for level in range(N_LEVELS)]
        self._n_of_level = [0] * N_LEVELS
        self._n_of_outcome: Counts[Outcome] = Counts()

    def requests(self, method: str, route: str, status: int, *, seconds: Sequence[float]) -> None:
        """Count requests, and how long each took; ``route`` is the template, never the path."""
        self._requests.labels(method, route, str(status)).inc(len(seconds))
        _observe(self._seconds.labels(route), seconds)
        for level, n in enumerate(self._n_of_level):
            if n:
                self._level_children[level].inc(n)
                self._n_of_level[level] = 0
        for outcome, n in self._n_of_outcome.items():
            self._lookups.labels(outcome).inc(n)
        self._n_of_outcome.clear()

    def level(self, level: int) -> None:
        """Count one list; ``requests`` tells it."""
        self._n_of_level[level] += 1

    def store_failed(self, kind: str) -> None:
        """Count one failed call to the store."""
        self._store_errors.labels(kind).inc()

    def corrupt(self) -> None:
        """Count one customer that could not be read."""
        self._corrupt.inc()

    def refused(self) -> None:
        """Count one refused release."""
        self._refused.inc()

    def serving(self, release: str) -> None:
        """Say which release this worker serves."""
        if self._serving is not None:
            self._release.labels(self._serving).set(0)
        self._release.labels(release).set(1)
        self._serving = release

    def breaker(self, n_open: int) -> None:
        """Say whether this worker leaves the store alone, as it does not answer: 1, or else 0."""
        self._breaker.set(n_open)

    def events(self, *, n_accepted: int, n_duplicates: int) -> None:
        """Count the events of a request."""
        if n_accepted:
            self._accepted.inc(n_accepted)
        if n_duplicates:
            self._duplicates.inc(n_duplicates)

    def looked_up(self, outcome: Outcome) -> None:
        """Count a bidder's lookup; ``requests`` tells it."""
        self._n_of_outcome[outcome] += 1

    def spooled(self, n_events: int) -> None:
        """Count events that were put on disk."""
        self._spooled.inc(n_events)

    def replayed(self, n_events: int) -> None:
        """Count events that came from the disk into the store."""
        self._replayed.inc(n_events)

    def spool_bytes(self, n_bytes: int) -> None:
        """Say what waits on disk, of all workers."""
        self._spool_bytes.set(n_bytes)

    def exported(
        self, format_: str, outcome: str, *, n_members: int, withheld: Mapping[str, int]
    ) -> None:
        """Count an export that has ended: what it gave, and what it did not, by reason."""
        self._exports.labels(format_, outcome).inc()
        self._exported.labels(format_).inc(n_members)
        for reason, n in withheld.items():
            self._withheld.labels(reason).inc(n)

    def attributed(self, counts: Mapping[Field, int]) -> None:
        """Say what lists have brought, of all shards."""
        self._attributed.counts = counts

    def text(self) -> bytes:
        """Return everything, of all workers, in Prometheus' text format."""
        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            registry.register(self._attributed)
        return generate_latest(registry)


def _observe(histogram: Histogram, seconds: Sequence[float]) -> None:
    """Add many observations; the library's own way takes two system calls for each.

    Its parts are private, so a test compares the two ways.
    """
    n_of_bucket = Counts(bisect_left(BUCKETS, took) for took in seconds)
    for bucket, n in n_of_bucket.items():
        histogram._buckets[bucket].inc(n)
    histogram._sum.inc(sum(seconds))
