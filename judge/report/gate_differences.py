"""What the gate holds against another revision: paired differences by document, widened by the training seed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from judge.evaluation import figures
from judge.evaluation.figures import Estimate
from judge.report import paired, revisions, significance
from judge.report.commits import WORKSPACE, RevisionError
from judge.report.gate import Difference
from judge.report.gate_settings import COMPARED, NotWorse
from judge.report.paired import Paired
from judge.report.revisions import Revision
from judge.report.significance import Significance


class Held(NamedTuple):
    """The workspace less a base: the pairs, and by each name of `definitions.FIGURES` the difference as it was tested."""

    base: Revision
    here: Revision
    pairs: Paired
    tested: dict[str, Significance]


def hold(base: str) -> Held:
    """The workspace held against a revision, on the answers that both have judged.

    Raises:
        JudgeError: one of the two cannot be read, or its tables cannot be had.
    """
    there, here = revisions.read([base, WORKSPACE])
    if lacks := list(dict.fromkeys([*there.lacks, *here.lacks])):
        raise RevisionError("\n".join(lacks))
    pairs = paired.paired(there, here, sorted(there.answers.keys() & here.answers.keys()))
    return Held(there, here, pairs, significance.judge_figures(pairs, significance.of_difference(there.figures, here.figures)))


def compare_with(base: str, rules: Sequence[NotWorse]) -> Mapping[str, Difference]:
    """The figures of the rules, those of the workspace less those of a revision: a `gate.Compare`."""
    held = hold(base)
    differences = {}
    for rule in rules:
        it = held.tested[COMPARED[rule.figure]]
        estimate = Estimate(it.difference, it.low, it.high, held.pairs.rows, it.reason)
        differences[rule.figure] = Difference(estimate, "" if it.spread else _unknown(rule, held))
    return differences


def _unknown(rule: NotWorse, held: Held) -> str:
    sides = [it.name for it in (held.base, held.here) if figures.seed_spread(it.figures, COMPARED[rule.figure]) is None]
    return (
        f"the spread over training seeds (student.seed_spread.* in {figures.FIGURES_CSV}) is not known of {' and '.join(sides)}, so the "
        "loss may be the luck of one training, and only one beyond the margin is decided; "
        "`dvc repro` measures it for a student that is trained here"
    )
