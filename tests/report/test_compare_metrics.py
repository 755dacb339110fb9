"""The numbers of metrics/ on both sides: what is paired with what, and in which order."""

import pytest

from judge.evaluation import figures
from judge.report import compare_metrics
from judge.report.compare import Comparison
from tests.report.toy_project import FIGURES, figure


def test_every_number_of_the_metrics_is_compared_the_student_first(comparison: Comparison) -> None:
    """Old flat figures meet those of the table, in the order of the report; a figure that only one side has keeps its line."""
    expected = [
        ("student", "Pearson's r", 0.5, 0.75, 0.25),
        ("student", "Cohen's kappa", 0.25, 0.25, 0.0),
        ("baseline", "Cohen's kappa", 0.1, 0.1, 0.0),
        ("people", "Accuracy, teacher", None, 0.5, None),
        ("probes", "AUROC, student", 0.75, 0.5, -0.25),
        ("other", "student.by_generator.small.mae", 0.125, 0.25, 0.125),
        ("other", "test.n", 23, 23, 0),
        ("other", "by_model.small", 3, 3, 0),
        ("other", "usd", 0.25, 0.25, 0.0),
    ]

    assert expected == [(metric.group, metric.name, metric.a.value, metric.b.value, metric.difference) for metric in comparison.metrics]


def test_the_interval_and_the_rows_of_each_side_come_with_its_figure(comparison: Comparison) -> None:
    """From the keys beside it in an old commit, from its row in a later one."""
    pearson = comparison.metrics[0]

    assert ((0.25, 0.625, 23), (0.5, 0.875, 23)) == (
        (pearson.a.low, pearson.a.high, pearson.a.n),
        (pearson.b.low, pearson.b.high, pearson.b.n),
    )
    assert ["few_documents"] * 2 == [side.reason for side in comparison.metrics[1][-2:]]


@pytest.mark.parametrize("rows", [FIGURES, []])
def test_a_side_without_figures_has_none_of_them(rows: list[dict[str, object]]) -> None:
    """Every figure of the other side is there, with nothing beside it; of two empty tables there is nothing."""
    metrics = compare_metrics.pair_figures(figures.frame([]), figures.frame(rows))

    assert len(rows) == len(metrics)
    assert {None} >= {metric.a.value for metric in metrics}


def test_a_slice_is_another_figure() -> None:
    """The same figure of another judge, against something else, or on another slice is never taken for this one."""
    a = figures.frame([figure("student", "teacher", "kappa", 0.5)])
    b = figures.frame(
        [
            figure("baseline", "teacher", "kappa", 0.1),
            figure("student", "people", "kappa", 0.2),
            figure("student", "teacher", "kappa", 0.3, slice="generator=small"),
        ]
    )

    pairs = {metric.key: (metric.a.value, metric.b.value) for metric in compare_metrics.pair_figures(a, b)}

    assert {
        "student.kappa": (0.5, None),
        "baseline.kappa": (None, 0.1),
        "student.human.kappa": (None, 0.2),
        "student.by_generator.small.kappa": (None, 0.3),
    } == pairs


def test_what_is_no_number_is_left_out() -> None:
    """Texts, flags, lists and nulls of a file are not compared; a file that one side lacks is."""
    files = {"metrics/x.json": {"text": "1", "flag": True, "list": [1], "null": None, "deep": {"count": 2}}}

    assert [("metrics/x.json", "deep.count", None, 2)] == [
        (metric.file, metric.key, metric.a.value, metric.b.value) for metric in compare_metrics.pair_numbers({}, files)
    ]
