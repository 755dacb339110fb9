"""Whether `judge annotate` loses a label when it is killed, and how long a label takes from the key to the disk.

Starts the server on made-up answers, sends it labels one after the other over loopback, kills it with SIGKILL at a random moment, and
starts it again on the same files: `python bench/annotate.py [--kills N] [--rows N] [--longest S]`. The time is from the request of a
label to its confirmation, which comes after the line is on the disk and holds the next answer; beside it stands the time that the disk
alone takes for such a line. No project is needed; labels go to a scratch folder. Exit code 1 where a label was lost.
"""

import argparse
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from judge import tables
from judge.people import labels
from judge.people.labels import Label
from judge.tables.schema import TEST

ROOT = Path(__file__).resolve().parent.parent
ANNOTATOR = "anna"
TIMEOUT_S = 20


class Sender(threading.Thread):
    """Sends labels one after the other until nobody answers any more; each has a number as its comment, so that no two are alike."""

    def __init__(self, page: str, rows: int, numbers: Iterator[int]) -> None:
        super().__init__()
        self.base, self.token = page.rstrip("/").rsplit("/", 1)
        self.rows, self.numbers = rows, numbers
        self.confirmed: list[str] = []
        self.refused: list[str] = []
        self.seconds: list[float] = []

    def run(self) -> None:
        """Send until the server is gone, or refuses one."""
        with httpx.Client(base_url=self.base, headers={"X-Judge-Token": self.token}, timeout=TIMEOUT_S) as client:
            try:
                # As the page does: nobody labels an answer before it was shown.
                client.get("/api/row", params={"annotator": ANNOTATOR})
            except httpx.TransportError:
                return
            for number in self.numbers:
                label = {"annotator": ANNOTATOR, "item_id": f"answer-{number % self.rows}", "label": number % 2, "comment": str(number)}
                start = time.perf_counter()
                try:
                    response = client.post("/api/label", json=label)
                except httpx.TransportError:
                    return
                self.seconds.append(time.perf_counter() - start)
                if response.status_code != httpx.codes.OK:
                    self.refused.append(response.text)
                    return
                self.confirmed.append(str(number))


def main() -> int:
    """Kill, count, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, metavar="N")
    parser.add_argument("--rows", type=int, default=200, metavar="N", help="answers in the queue")
    parser.add_argument(
        "--longest", type=float, default=1.0, metavar="S", help="seconds that a server lives, at most, once it is sent labels"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        senders = list(killed(given.kills, given.rows, given.longest))
        there = {label.comment for label in labels.read_file(labels.path_of(ANNOTATOR))}
        disk = [timed_append(number) for number in range(200)]
    lost = [one for sender in senders for one in sender.confirmed if one not in there]
    refused = [one for sender in senders for one in sender.refused]
    confirmed = sum(len(sender.confirmed) for sender in senders)
    print(f"{given.kills} kills, {confirmed} labels confirmed, {len(there)} in the file, {len(lost)} labels lost, {len(refused)} refused")
    print_times("from request to confirmation", [one for sender in senders for one in sender.seconds])
    print_times("a line to the disk alone", disk)
    return 1 if lost or refused else 0


def killed(kills: int, rows: int, longest_s: float) -> Iterator[Sender]:
    """Start the server again and again in the current folder, and kill it while a sender, which is yielded, sends it labels.

    Raises:
        TableError: after a kill the file of labels cannot be read.
    """
    Path("params.yaml").write_text("seed: 17\nlabel: {threshold: 0.8}\n", encoding="utf-8")
    tables.write(TEST, [made_up(f"answer-{number}") for number in range(rows)])
    chance, numbers = random.Random(17), itertools.count()
    for _ in range(kills):
        with serving() as (server, page):
            sender = Sender(page, rows, numbers)
            sender.start()
            time.sleep(chance.uniform(0.0, longest_s))
            server.kill()
            server.wait(TIMEOUT_S)
            sender.join(TIMEOUT_S)
        labels.read()
        yield sender


def made_up(name: str) -> tables.Row:
    """A row of test."""
    row = dict.fromkeys(column.name for column in TEST.columns if column.nullable)
    texts = dict.fromkeys(("question_id", "document_id", "generator", "question", "context", "answer"), "A text. " * 20)
    return {**row, **texts, "answer_id": name, "reference": ["A text."]}


@contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`judge annotate` in the current folder: its process, and the address of its page."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", "judge", "annotate"], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, next(line.split()[1] for line in process.stdout or () if line.startswith("Open "))
        finally:
            process.kill()


def timed_append(number: int) -> float:
    """Seconds that one line takes to the disk, in a file of its own."""
    start = time.perf_counter()
    labels.append(Label(f"answer-{number}", "disk", 1.0, str(number), "test"))
    return time.perf_counter() - start


def print_times(what: str, seconds: Sequence[float]) -> None:
    """Print quantiles of times in milliseconds."""
    cuts = [1000 * cut for cut in statistics.quantiles(seconds, n=100)]
    print(f"{what}: median {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, longest {1000 * max(seconds):.1f} ms, n {len(seconds)}")


if __name__ == "__main__":
    sys.exit(main())
