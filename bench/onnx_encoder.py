"""What a student costs whose encoder is an ONNX graph, beside the same student as it was, and how far their scores agree.

`python -m bench.onnx_encoder` in a built project exports the student twice, in single precision and in 8-bit integers, and lets all
three judge the answers of test and the statements of known truth, in turns.
`alone` is the largest difference between a score of an answer that is judged alone and among all others, on the first fifty.
A torch without the matrix products of newer processors is measured with `ONEDNN_MAX_CPU_ISA=AVX512_CORE` or `=AVX2` in the environment.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from judge import tables
from judge.serving import onnx_export
from judge.students import saved
from judge.students.student import Student
from judge.tables.items import Item
from judge.tables.levels import mean

ALONE = 50


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--student", default="data/judge", type=Path, metavar="FOLDER")
    parser.add_argument("--times", default=3, type=int, metavar="N")
    options = parser.parse_args()
    items = [Item.of(row) for table in (tables.TEST, tables.PROBES) for row in tables.read(table)]
    students = {"PyTorch": saved.load(options.student)}
    agreements = {"PyTorch": "-"}
    with tempfile.TemporaryDirectory() as made:
        for name, int8 in (("ONNX", False), ("ONNX, int8", True)):
            folder = Path(made) / name
            found = onnx_export.export(options.student, folder, items, int8=int8)
            students[name] = saved.load(folder)
            agreements[name] = f"{found.pearson:.6f}  {found.largest:.4f}"
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in students}
    for _ in range(options.times):
        for name, student in students.items():
            costs[name].append(_cost(student, items))
    print(f"{len(items)} rows, {torch.get_num_threads()} threads")
    print(f"{'':<12}{'rows/s':>{9 * options.times}}  {'CPU s a 1,000 rows':>{9 * options.times}}  r and largest difference  alone")
    for name, student in students.items():
        rates = "".join(f"{len(items) / wall_s:9.1f}" for wall_s, _ in costs[name])
        cpu = "".join(f"{cpu_s / len(items) * 1000:9.2f}" for _, cpu_s in costs[name])
        print(f"{name:<12}{rates}  {cpu}  {agreements[name]:<24}  {_alone(student, items):.4f}", flush=True)


def _cost(student: Student, items: Sequence[Item]) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    student.judge(items)
    return time.perf_counter() - wall, time.process_time() - cpu


def _alone(student: Student, items: Sequence[Item]) -> float:
    together = student.judge(items)[:ALONE]
    alone = [student.judge([item])[0] for item in items[:ALONE]]
    pairs = [(one.levels, other.levels) for one, other in zip(together, alone, strict=True)]
    return max(abs(mean(one) - mean(other)) for one, other in pairs if one and other)


if __name__ == "__main__":
    main()
