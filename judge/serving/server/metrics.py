"""What the server counts, in the text format of Prometheus (version 0.0.4, prometheus.io/docs/instrumenting/exposition_formats)."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64)


@dataclass
class _Histogram:
    """How many values were at most each bound, their sum and their number."""

    bounds: Sequence[float]
    counts: Counter[float] = field(default_factory=Counter)
    total: float = 0.0
    number: int = 0

    def add(self, value: float) -> None:
        self.number += 1
        self.total += value
        for bound in self.bounds:
            if value <= bound:
                self.counts[bound] += 1

    def lines(self, name: str, labels: str = "") -> list[str]:
        comma = labels and f"{labels},"
        braces = labels and f"{{{labels}}}"
        return [
            *(f'{name}_bucket{{{comma}le="{bound}"}} {self.counts[bound]}' for bound in self.bounds),
            f'{name}_bucket{{{comma}le="+Inf"}} {self.number}',
            f"{name}_sum{braces} {self.total}",
            f"{name}_count{braces} {self.number}",
        ]


class Metrics:
    """Counters of requests, rows and batches; both the event loop and the thread that judges add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, _Histogram] = {}
        self._batches = _Histogram(_ROWS)
        self._rows = 0

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered; `route` has to be one of few."""
        with self._lock:
            self._requests[route, status] += 1
            self._seconds.setdefault(route, _Histogram(_SECONDS)).add(seconds)

    def batch(self, rows: int) -> None:
        """Count a batch that was judged."""
        with self._lock:
            self._rows += rows
            self._batches.add(rows)

    def text(self, waiting: Callable[[], int], *, is_ready: bool) -> str:
        """All of it; `waiting` gives the rows in the queue."""
        with self._lock:
            requests = [
                f'judge_requests_total{{route="{route}",status="{status}"}} {count}'
                for (route, status), count in sorted(self._requests.items())
            ]
            seconds = [
                line for route, found in sorted(self._seconds.items()) for line in found.lines("judge_request_seconds", f'route="{route}"')
            ]
            batches = self._batches.lines("judge_batch_rows")
            rows = self._rows
        parts = [
            *_metric("judge_requests_total", "counter", "Requests answered, by route and status.", requests),
            *_metric("judge_request_seconds", "histogram", "From a request's first line to its answer's last byte.", seconds),
            *_metric("judge_rows_total", "counter", "Rows judged.", [f"judge_rows_total {rows}"]),
            *_metric("judge_batch_rows", "histogram", "Rows judged together.", batches),
            *_metric("judge_queue_rows", "gauge", "Rows that wait.", [f"judge_queue_rows {waiting()}"]),
            *_metric("judge_ready", "gauge", "1 where the student is loaded and the server does not stop.", [f"judge_ready {is_ready:d}"]),
        ]
        return "\n".join(parts) + "\n"


def _metric(name: str, kind: str, what: str, lines: Sequence[str]) -> list[str]:
    return [f"# HELP {name} {what}", f"# TYPE {name} {kind}", *lines]
