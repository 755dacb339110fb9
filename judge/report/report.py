"""The report: one HTML page that needs nothing but itself.

No figure stands here without its n, its interval and the baseline beside it.
"""

from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any, NamedTuple

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.plots import SPANS
from judge.people.labels import Label
from judge.report import cells, charts, people, results, robustness, systems
from judge.tables import spans
from judge.tables.levels import classify
from judge.tables.schema import Row

WORST = 10


class Answers(NamedTuple):
    """The answers of test.

    Attributes:
        test: rows of the dataset table.
        unsupported: rows of the spans table, their words that found no support; there may be none.
        labels: what people say of them one by one; there may be nothing.
    """

    test: Sequence[Row]
    unsupported: Sequence[Row] = ()
    labels: Sequence[Label] = ()


def render(
    evaluation: Evaluation,
    answers: Answers,
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
        answers: the answers of test, which give the disagreements their texts.
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

    table, plots, threshold = evaluation.figures, evaluation.plots, float(run["threshold"])
    named = figures.named(table)
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
        answer=results.answer(table),
        charts={name: Markup(picture) for name, picture in pictures.items()},  # noqa: S704 - drawn here, not written by a model
        run={name: _plain(value) for name, value in run.items()},
        counts=counts,
        dropped=dropped,
        model_card={name: _plain(value) for name, value in model_card.items()},
        confidence=f"{named['interval.confidence'].value:.0%}",
        figures=named,
        sides=cells.SIDES,
        people_sides=cells.PEOPLE_SIDES,
        people_baselines=cells.people_baselines(table),
        shown_against_people=[FIGURES[name].label for name in cells.SHOWN_AGAINST_PEOPLE],
        agreement=cells.against_teacher(table),
        shares=[(judge, cells.cell(named[f"{judge}.acceptable_share"]), named[f"{judge}.acceptable_share"].n) for judge in cells.JUDGES],
        people=cells.against_people(table),
        accepted_by_people=cells.cell(share) if (share := named.get("human.acceptable_share")) else "",
        people_judges=people.JUDGES,
        people_weighted=people.weighted(table),
        people_among=people.among_themselves(table),
        people_as_one=people.as_one_more(table),
        people_tests=people.tests(table),
        several_people=people.several(table),
        systems_header=systems.COLUMNS,
        systems_rows=systems.rows(table) if "human.n" in named else [],
        systems_compared=systems.compared(table) if "human.n" in named else [],
        best=figures.best_baseline(table),
        seed_spread=figures.seed_spread(table, PRIMARY),
        shown=[FIGURES[name].label for name in cells.SHOWN],
        baselines=cells.baselines(table),
        out_of_fold=cells.out_of_fold(table),
        out_of_fold_judges=cells.out_of_fold_judges(table),
        generators=cells.generators(table),
        judges=cells.probe_judges(table),
        probes=cells.probes(table),
        accepted=cells.accepted(table),
        fooled=robustness.parts(table),
        fooled_judges=cells.JUDGES,
        failures=cells.failures(table),
        sweeps=sweeps,
        examples=plots["examples"],
        spread=plots["spread"],
        spans=SPANS,
        disagreements=_with_texts(_furthest(plots["scores"]), answers),
        against_people=_with_texts(_against_people(plots["scores"], answers.test, threshold), answers),
        style_of_spans=Markup(spans.STYLE),  # noqa: S704 - written here
        notes=cells.notes(table),
    )


def _furthest(scores: Sequence[Row]) -> list[Row]:
    """The answers on which student and teacher are furthest apart."""
    return sorted(scores, key=lambda row: (-abs(row["teacher_score"] - row["student_score"]), row["answer_id"]))[:WORST]


def _against_people(scores: Sequence[Row], test: Sequence[Row], threshold: float) -> list[Row]:
    """The answers that people judge otherwise than the student, the ones first of which it was surest."""
    said = {row["answer_id"]: row["human_class"] for row in test if row["human_class"] is not None}
    apart = [row for row in scores if row["answer_id"] in said and classify(row["student_score"], threshold) != said[row["answer_id"]]]
    return sorted(apart, key=lambda row: (-abs(row["student_score"] - threshold), row["answer_id"]))[:WORST]


def _with_texts(chosen: Sequence[Row], answers: Answers) -> list[Row]:
    """The answers with their texts, their words without support marked, and what people said of them one by one."""
    from markupsafe import Markup

    texts = {row["answer_id"]: row for row in answers.test}
    made = []
    for row in chosen:
        item = row["answer_id"]
        marked = spans.marked_up(
            texts[item]["answer"] or "", spans.of_rows(span for span in answers.unsupported if span["item_id"] == item)
        )
        heard = [label for label in answers.labels if label.item_id == item and label.label is not None]
        made.append(texts[item] | row | {"marked": Markup(marked), "heard": heard})  # noqa: S704 - escaped there
    return made


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
