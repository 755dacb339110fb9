"""How well every judge tells true statements from false ones, where the truth is known by construction."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from judge.evaluation.agreement import Judgments, auroc, brier, is_acceptable, line_up
from judge.evaluation.bootstrap import Draws, Mask
from judge.evaluation.figures import ALL, NONE, TRUTH, counted, measured
from judge.tables.schema import Row

Names = npt.NDArray[np.str_]


def against_truth(probes: Sequence[Row], judgments: Mapping[str, Sequence[Row]], draws: Draws, threshold: float) -> list[Row]:
    """The rows of the table of figures that the probes give.

    For each judge the AUROC of each kind of false statement, and of all kinds, against all true ones, where n counts the false ones;
    the share of false, of true statements and of each kind that it accepts; the Brier score of its score as a probability;
    and how many judgments failed. The difference of student and baseline, in AUROC, is on the statements that both have judged.

    Args:
        probes: rows of the probes table; at least one.
        judgments: for each judge its judgments, whose item_id is the probe_id; one that was not asked has none.
        draws: the draws of the probes.
        threshold: a score strictly above it is acceptable.

    Raises:
        JudgmentError: a judgment is missing.
    """
    ids = [str(row["probe_id"]) for row in probes]
    truth = np.array([row["truth"] for row in probes], dtype=np.bool_)
    kinds = np.array([row["kind"] for row in probes])
    made = [
        counted("probe", NONE, name, len(probes), value)
        for name, value in (("n", len(probes)), ("documents", draws.clusters), ("true_share", float(truth.mean())))
    ]
    asked = {judge: line_up(judge, ids, rows, threshold) for judge, rows in judgments.items() if rows}
    for judge, lined_up in asked.items():
        judged = lined_up.judged
        made += _ranked(judge, lined_up, truth, kinds, draws)
        made += _accepted(judge, lined_up, truth, kinds, draws, threshold)
        missed = draws.of(judged).figure(brier(lined_up.scores[judged], truth[judged], draws.of(judged)), "error")
        made += [
            measured(judge, TRUTH, ALL, "brier", int(judged.sum()), missed),
            counted(judge, TRUTH, "failed", len(probes), int((~judged).sum())),
            counted(judge, TRUTH, "true_rows", int(judged.sum()), int((judged & truth).sum())),
        ]
    if {"student", "baseline"} <= asked.keys():
        made += _ahead(asked["student"], asked["baseline"], truth, kinds, draws)
    return made


def _ahead(student: Judgments, baseline: Judgments, truth: Mask, kinds: Names, draws: Draws) -> Iterator[Row]:
    """By how much the student's AUROC is above the baseline's, of all false statements and of each kind of them."""
    judged = student.judged & baseline.judged
    for kind in (None, *sorted(set(kinds[~truth].tolist()))):
        false = judged & ~truth & (True if kind is None else kinds == kind)
        chosen = false | (judged & truth)
        less = draws.of(chosen)
        values = auroc(student.scores[chosen], truth[chosen], less) - auroc(baseline.scores[chosen], truth[chosen], less)
        yield measured("difference", TRUTH, ALL if kind is None else f"kind={kind}", "auroc", int(false.sum()), less.figure(values))


def _ranked(judge: str, lined_up: Judgments, truth: Mask, kinds: Names, draws: Draws) -> Iterator[Row]:
    """The AUROC of all false statements, then of each kind of them, against all true ones."""
    judged = lined_up.judged
    for kind in (None, *sorted(set(kinds[~truth].tolist()))):
        false = judged & ~truth & (True if kind is None else kinds == kind)
        chosen = false | (judged & truth)
        values = auroc(lined_up.scores[chosen], truth[chosen], draws.of(chosen))
        ranked = draws.of(chosen).figure(values, "auroc_of_kind", draws.of(false).clusters)
        yield measured(judge, TRUTH, ALL if kind is None else f"kind={kind}", "auroc", int(false.sum()), ranked)


def _accepted(judge: str, lined_up: Judgments, truth: Mask, kinds: Names, draws: Draws, threshold: float) -> Iterator[Row]:
    """The share above the threshold: of true and of false statements, then of each kind, the true ones first."""
    judged = lined_up.judged
    by_truth = [(name, sorted(set(kinds[rows].tolist())), rows) for name, rows in (("true_accepted", truth), ("false_accepted", ~truth))]
    parts = [(name, ALL, rows) for name, _, rows in by_truth if rows.any()]
    parts += [("accepted", f"kind={kind}", kinds == kind) for _, names, _ in by_truth for kind in names]
    for figure, part, rows in parts:
        chosen = judged & rows
        share = draws.of(chosen).share(is_acceptable(lined_up.scores[chosen], threshold))
        yield measured(judge, TRUTH, part, figure, int(chosen.sum()), share)
