"""The report: one HTML page that needs nothing but itself, and the table that a terminal shows.

No figure stands here without its n, its interval and the baseline beside it.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any, NamedTuple

from judge.evaluation.bootstrap import REASONS
from judge.evaluation.evaluation import EVERY_KIND, Evaluation
from judge.evaluation.figures import AGAINST_PEOPLE, BY_GENERATOR, FIGURES, PRIMARY
from judge.report import charts
from judge.tables.metric_files import Metrics
from judge.tables.schema import Row

METRICS = {name: (defined.label, defined.meaning) for name, defined in FIGURES.items()}
SIDES = ("student", "baseline", "difference")
# Against people: the teacher is a judge like the others, and the difference is that of student and teacher.
PEOPLE_SIDES = ("student", "baseline", "teacher", "difference")
WORST = 10
_NOTES = dict(zip(REASONS, "abcd", strict=True))


class Cell(NamedTuple):
    """A figure as it is printed: the number, its interval, and the letter of the note that says why one is missing."""

    value: str
    interval: str
    note: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.value, self.interval, self.note and f"({self.note})") if part)


def render(
    evaluation: Evaluation,
    test: Sequence[Row],
    training: Sequence[Row],
    run: Mapping[str, Any],
    counts: Mapping[str, int],
    dropped: Mapping[str, int],
    model_card: Mapping[str, Any],
    sweeps: Mapping[str, Sequence[Sequence[str]]] = MappingProxyType({}),
) -> str:
    """The report as the text of one HTML page.

    Args:
        evaluation: what `evaluation.evaluate` returned, or the same read from its files.
        test: rows of the dataset table; they give the disagreements their texts.
        training: a row an epoch: epoch, and any of train_ and validation_ with ce, kl and loss; there may be none.
        run: what was run, name to value; `threshold` has to be there.
        counts: the rows of each table.
        dropped: why questions were dropped, and how many.
        model_card: figures of the student, such as its size in bytes; there may be none.
        sweeps: the tables that `judge sweep` wrote, by what was swept, the line of names first; there may be none.

    Everything is escaped: what a model wrote is shown and never obeyed.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    metrics, plots, threshold = evaluation.metrics, evaluation.plots, float(run["threshold"])
    pictures = {
        "student_scores": charts.score_scatter(plots["scores"], "student", threshold),
        "baseline_scores": charts.score_scatter(plots["scores"], "baseline", threshold),
        "student_classes": charts.confusion(plots["scores"], "student"),
        "baseline_classes": charts.confusion(plots["scores"], "baseline"),
        "reliability": charts.reliability(plots["reliability"]),
        "roc": charts.roc(plots["roc"]),
        "by_generator": charts.by_generator(plots["by_generator"]),
        "thresholds": charts.thresholds(plots["thresholds"]),
        "probes": charts.probes(plots["probes"]) if plots["probes"] else "",
        "training": charts.training(training),
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files("judge.report").joinpath("report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        answer=answer(metrics),
        charts={name: Markup(picture) for name, picture in pictures.items()},  # noqa: S704 - drawn here, not written by a model
        run={name: _plain(value) for name, value in run.items()},
        counts=counts,
        dropped=dropped,
        model_card={name: _plain(value) for name, value in model_card.items()},
        confidence=f"{metrics['interval.confidence']:.0%}",
        metrics=metrics,
        agreement=[(*METRICS[name], [cell(metrics, f"{side}.{name}") for side in SIDES]) for name in METRICS],
        shares=[
            (judge, metrics[f"{judge}.judged"], cell(metrics, f"{judge}.acceptable_share")) for judge in ("teacher", "student", "baseline")
        ],
        people=_people(metrics),
        generators=_generators(metrics),
        judges=_probe_judges(metrics),
        probes=_probes(metrics),
        failures=_failures(metrics),
        sweeps=sweeps,
        disagreements=_disagreements(plots["scores"], test),
        notes=_notes(metrics),
    )


def answer(metrics: Metrics) -> str:
    """How close the student came to the teacher, against the baseline, in one sentence; where people have spoken, to them in another."""
    tested = f"On {metrics['student.n']} test answers from {metrics['test.documents']} documents"
    student, baseline, difference = (cell(metrics, f"{side}.{PRIMARY}") for side in SIDES)
    if metrics[f"student.{PRIMARY}"] is None:
        return f"{tested}, the student's correlation with the teacher is undefined.{_to_people(metrics)}"
    gained = "an unknown difference"
    if metrics[f"difference.{PRIMARY}"] is not None:
        gained = f"a difference of {difference.value}{_between(metrics, f'difference.{PRIMARY}')}"
    return (
        f"{tested}, the student's scores correlate with the teacher's at "
        f"r = {student.value}{_between(metrics, f'student.{PRIMARY}')}; "
        f"the baseline's at {baseline.value}{_between(metrics, f'baseline.{PRIMARY}')}: {gained}.{_to_people(metrics)}"
    )


def results_table(metrics: Metrics) -> str:
    """The main figures as plain text for a terminal, about 100 columns wide."""
    confidence = f"{metrics['interval.confidence']:.0%}"
    lines = [
        f"Agreement with the teacher on test answers from {metrics['test.documents']} documents; {confidence} intervals by document",
        _line("", SIDES),
        _line("n", [str(metrics[f"{side}.n"]) for side in SIDES]),
    ]
    lines += [_line(METRICS[name][0], [str(cell(metrics, f"{side}.{name}")) for side in SIDES]) for name in METRICS]
    people, judges = _people(metrics), _probe_judges(metrics)
    if people:
        lines += ["", f"Against people on {metrics['human.n']} answers; the difference is student less teacher", _line("", PEOPLE_SIDES)]
        lines.append(_line("n", [str(metrics[f"{side}.human.n"]) for side in PEOPLE_SIDES]))
        lines += [_line(name, [str(found) for found in cells]) for name, cells in people]
    if judges:
        lines += ["", f"Known truth: AUROC on {metrics['probe.n']} statements of {metrics['probe.documents']} documents", _line("", judges)]
        lines += [_line(name, [str(found) for found in cells]) for name, _, cells in _probes(metrics)]
    shown = {key: value for key, value in metrics.items() if ".by_generator." not in key}
    lines += [f"({letter}) {text}" for letter, text in _notes(shown).items()]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def cell(metrics: Metrics, key: str) -> Cell:
    """The figure under `key` with its interval, to three places."""
    note = _NOTES.get(str(metrics.get(f"{key}_reason")), "")
    if metrics[key] is None:
        return Cell("–", "", note)
    low, high = metrics[f"{key}_low"], metrics[f"{key}_high"]
    return Cell(f"{metrics[key]:.3f}", "" if low is None else f"[{low:.3f}, {high:.3f}]", note)


def _notes(metrics: Metrics) -> dict[str, str]:
    """The notes that some of the figures refer to."""
    used = {value for key, value in metrics.items() if key.endswith("_reason")}
    return {_NOTES[reason]: text for reason, text in REASONS.items() if reason in used}


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<26}" + "".join(f"{text:<24}" for text in cells)


def _between(metrics: Metrics, key: str) -> str:
    low, high = metrics[f"{key}_low"], metrics[f"{key}_high"]
    return " (no interval)" if low is None else f" ({metrics['interval.confidence']:.0%} interval {low:.3f} to {high:.3f})"


def _to_people(metrics: Metrics) -> str:
    """The sentence on people's verdicts; empty where there are none."""
    if "human.n" not in metrics:
        return ""
    student, baseline, teacher = (
        f"{cell(metrics, f'{judge}.human.kappa').value}{_between(metrics, f'{judge}.human.kappa')}" for judge in PEOPLE_SIDES[:3]
    )
    return (
        f" With what people say of {metrics['human.n']} answers, the student agrees at Cohen's kappa {student}, "
        f"the baseline at {baseline}, the teacher at {teacher}."
    )


def _people(metrics: Metrics) -> list[tuple[str, list[Cell]]]:
    """For each figure against people the cells of `PEOPLE_SIDES`; none where no person has spoken."""
    if "human.n" not in metrics:
        return []
    return [(METRICS[name][0], [cell(metrics, f"{side}.human.{name}") for side in PEOPLE_SIDES]) for name in AGAINST_PEOPLE]


def _generators(metrics: Metrics) -> list[tuple[str, Any, list[tuple[str, list[Cell]]]]]:
    """For each generator its n and, for each figure, the cells of student, baseline and difference."""
    prefix, suffix = "student.by_generator.", ".n"
    names = [key.removeprefix(prefix).removesuffix(suffix) for key in metrics if key.startswith(prefix) and key.endswith(suffix)]
    return [
        (
            generator,
            metrics[f"{prefix}{generator}{suffix}"],
            [(METRICS[name][0], [cell(metrics, f"{side}.by_generator.{generator}.{name}") for side in SIDES]) for name in BY_GENERATOR],
        )
        for generator in names
    ]


def _probe_judges(metrics: Metrics) -> list[str]:
    return [key.split(".")[1] for key in metrics if key.startswith("probe.") and key.endswith(".brier")]


def _probes(metrics: Metrics) -> list[tuple[str, Any, list[Cell]]]:
    """For each kind of false statement its name, its n and the cells of the judges, the Brier score last; none where nobody was asked."""
    judges = _probe_judges(metrics)
    if not judges:
        return []
    prefix = f"probe.{judges[0]}.n."
    kinds = [key.removeprefix(prefix) for key in metrics if key.startswith(prefix)]
    named = {kind: "all kinds" if kind == EVERY_KIND else kind.replace("_", " ") for kind in kinds}
    rows = [(named[kind], metrics[f"{prefix}{kind}"], [cell(metrics, f"probe.{judge}.auroc.{kind}") for judge in judges]) for kind in kinds]
    brier = ("Brier score, all", metrics[f"probe.{judges[0]}.n"], [cell(metrics, f"probe.{judge}.brier") for judge in judges])
    return [*rows, brier]


def _failures(metrics: Metrics) -> list[tuple[str, Any, Any, str]]:
    """For each judge of the test answers how many judgments failed, their share, and why."""
    rows = []
    for judge in ("teacher", "student", "baseline"):
        prefix = f"{judge}.failed_by."
        reasons = ", ".join(f"{key.removeprefix(prefix)}: {value}" for key, value in metrics.items() if key.startswith(prefix))
        rows.append((judge, metrics[f"{judge}.failed"], f"{metrics[f'{judge}.failed_share']:.1%}", reasons))
    return rows


def _disagreements(scores: Sequence[Row], test: Sequence[Row]) -> list[Row]:
    """The answers on which student and teacher are furthest apart, with their texts."""
    texts = {row["answer_id"]: row for row in test}
    furthest = sorted(scores, key=lambda row: (-abs(row["teacher_score"] - row["student_score"]), row["answer_id"]))
    return [texts[row["answer_id"]] | row for row in furthest[:WORST]]


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
