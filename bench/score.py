"""How many rows a second `judge score` judges, and that its memory does not grow with the file.

`python bench/score.py` in a built project writes files of made-up rows, judges each with a process of its own, and prints a table.
The rows are questions and answers of data/dataset.jsonl on passages of about 230 tokens, `--answers` of them to a passage, each with
a number of its own, so that no text of one passage stands at another.
Linear is the CPU time a row against that of the smallest file: other work on the machine shows in the seconds, and less in the CPU time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from judge import tables

_CHARACTERS = 1_000
_KIB = 1024


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 50_000], metavar="N")
    parser.add_argument("--answers", type=int, default=3, metavar="N", help="to a passage")
    parser.add_argument("--student", default="data/student", metavar="WHICH")
    options = parser.parse_args()
    print("rows     seconds  rows/s  CPU s a 1,000 rows  of linear  peak memory")
    first = None
    with tempfile.TemporaryDirectory() as folder:
        for count in sorted(options.rows):
            source = Path(folder) / "in.jsonl"
            with source.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in islice(_rows(options.answers), count))
            seconds, cpu_s, peak_bytes = _measure(source, Path(folder) / "out.jsonl", options.student)
            cost = cpu_s / count * 1000
            first = first or cost
            print(
                f"{count:<7,}  {seconds:7.1f}  {count / seconds:6.1f}  {cost:18.2f}  {cost / first:9.3f}  {peak_bytes / 1e9:8.2f} GB",
                flush=True,
            )


def _rows(answers: int) -> Iterator[dict[str, Any]]:
    """Rows without end."""
    read = tables.read(tables.DATASET)
    texts = list(dict.fromkeys(row["context"] for row in read))
    asked = cycle([(row["question"], row["answer"]) for row in read if row["answer"]])
    for number, text in enumerate(cycle(texts)):
        passage = f"Number {number}. {text}"
        for other in islice(cycle(texts), number % len(texts), None):
            if len(passage) >= _CHARACTERS:
                break
            passage += f" {other}"
        for question, answer in islice(asked, answers):
            yield {"question": question, "answer": f"{answer} That is number {number}.", "context": passage[:_CHARACTERS]}


def _measure(source: Path, target: Path, student: str) -> tuple[float, float, int]:
    """Seconds, seconds of the processor, and the most memory that the command held, in bytes."""
    began_s = time.monotonic()
    command = [sys.executable, "-m", "judge", "score", str(source), str(target), "--student", student]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"judge score ended with code {process.returncode}")
    return time.monotonic() - began_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _KIB


if __name__ == "__main__":
    main()
