"""How long `judge compare` takes, and how much memory, on two commits with a test table of 100,000 answers each.

Makes a DVC repository of synthetic tables in a temporary folder, in about a minute and 1 GB, and compares its two commits:
`python bench/compare.py [--answers N]`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from judge.tables.levels import classify, interpolate

ROOT = Path(__file__).resolve().parent.parent
ANSWERS_PER_DOCUMENT = 3
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
    **{f"GIT_{who}_{what}": "bench@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
PIPELINE = """\
stages:
  copy:
    cmd: mkdir -p data/scores && cp prepared/test.jsonl data/test.jsonl && cp prepared/student.jsonl data/scores/student.jsonl
    deps: [prepared]
    outs: [data/test.jsonl, data/scores/student.jsonl]
"""
PARAMS = "seed: 17\nlabel:\n  threshold: {threshold}\nevaluate:\n  resamples: 2000\n  confidence: 0.95\n"


def main() -> None:
    """Make the repository, compare, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=100_000, metavar="N")
    answers = parser.parse_args().answers
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_repository(folder, answers)
        size = sum(path.stat().st_size for path in (folder / "data").rglob("*.jsonl")) / 1e6
        print(f"two commits, {answers} answers each, {size:.0f} MB of tables a commit")
        for what, options in (("table", []), ("table, JSON and page", ["--json", "found.json", "--html", "found.html"])):
            seconds, busy, peak = measure(folder, [sys.executable, "-m", "judge", "compare", "one", "two", *options])
            print(f"{what}: {seconds:.1f} s, {busy:.1f} s of them on a processor, {peak:.2f} GB resident at most")


def make_repository(folder: Path, answers: int) -> None:
    """A DVC repository in an empty folder with two commits, tagged one and two, whose second student is a little better."""
    prepared = folder / "prepared"
    prepared.mkdir()
    (folder / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (folder / ".gitignore").write_text("/prepared\n", encoding="utf-8")
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"], ["dvc", "config", "core.analytics", "false"]):
        run(folder, *command)
    for tag, noise, threshold in (("one", 0.20, 0.8), ("two", 0.18, 0.7)):
        (folder / "params.yaml").write_text(PARAMS.format(threshold=threshold), encoding="utf-8")
        with (
            (prepared / "test.jsonl").open("w", encoding="utf-8") as test,
            (prepared / "student.jsonl").open("w", encoding="utf-8") as student,
        ):
            for row, judgment in rows(answers, noise, threshold):
                test.write(json.dumps(row) + "\n")
                student.write(json.dumps(judgment) + "\n")
        for command in (["dvc", "repro", "-q"], ["git", "add", "-A"], ["git", "commit", "-qm", tag], ["git", "tag", tag]):
            run(folder, *command)
    shutil.rmtree(prepared)


def rows(answers: int, noise: float, threshold: float) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Rows of test with the student's judgments; the teacher's scores are the same at any noise, a twentieth of the answers is not."""
    generator = np.random.default_rng(1)
    teacher = generator.beta(0.6, 0.4, answers)
    student = np.clip(teacher + generator.normal(0.0, 1.0, answers) * noise, 0.0, 1.0)
    for number in range(answers):
        score, judged = float(teacher[number]), float(student[number])
        own = f"{noise}" if number % 20 == 0 else ""
        yield (
            {
                "answer_id": f"{number:016x}{own}",
                "question_id": f"{number // ANSWERS_PER_DOCUMENT:016x}",
                "document_id": f"{number // ANSWERS_PER_DOCUMENT:016x}",
                "generator": f"generator-{number % ANSWERS_PER_DOCUMENT}",
                "question": f"What was the {number}th of the questions that somebody asked about this passage?",
                "context": "A passage of a few sentences, as long as they are in the default corpus. " * 12,
                "reference": "The reference answer to it, in a sentence.",
                "answer": f"The {number}th answer, which says in one sentence and a half what was asked, and then goes on a little longer.",
                "teacher_levels": list(interpolate(score)),
                "teacher_score": score,
                "teacher_class": classify(score, threshold),
                "reason": None,
            },
            {"item_id": f"{number:016x}{own}", "levels": list(interpolate(judged)), "score": judged, "reason": None},
        )


def measure(folder: Path, command: list[str]) -> tuple[float, float, float]:
    """Seconds, processor seconds and peak resident gigabytes of a command, which has to succeed."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} failed")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9


def run(folder: Path, *command: str) -> None:
    """Run a command of git or DVC in a folder."""
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, check=True)


if __name__ == "__main__":
    main()
