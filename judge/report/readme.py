"""The parts of README.md that are made by code, put between their markers."""

from pathlib import Path

from judge import tables
from judge.errors import JudgeError
from judge.report import report
from judge.tables import atomic, metric_files

README = Path("README.md")


def update() -> None:
    """Write the figures in metrics/ and the table of tables into README.md.

    Raises:
        TableError: metrics/evaluation.json is missing.
        JudgeError: a marker is missing.
    """
    atomic.write_text(README, with_blocks(README.read_text(encoding="utf-8"), metric_files.read(metric_files.EVALUATION)))


def with_blocks(text: str, figures: metric_files.Metrics) -> str:
    """A README with the parts that are made by code put between their markers.

    Raises:
        JudgeError: a marker is missing.
    """
    made = {"tables": tables.as_markdown(), "results": f"{report.answer(figures)}\n\n```\n{report.results_table(figures)}```\n"}
    for name, block in made.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise JudgeError(f"{README} has no markers {begin.strip()} and {end}.\nNext: put them where the {name} belong.")
        text = f"{before}{begin}{block}{end}{after}"
    return text
