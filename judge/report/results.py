"""The results in words and as plain text: one sentence that answers, and the tables that a terminal shows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.figures import NONE, OUT_OF_FOLD, PEOPLE, TRUTH, Estimate
from judge.report import cells, people
from judge.report.cells import PEOPLE_SIDES, SIDES

if TYPE_CHECKING:
    import pandas as pd


def answer(table: "pd.DataFrame") -> str:
    """How close the student came to the teacher, against the baseline, in one sentence; where people have spoken, to them in another."""
    student, baseline, difference = (figures.get(table, side, PRIMARY) for side in SIDES)
    confidence = _confidence(table)
    tested = f"On {student.n} test answers from {_documents(table)} documents"
    if student.value is None:
        return f"{tested}, the student's correlation with the teacher is undefined.{_to_people(table, confidence)}"
    gained = "an unknown difference" if difference.value is None else f"a difference of {_with_interval(difference, confidence)}"
    spread = figures.seed_spread(table, PRIMARY)
    moved = "" if spread is None else f" Training it again from other seeds moves r by a standard deviation of {spread.deviation:.4f}."
    return (
        f"{tested}, the student's scores correlate with the teacher's at r = {_with_interval(student, confidence)}; those of the strongest "
        f"simple judge, {figures.best_baseline(table)}, fitted on the same rows, at {_with_interval(baseline, confidence)}: {gained}."
        f"{moved}{_to_people(table, confidence)}"
    )


def results_table(table: "pd.DataFrame", *, with_shares: bool = True) -> str:
    """The main figures as plain text for a terminal, about 100 columns wide.

    `with_shares` adds what `shares_table` gives.
    """
    agreement, with_people, judges = cells.against_teacher(table), cells.against_people(table), cells.probe_judges(table)
    lines = [
        f"Agreement with the teacher on test answers from {_documents(table)} documents; {_confidence(table)} intervals by document",
        _line("", SIDES),
        _line("n", [str(figures.get(table, side, PRIMARY).n) for side in SIDES]),
        *(_line(label, list(map(str, row))) for label, _, row in agreement),
        "",
        f"Simple judges, fitted on the student's training rows; baseline above is {figures.best_baseline(table)}",
        _line("", [FIGURES[name].label for name in cells.SHOWN]),
        *(_line(name, list(map(str, row))) for name, row in cells.baselines(table)),
        *_out_of_fold(table),
    ]
    if with_people:
        asked = figures.get(table, PEOPLE, "n", NONE).value
        share = cells.cell(figures.get(table, PEOPLE, "acceptable_share", NONE))
        lines += ["", f"Against people on {asked} answers, of which they accept {share}; the difference is student less teacher"]
        lines += [chosen] if (chosen := people.weighted(table)) else []
        lines.append(_line("", PEOPLE_SIDES))
        lines.append(_line("n", [str(figures.get(table, side, "kappa", PEOPLE).n) for side in PEOPLE_SIDES]))
        lines += [_line(label, list(map(str, row))) for label, row in with_people]
        lines += ["", "Simple judges against people", _line("", [FIGURES[name].label for name in cells.SHOWN_AGAINST_PEOPLE])]
        lines += [_line(name, list(map(str, row))) for name, row in cells.people_baselines(table)]
        lines += _several(table)
    if judges:
        n, documents = (figures.get(table, "probe", name, NONE).value for name in ("n", "documents"))
        lines += ["", f"Known truth: AUROC on {n} statements of {documents} documents", _line("", judges)]
        lines += [_line(name, list(map(str, row))) for name, _, row in cells.probes(table)]
        ahead = figures.look_up(table, "difference", "auroc", TRUTH)
        lines += [f"student less baseline, all kinds: {cells.cell(ahead)}"] if ahead else []
        lines += ["", *_shares(table)] if with_shares else []
    # The figures by generator are not shown here, and neither are their notes.
    shown = table[~table["slice"].str.startswith("generator=")]
    lines += [f"({letter}) {text}" for letter, text in cells.notes(shown).items()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def shares_table(table: "pd.DataFrame") -> str:
    """The share of statements of known truth above the threshold, by kind, as plain text; empty where there are none."""
    return "".join(f"{line.rstrip()}\n" for line in _shares(table)) if cells.probe_judges(table) else ""


def _shares(table: "pd.DataFrame") -> list[str]:
    lines = ["Known truth: share above the threshold", _line("", cells.probe_judges(table))]
    return lines + [_line(name, list(map(str, row))) for name, _, row in cells.accepted(table)]


def _several(table: "pd.DataFrame") -> list[str]:
    """People among themselves, and each judge as one more of them; nothing where no two labelled the same answers."""
    among = people.among_themselves(table)
    if not among:
        return []
    lines = ["", "People among themselves", *(f"{line.label}: {line.cells[0]} (n {line.n})" for line in among)]
    lines += ["", "Each judge as one more person", _line("", people.JUDGES)]
    return lines + [text for line in people.as_one_more(table) for text in (line.label, _line("", list(map(str, line.cells))))]


def _out_of_fold(table: "pd.DataFrame") -> list[str]:
    """What runs are chosen by: figures on training answers by what had not learnt from them; nothing where a student has none."""
    found = [figures.look_up(table, "student", name, part=OUT_OF_FOLD) for name in ("pearson", "kappa")]
    if None in found:
        return []
    shown = ", ".join(f"{FIGURES[name].label} {cells.cell(each)}" for name, each in zip(("pearson", "kappa"), found, strict=True) if each)
    return ["", "To choose by: the student on training answers that it had not learnt from", shown]


def _line(name: str, columns: Sequence[str]) -> str:
    return f"{name:<26}" + "".join(f"{text:<24}" for text in columns)


def _to_people(table: "pd.DataFrame", confidence: str) -> str:
    """The sentence on what people say; empty where there are none."""
    asked = figures.look_up(table, PEOPLE, "n", NONE)
    if asked is None:
        return ""
    student, baseline, teacher = (
        _with_interval(figures.get(table, judge, "kappa", PEOPLE), confidence) for judge in ("student", "baseline", "teacher")
    )
    return (
        f" With what people say of {asked.value} answers, the student agrees at Cohen's kappa {student}, "
        f"the baseline at {baseline}, the teacher at {teacher}."
    )


def _with_interval(estimate: Estimate, confidence: str) -> str:
    interval = "no interval" if estimate.low is None else f"{confidence} interval {estimate.low:.3f} to {estimate.high:.3f}"
    return f"{cells.cell(estimate).value} ({interval})"


def _confidence(table: "pd.DataFrame") -> str:
    return f"{figures.get(table, 'interval', 'confidence', NONE).value:.0%}"


def _documents(table: "pd.DataFrame") -> float | None:
    return figures.get(table, "test", "documents", NONE).value
