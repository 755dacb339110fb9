"""How well every judge tells true statements from false ones, where the truth is known by construction."""

from collections.abc import Mapping, Sequence

import numpy as np

from judge.evaluation.agreement import auroc, brier, line_up
from judge.evaluation.bootstrap import Draws
from judge.evaluation.figures import ALL, NONE, TRUTH, counted, measured
from judge.tables.schema import Row


def against_truth(probes: Sequence[Row], judgments: Mapping[str, Sequence[Row]], draws: Draws, threshold: float) -> list[Row]:
    """The rows of the table of figures that the probes give.

    For each judge the AUROC of each kind of false statement, and of all kinds, against all true ones, where n counts the false ones;
    the Brier score of its score as a probability; and how many judgments failed.

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
    false_kinds = sorted(set(kinds[~truth].tolist()))
    made = [
        counted("probe", NONE, name, len(probes), value)
        for name, value in (("n", len(probes)), ("documents", draws.clusters), ("true_share", float(truth.mean())))
    ]
    for judge, rows in judgments.items():
        if not rows:
            continue
        lined_up = line_up(judge, ids, rows, threshold)
        judged = lined_up.judged
        for kind in (None, *false_kinds):
            false = judged & ~truth & (True if kind is None else kinds == kind)
            chosen = false | (judged & truth)
            ranked = draws.of(chosen).figure(auroc(lined_up.scores[chosen], truth[chosen], draws.of(chosen)))
            made.append(measured(judge, TRUTH, ALL if kind is None else f"kind={kind}", "auroc", int(false.sum()), ranked))
        missed = draws.of(judged).figure(brier(lined_up.scores[judged], truth[judged], draws.of(judged)))
        made += [
            measured(judge, TRUTH, ALL, "brier", int(judged.sum()), missed),
            counted(judge, TRUTH, "failed", len(probes), int((~judged).sum())),
            counted(judge, TRUTH, "true_rows", int(judged.sum()), int((judged & truth).sum())),
        ]
    return made
