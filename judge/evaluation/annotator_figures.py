"""The figures of people among themselves, of every judge against them one by one, and the tests of two judges, as rows of the table."""

from collections.abc import Mapping, Sequence

import numpy as np

from judge.evaluation import annotators, paired_tests
from judge.evaluation.agreement import Judgments, is_acceptable
from judge.evaluation.alternative_annotators import Alignment, accuracy, alternative_annotator_test, nearness
from judge.evaluation.annotators import Annotations
from judge.evaluation.bootstrap import PLACES, Array, Draws, Figure, Mask, NoInterval
from judge.evaluation.figures import ALL, NONE, PEOPLE, counted, measured
from judge.evaluation.krippendorff_alpha import alpha
from judge.evaluation.people_agreement import DIFFERENCES
from judge.tables.schema import Row


def against_annotators(
    labels: Mapping[str, Mapping[str, float]],
    items: Sequence[str],
    judges: Mapping[str, Judgments],
    threshold: float,
    draws: Draws,
    epsilon: float,
) -> list[Row]:
    """People among themselves, then every judge against single annotators and in the alternative annotator test; none without labels.

    Args:
        labels: for each answer the labels in [0, 1] that it has, by annotator (`judge.people.labels.by_item`); those of answers that are
            not among `items` are left aside.
        items: the ids of the answers, in the order of the draws.
        judges: the judgments of the same answers, by the judge's name in the table.
        threshold: a score or label strictly above it is acceptable.
        draws: the draws of the answers.
        epsilon: what a judge is given ahead in the alternative annotator test, one of `alternative_annotators.EPSILONS`.
    """
    given = annotators.line_up(labels, items)
    if not given.names:
        return []
    classed = annotators.classes(given, threshold)
    made = _among_themselves(given, classed, draws)
    for name, judgments in judges.items():
        classes = np.where(judgments.judged, is_acceptable(np.nan_to_num(judgments.scores), threshold), np.nan)
        made += _of_judge(name, classes, classed, draws)
        made += _alternative(name, classes, classed, accuracy, epsilon, draws)
        if _graded(given):
            made += _alternative(name, judgments.scores, given, nearness, epsilon, draws)
    return made


def p_values(
    people: Sequence[bool | None], judges: Mapping[str, Judgments], threshold: float, levels: Sequence[float | None] | None = None
) -> list[Row]:
    """McNemar's and Williams' test of each of `people_agreement.DIFFERENCES`, as rows of the table; none where no person has spoken.

    `mcnemar_p` is the mid-p; both p-values are two-sided and take answers as independent (see `paired_tests`).

    Args:
        people: for each answer whether people call it acceptable, None where they were not asked.
        judges: the judgments of the same answers, by the judge's name in the table; a difference of two that are not there has no row.
        threshold: a score strictly above it is acceptable.
        levels: for Williams' test, the mean of the labels of each answer, in [0, 1]; without it acceptable is 1 and unacceptable 0.
    """
    asked = np.array([said is not None for said in people], dtype=np.bool_)
    if not asked.any():
        return []
    positive = np.array([said is True for said in people], dtype=np.bool_)
    graded = positive.astype(float) if levels is None else np.array([np.nan if level is None else level for level in levels], dtype=float)
    made = []
    for name, (one, other) in DIFFERENCES.items():
        if one not in judges or other not in judges:
            continue
        rows = asked & judges[one].judged & judges[other].judged
        scores, others = judges[one].scores[rows], judges[other].scores[rows]
        n = int(rows.sum())
        compared = paired_tests.mcnemar(positive[rows], is_acceptable(scores, threshold), is_acceptable(others, threshold))
        correlated = paired_tests.williams(graded[rows], scores, others)
        made += [
            measured(name, PEOPLE, ALL, "mcnemar_p", n, _p(compared.p if n else None)),
            measured(name, PEOPLE, ALL, "williams_p", n, _p(None if correlated is None else correlated.p)),
        ]
    return made


def _among_themselves(given: Annotations, classed: Annotations, draws: Draws) -> list[Row]:
    labelled, shared = given.given.any(axis=1), given.shared
    made = [
        counted(PEOPLE, NONE, name, int(labelled.sum()), int(value))
        for name, value in (("annotators", len(given.names)), ("labels", given.given.sum()), ("shared", shared.sum()))
    ]
    values = {
        "ceiling": annotators.ceiling(classed, draws),
        "alpha": alpha(classed.values, "nominal", draws),
        "alpha_levels": alpha(given.values, "interval", draws),
    }
    made += [measured(PEOPLE, NONE, ALL, name, int(shared.sum()), _shown(drawn, shared, draws)) for name, drawn in values.items()]
    pairs = list(classed.pairs())
    kappas, _ = annotators.kappas([(classed.values[:, one], classed.values[:, other], both) for one, other, both in pairs], draws)
    for (one, other, both), drawn in zip(pairs, kappas, strict=True):
        part = f"pair={given.names[one]}+{given.names[other]}"
        made.append(measured(PEOPLE, NONE, part, "kappa", int(both.sum()), _shown(drawn, both, draws)))
    return made


def _of_judge(name: str, judge: Array, classed: Annotations, draws: Draws) -> list[Row]:
    judged = ~np.isnan(judge)
    labelled, shared = classed.given.any(axis=1) & judged, classed.shared & judged
    single = annotators.single_kappa(classed, judge, draws)
    made = [
        measured(name, PEOPLE, ALL, "single_kappa", int(labelled.sum()), draws.of(labelled).figure(single, "agreement")),
        measured(name, PEOPLE, ALL, "ceiling_difference", int(shared.sum()), annotators.ceiling_estimate(classed, judge, draws)),
    ]
    kappas, _ = annotators.single_kappas(classed, judge, draws)
    for annotator, given, drawn in zip(classed.names, classed.given.T, kappas, strict=True):
        rows = given & judged
        estimate = draws.of(rows).figure(drawn, "agreement")
        made.append(measured(name, PEOPLE, f"annotator={annotator}", "kappa", int(rows.sum()), estimate))
    return made


def _alternative(name: str, judge: Array, given: Annotations, alignment: Alignment, epsilon: float, draws: Draws) -> list[Row]:
    """The rows of the alternative annotator test; those of levels have their own names."""
    suffix = "_levels" if alignment is nearness else ""
    tested = alternative_annotator_test(given, judge, alignment, epsilon, draws)
    rows = given.shared & ~np.isnan(judge)
    few: NoInterval | None = "few_annotators" if tested.winning_rate is None else None
    rate = None if tested.winning_rate is None else round(tested.winning_rate, PLACES)
    advantage = Figure(None, None, None, few) if few else draws.of(rows).figure(tested.advantage_drawn, "rate")
    made = [
        measured(name, PEOPLE, ALL, f"winning_rate{suffix}", int(rows.sum()), (rate, None, None, few or "of_a_test")),
        measured(name, PEOPLE, ALL, f"advantage{suffix}", int(rows.sum()), advantage),
    ]
    for one in tested.left_out:
        part = f"annotator={one.annotator}"
        made += [
            measured(name, PEOPLE, part, f"advantage{suffix}", one.n, (round(one.judge_wins, PLACES), None, None, "of_a_test")),
            measured(name, PEOPLE, part, f"alternative_p{suffix}", one.n, _p(one.p)),
        ]
    return made


def _shown(drawn: Array, rows: Mask, draws: Draws) -> Figure:
    """A figure of answers that two people labelled; where there are none, that is the reason why it is missing."""
    return draws.of(rows).figure(drawn, "agreement") if rows.any() else Figure(None, None, None, "few_annotators")


def _graded(given: Annotations) -> bool:
    """Whether someone used more than the two ends of the scale: else the distance of levels says what the class says already."""
    return bool((given.given & (given.values != 0) & (given.values != 1)).any())


def _p(value: float | None) -> Figure:
    return Figure(None, None, None, "undefined") if value is None else Figure(round(value, PLACES), None, None, "of_a_test")
