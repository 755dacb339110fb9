"""The parts of README.md and docs/ that are made by code: blocks between markers, and the picture of the results."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from judge import tables
from judge.errors import JudgeError
from judge.evaluation import definitions, figures
from judge.evaluation import evidence as evidence_table
from judge.report import charts, evidence, results, robustness
from judge.settings import PARAMS, read_params
from judge.tables import atomic

README, CHOICES, TABLES, TEACHER = Path("README.md"), Path("docs/choices.md"), Path("docs/tables.md"), Path("docs/teacher.md")
EVIDENCE, ROBUSTNESS = Path("docs/evidence.md"), Path("docs/robustness.md")
PICTURE = Path("docs/results.svg")
# Each choice, and the key of params.yaml that names what is chosen.
CHOSEN_BY = {"corpus": "corpus", "questioner": "questioner", "generator": "generators", "teacher": "teacher", "student": "student"}
# A file of its own has no page whose text colour it could take; this grey has a contrast of 4 to 1 or better on white and on black.
_GREY = "#767676"


def update() -> None:
    """Write the figures of metrics/, the options of conf/, the tables and the picture into README.md and docs/.

    Raises:
        TableError: a file of metrics/ is missing.
        JudgeError: a marker is missing, or an option file does not say in its first line what it is.
    """
    for path, text in made().items():
        atomic.write_text(path, text)


def made(root: Path = Path()) -> dict[Path, str]:
    """Every file that has a part made by code, as `update` would write it.

    Args:
        root: the project's folder.

    Returns:
        The texts by path below `root`. Raises as `update` does.
    """
    params = read_params(root / PARAMS)
    table = figures.read(root / figures.FIGURES_CSV)
    published = evidence_table.read(root / evidence_table.EVIDENCE_CSV)
    pages = {
        README: {
            "examples": examples(root / "metrics/plots/examples.csv"),
            "results": f"{results.answer(table)}\n\n```\n{results.results_table(table, with_shares=False)}```\n",
            "evidence": evidence.by_task(published),
        },
        EVIDENCE: {"evidence": evidence.by_task(published), "judges": evidence.by_judge(published)},
        CHOICES: {f"{choice} options": options(root / "conf" / choice, params[key]) for choice, key in CHOSEN_BY.items()},
        TEACHER: {"shares": f"```\n{results.shares_table(table)}```\n"},
        ROBUSTNESS: {"robustness": f"```\n{robustness.robustness_table(table)}```\n"},
        TABLES: {"tables": tables.as_markdown(), "figures": figure_names()},
    }
    texts = {path: with_blocks((root / path).read_text(encoding="utf-8"), blocks, str(path)) for path, blocks in pages.items()}
    return texts | {PICTURE: picture(root / "metrics/plots/scores.csv", params["label"]["threshold"])}


def with_blocks(text: str, blocks: Mapping[str, str], path: str) -> str:
    """A page with each block put between its markers.

    Args:
        text: the page as it is.
        blocks: the text of each block, by the name that its markers carry.
        path: where the page lies, for the message.

    Raises:
        JudgeError: a marker is missing.
    """
    for name, block in blocks.items():
        begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->"
        before, opened, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise JudgeError(f"{path} has no markers {begin.strip()} and {end}.\nNext: put them where the {name} belong.")
        text = f"{before}{begin}{block}{end}{after}"
    return text


def options(folder: Path, chosen: str | list[str]) -> str:
    """The option files of a choice as a table in Markdown; the first comment line of a file says what it is.

    Args:
        folder: the choice's folder in conf/.
        chosen: what params.yaml chooses, one option or several; it is set in bold.

    Raises:
        JudgeError: a file does not begin with a comment that is a sentence.
    """
    lines = ["| option | kind | what it is |", "|---|---|---|"]
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        first = text.partition("\n")[0]
        if not first.startswith("# ") or not first.endswith((".", ".)")):
            raise JudgeError(
                f"{path} has to begin with a comment line that says in a sentence what it is, got {first!r}.\nNext: write one."
            )
        link = f"[`{path.stem}`](../conf/{folder.name}/{path.name})"
        name = f"**{link}**" if path.stem in ([chosen] if isinstance(chosen, str) else chosen) else link
        what = first.removeprefix("# ").replace("|", "\\|")
        lines.append(f"| {name} | {yaml.safe_load(text)['kind']} | {what} |")
    return "\n".join(lines) + "\n"


def examples(file: Path) -> str:
    """The tutorial's own table in Markdown: question, generated answer, teacher score and class of a few answers.

    Raises:
        JudgeError: the file is missing.
    """
    lines = ["| question | generated answer | teacher score | teacher class |", "|---|---|---|---|"]
    for row in _rows(file):
        # What a model wrote stands in a cell as it is: nothing of it may become markup.
        texts = [re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(row[name].split())) for name in ("question", "answer")]
        lines.append(f"| {texts[0]} | {texts[1]} | {float(row['teacher_score']):.2f} | {row['teacher_class']} |")
    return "\n".join(lines) + "\n"


def figure_names() -> str:
    """The figures of agreement as a table in Markdown, in the order in which they are printed."""
    lines = ["| `figure` | called | what it says | better |", "|---|---|---|---|"]
    for name, definition in definitions.FIGURES.items():
        lines.append(f"| `{name}` | {definition.label} | {definition.meaning} | {definition.better} |")
    return "\n".join(lines) + "\n"


def picture(scores: Path, threshold: float) -> str:
    """The student's scores over the teacher's as an SVG file that reads on a light page and on a dark one.

    Args:
        scores: metrics/plots/scores.csv, one row an answer of test.
        threshold: the score above which an answer is acceptable, 0 to 1; drawn as dashed lines.

    Raises:
        JudgeError: the file is missing.
    """
    rows = [_typed(row) for row in _rows(scores)]
    return charts.score_scatter(rows, "student", threshold).replace("currentColor", _GREY)


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of metrics/."""
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened))
    except FileNotFoundError:
        raise JudgeError(f"{file} is missing.\nNext: `dvc repro` makes it.") from None


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    """A row with its scores to three places, as the page's figures are: another kind of CPU shall change no byte of the picture."""
    return {name: round(float(value), 3) if name.endswith("_score") else value for name, value in row.items()}
