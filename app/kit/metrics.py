"""Prometheus metrics: each process has one registry, passed in, and shown at ``/metrics``."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_JOB_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0)
_ATTEMPT_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
_QUERIES = (0, 1, 2, 3, 4, 5, 8, 13, 21)


class Metrics:
    """Everything this process counts. Labels are templates and names, never ids, so that their number is bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram, Histogram]] = {}
        labels = ("method", "route")
        self._requests = Counter("safqa_http_requests", "Answers given", (*labels, "status"), registry=self.registry)
        self._request_seconds = Histogram(
            "safqa_http_request_seconds", "Time to answer", labels, buckets=_SECONDS, registry=self.registry
        )
        self._request_queries = Histogram(
            "safqa_http_request_queries", "Statements per request", labels, buckets=_QUERIES, registry=self.registry
        )
        self._jobs = Counter("safqa_jobs", "Jobs done", ("job", "outcome"), registry=self.registry)
        self._job_seconds = Histogram(
            "safqa_job_seconds", "Time to do a job", ("job",), buckets=_JOB_SECONDS, registry=self.registry
        )
        self._ranking_seconds = Histogram(
            "safqa_ranking_seconds", "Time in the ranker, waiting not counted", ("of",), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._index_age = Gauge(
            "safqa_index_age_seconds", "Since the index last took its changes in", ("side",), registry=self.registry
        )
        self._index_documents = Gauge(
            "safqa_index_documents", "Documents in the index", ("side",), registry=self.registry
        )
        self._crawls = Counter("safqa_source_runs", "Runs of sources", ("source", "outcome"), registry=self.registry)
        self._notices = Counter(
            "safqa_source_notices", "Notices met by runs", ("source", "what"), registry=self.registry
        )
        self._disabled = Counter(
            "safqa_webhooks_disabled", "Webhook endpoints switched off", ("why",), registry=self.registry
        )
        self._attempts = Counter(
            "safqa_webhook_attempts", "Requests to webhook endpoints", ("outcome",), registry=self.registry
        )
        self._attempt_seconds = Histogram(
            "safqa_webhook_attempt_seconds", "Time until a webhook was answered or given up", buckets=_ATTEMPT_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._deliveries_due = Gauge("safqa_webhook_deliveries_due", "Deliveries due now", registry=self.registry)
        self._oldest_due = Gauge(
            "safqa_webhook_oldest_due_seconds", "For how long the oldest of them is due", registry=self.registry
        )
        self._events_waiting = Gauge(
            "safqa_webhook_events_waiting", "Events that no deliveries were made of yet", registry=self.registry
        )
        self._endpoints = Gauge(
            "safqa_webhook_endpoints", "Webhook endpoints by state", ("state",), registry=self.registry
        )
        self._mails = Counter(
            "safqa_mails", "Letters by what became of them", ("kind", "outcome"), registry=self.registry
        )
        self._source_status = Gauge(
            "safqa_source_status", "1 for how a source is", ("source", "status"), registry=self.registry
        )
        self._source_complete = Gauge(
            "safqa_source_last_complete_timestamp_seconds", "Start of the last complete run", ("source",),
            registry=self.registry,
        )  # fmt: skip

    def request_done(self, *, method: str, route: str, status: int, seconds: float, queries: int) -> None:
        """Count one answer. ``route`` is the template, ``unmatched`` where there was none."""
        answers, times, statements = self._of_route(method, route, status)
        answers.inc()
        times.observe(seconds)
        statements.observe(queries)

    def _of_route(self, method: str, route: str, status: int) -> tuple[Counter, Histogram, Histogram]:
        """The three children for these labels, kept: looking one up takes longer than counting."""
        key = (method, route, status)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = (
                self._requests.labels(method, route, str(status)),
                self._request_seconds.labels(method, route),
                self._request_queries.labels(method, route),
            )
        return found

    @contextlib.contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Time one job, and count it as ``done`` or, when it raises, as ``failed``."""
        started = time.perf_counter()
        outcome = "failed"
        try:
            yield
            outcome = "done"
        finally:
            self._jobs.labels(name, outcome).inc()
            self._job_seconds.labels(name).observe(time.perf_counter() - started)

    def ranked(self, of: str, seconds: float) -> None:
        """Count one ranking ``of`` startups or of tenders."""
        self._ranking_seconds.labels(of).observe(seconds)

    def watch_index(self, side: str, *, age_seconds: Callable[[], float], documents: Callable[[], int]) -> None:
        """Read the age and size of one side of the index whenever the metrics are asked for."""
        self._index_age.labels(side).set_function(age_seconds)
        self._index_documents.labels(side).set_function(documents)

    def crawled(self, source: str, outcome: str, notices: Mapping[str, int | None]) -> None:
        """Count one run of a source, and what it met."""
        self._crawls.labels(source, outcome).inc()
        for what in ("seen", "parsed", "rejected", "unchanged"):
            self._notices.labels(source, what).inc(notices.get(what) or 0)

    def webhook_disabled(self, why: str) -> None:
        """Count one endpoint that was switched off: ``gone`` or ``failing``."""
        self._disabled.labels(why).inc()

    def webhook_tried(self, outcome: str, seconds: float) -> None:
        """Count one request: ``delivered``, ``3xx`` ..., or the code of what went wrong before there was a status."""
        self._attempts.labels(outcome).inc()
        self._attempt_seconds.observe(seconds)

    def webhooks_wait(self, *, due: int, oldest_seconds: float, events: int, endpoints: Mapping[str, int]) -> None:
        """Tell how much waits to be sent, and how many endpoints there are in each state."""
        self._deliveries_due.set(due)
        self._oldest_due.set(oldest_seconds)
        self._events_waiting.set(events)
        for state, n in endpoints.items():
            self._endpoints.labels(state).set(n)

    def mailed(self, kind: str, outcome: str) -> None:
        """Count one letter, or one attempt that is to be repeated."""
        self._mails.labels(kind, outcome).inc()

    def source_stands(self, source: str, status: str, statuses: Sequence[str], complete: float) -> None:
        """Tell how a source is, of all ways it may be, and when its last complete run began (0: never)."""
        for each in statuses:
            self._source_status.labels(source, each).set(each == status)
        self._source_complete.labels(source).set(complete)

    def render(self) -> bytes:
        """The text format 0.0.4 of Prometheus."""
        return generate_latest(self.registry)
