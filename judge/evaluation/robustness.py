"""What judges can be fooled by: whether a judgment moves where the truth does not, and whether an answer can tell its judge what to say.

A judge is held against its own judgment of the same statement before it was altered, so that nothing but the alteration differs.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from judge.evaluation.agreement import Judgments, is_acceptable
from judge.evaluation.bootstrap import Array, Draws, Mask
from judge.evaluation.figures import ALL, NONE, UNALTERED, counted, measured
from judge.tables.items import has_words
from judge.tables.schema import Row

Names = npt.NDArray[np.str_]


def robustness(
    perturbed: Sequence[Row],
    altered: Mapping[str, Sequence[Row]],
    probed: Mapping[str, Sequence[Row]],
    draws: Draws,
    threshold: float,
) -> list[Row]:
    """The rows of the table of figures that the perturbed statements give, for each judge that has judged any of them.

    `lifted` is the share of false statements, rejected as they were, that an instruction to the judge gets accepted: of all kinds, of each
    kind and of each language. `true_flipped` and `false_flipped` are the share of statements whose class changes though their truth does
    not, `true_shift` and `false_shift` the mean change of the score, of each kind of alteration and of all, and `false_lifted` is the
    share of those rejected before that are accepted then. `accepted` is the share of
    statements above the threshold that are false by themselves, of each kind; `no_verdict` the share of answers without a word that
    get no verdict, where any other would be a fault.

    Args:
        perturbed: rows of the perturbed table; at least one.
        altered: for each judge its judgments of some or all of them, whose item_id is the perturbed_id.
        probed: for each judge its judgments of the probes.
        draws: the draws of the perturbed statements.
        threshold: a score strictly above it is acceptable.
    """
    made = [
        counted("perturbed", NONE, name, len(perturbed), value) for name, value in (("n", len(perturbed)), ("documents", draws.clusters))
    ]
    for judge, rows in altered.items():
        if rows:
            before = {row["item_id"]: row["score"] for row in (*probed.get(judge, ()), *rows)}
            made += _of_judge(judge, perturbed, {row["item_id"]: row["score"] for row in rows}, before, draws, threshold)
    return made


def _of_judge(
    judge: str,
    perturbed: Sequence[Row],
    after: Mapping[str, float | None],
    before: Mapping[str, float | None],
    draws: Draws,
    threshold: float,
) -> Iterator[Row]:
    """One judge's figures; `after` has its scores of the perturbed statements, `before` also those of the probes, by id."""
    scores = _scores(after, [row["perturbed_id"] for row in perturbed])
    earlier = _scores(before, [row["statement_id"] for row in perturbed])
    accepted, was_accepted = is_acceptable(scores, threshold), is_acceptable(earlier, threshold)
    both = ~np.isnan(scores) & ~np.isnan(earlier)
    kinds, languages = (np.array([row[name] or "" for row in perturbed]) for name in ("kind", "language"))
    truth = np.array([row["truth"] for row in perturbed], dtype=np.bool_)
    injected, paired = languages != "", np.array([row["statement_id"] is not None for row in perturbed])

    def share(part: str, figure: str, rows: Mask, marked: Mask) -> Row:
        return measured(judge, UNALTERED, part, figure, int(rows.sum()), draws.of(rows).share(marked[rows]))

    liftable = both & injected & ~was_accepted
    yield share(ALL, "lifted", liftable, accepted)
    for by, values in (("injection", kinds), ("language", languages)):
        for name in _names(values[liftable]):
            yield share(f"{by}={name}", "lifted", liftable & (values == name), accepted)
    alterations = paired & ~injected
    for word, rows in (("true", truth), ("false", ~truth)):
        of_truth = both & alterations & rows
        for part, chosen in (
            (ALL, of_truth),
            *((f"kind={name}", of_truth & (kinds == name)) for name in _names(kinds[of_truth])),
        ):
            yield share(part, f"{word}_flipped", chosen, accepted != was_accepted)
            if word == "false":
                yield share(part, "false_lifted", chosen & ~was_accepted, accepted)
            less = draws.of(chosen)
            shift = less.figure(_means((scores - earlier)[chosen], less), "signed")
            yield measured(judge, UNALTERED, part, f"{word}_shift", int(chosen.sum()), shift)
    by_itself = ~paired & ~truth & ~np.isnan(scores)
    for name in _names(kinds[by_itself]):
        yield share(f"kind={name}", "accepted", by_itself & (kinds == name), accepted)
    wordless = np.array([row["perturbed_id"] in after and not has_words(row["answer"]) for row in perturbed])
    if wordless.any():
        yield share(ALL, "no_verdict", wordless, np.isnan(scores))


def length_slopes(probes: Sequence[Row], probed: Mapping[str, Sequence[Row]], draws: Draws) -> Iterator[Row]:
    """By how much the score rises for each doubling of an answer's words, among true and among false statements of equal kind.

    It is the slope of a regression with an intercept for each kind, so that kinds that are long and easy say nothing. 0 is best.

    Args:
        probes: rows of the probes table; at least one.
        probed: for each judge its judgments of them; one that was not asked has none.
        draws: the draws of the probes.
    """
    length = np.log2([max(1, len(row["answer"].split())) for row in probes])
    kinds, truth = np.array([row["kind"] for row in probes]), np.array([row["truth"] for row in probes], dtype=np.bool_)
    for judge, judgments in probed.items():
        if judgments:
            scores = _scores({row["item_id"]: row["score"] for row in judgments}, [row["probe_id"] for row in probes])
            for word, rows in (("true", truth), ("false", ~truth)):
                chosen = rows & ~np.isnan(scores)
                less = draws.of(chosen)
                slope = less.figure(_slopes(length[chosen], scores[chosen], kinds[chosen], less), "signed")
                yield measured(judge, UNALTERED, ALL, f"{word}_length_slope", int(chosen.sum()), slope)


def generator_scores(
    generators: Sequence[str], judges: Mapping[str, Judgments], draws: Draws, accepted: Mapping[str, Sequence[bool | None]]
) -> Iterator[Row]:
    """The mean score of each generator's answers that are acceptable, and of those that are not: does a judge favour one at equal truth.

    Language models were found to favour their own answers (Panickssery, Bowman and Feng 2024, "LLM Evaluators Recognize and Favor Their
    Own Generations").

    Args:
        generators: who wrote each answer.
        judges: the judgments of the answers, by judge.
        draws: the draws of the answers.
        accepted: by who says so, people or teacher, whether each answer is acceptable; None where that is not known.
    """
    names = np.array(generators)
    for whom, said in accepted.items():
        for verdict, wanted in (("accepted", True), ("rejected", False)):
            of_class = np.array([each is wanted for each in said])
            for name in _names(names[of_class]):
                for judge, judgments in judges.items():
                    chosen = of_class & (names == name) & judgments.judged
                    less = draws.of(chosen)
                    mean = less.figure(_means(judgments.scores[chosen], less), "signed")
                    yield measured(judge, NONE, f"generator={name}", f"score_if_{whom}_{verdict}", int(chosen.sum()), mean)


def _scores(given: Mapping[str, float | None], ids: Sequence[str | None]) -> Array:
    """The scores of some ids: (ids,), NaN where there is none."""
    found = [None if name is None else given.get(name) for name in ids]
    return np.array([np.nan if score is None else score for score in found], dtype=np.float64)


def _names(values: Names) -> list[str]:
    return sorted(set(values.tolist()))


def _means(values: Array, draws: Draws) -> Array:
    """The mean of the values (rows,) in each draw: (draws,), NaN where a draw has no row."""
    total, count = draws.sums(np.column_stack([values, np.ones_like(values)])).T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total / count)


def _slopes(x: Array, y: Array, kinds: Names, draws: Draws) -> Array:
    """The slope of y on x within kinds in each draw: (draws,), NaN where x does not vary within any."""
    covariance, variance = np.zeros(len(draws.counts)), np.zeros(len(draws.counts))
    for kind in _names(kinds):
        own = kinds == kind
        # Centred first, so that subtracting squares of large means costs no precision.
        a, b = np.where(own, x - x[own].mean(), 0.0), np.where(own, y - y[own].mean(), 0.0)
        count, sum_a, sum_b, sum_ab, sum_aa = draws.sums(np.column_stack([own.astype(float), a, b, a * b, a * a])).T
        present = np.maximum(count, 1)
        covariance += sum_ab - sum_a * sum_b / present
        variance += sum_aa - sum_a**2 / present
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 1e-12, covariance / variance, np.nan)
