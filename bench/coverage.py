"""How often the intervals hold the truth, and how often percentiles of the same resamples would.

Simulates runs like ours, 60 documents with three answers each, and statements about them, and takes the true figures from large samples
of the same process: `OMP_NUM_THREADS=1 python bench/coverage.py [--runs N] [--resamples N] [--documents N]`, minutes on two cores.
"""

import argparse
import multiprocessing
import time
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from judge.evaluation.agreement import Judgments, agreement, auroc, mean
from judge.evaluation.bootstrap import Array, Counts, Draws, Figure, Mask, draw
from judge.evaluation.definitions import BY_GENERATOR, FIGURES, Scale

THRESHOLD, CONFIDENCE = 0.8, 0.95
ANSWERS_PER_DOCUMENT, TRUE_STATEMENTS = 3, 4
# As far as the generators of the default run lie apart: one answers from the passage well, one without it hardly ever.
GENERATORS = np.array([0.62, -2.05, 0.12])
JUDGES = ("student", "fitted", "cosine")
# Statements of a kind: how many, how many documents they are about, and the share that the judge truly accepts.
SHARES = tuple(
    (rows, documents, rate)
    for rows, documents in ((13, 13), (31, 25), (44, 38), (60, 60), (60, 30))
    for rate in (0.02, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9)
)
# False statements against all true ones: how many, and by how much the judge tells them apart, in standard deviations.
KINDS = tuple((rows, apart) for rows in (13, 31, 60) for apart in (0.75, 1.6, 2.6, 3.9))
LARGE, SAMPLES = 300, 60


class Made(NamedTuple):
    """A figure of one simulated run: its value, the interval that is shown, and the one of percentiles."""

    figure: Figure
    percentile: tuple[float, float]


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, metavar="N")
    parser.add_argument("--resamples", type=int, default=1000, metavar="N")
    parser.add_argument("--documents", type=int, default=60, metavar="N")
    options = parser.parse_args()
    start = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        samples = pool.map(truth, range(SAMPLES))
        true = {name: float(np.nanmean([sample[name] for sample in samples])) for name in samples[0]}
        one = partial(simulated, documents=options.documents, resamples=options.resamples)
        runs = pool.map(one, range(options.runs), chunksize=5)
    print(f"{options.runs} runs of {options.documents} documents, {options.resamples} resamples, {time.perf_counter() - start:.0f} s")
    print(f"| {'figure':42} | truth | shown | percentile (below, above) | interval (below, above) |\n|---|---|---|---|---|")
    for name, value in true.items():
        print(line(name, value, [run[name] for run in runs]))


def answers(generator: np.random.Generator, documents: int) -> dict[str, Array]:
    """Scores of teacher, student, a fitted baseline and a weak one: (documents, answers of each).

    Documents and generators differ, and each judge errs by document and by answer, with heavy tails.
    """

    def err(by_document: float, by_answer: float) -> Array:
        heavy = generator.standard_t(4, size=(documents, ANSWERS_PER_DOCUMENT))
        return np.asarray(by_document * generator.normal(size=(documents, 1)) + by_answer * heavy)

    quality = GENERATORS + 0.9 * generator.normal(size=(documents, 1)) + 1.1 * generator.normal(size=(documents, ANSWERS_PER_DOCUMENT))
    return {
        "teacher": logistic(2.6 * quality - 1.0),
        "student": logistic(2.6 * (quality + err(0.25, 0.40)) - 1.75),
        "fitted": logistic(2.6 * (quality + err(0.20, 0.36)) - 1.0),
        "cosine": logistic(0.9 + 0.16 * quality + err(0.35, 0.35)),
    }


def measured(scores: Mapping[str, Array], draws: Draws) -> dict[str, Array]:
    """Every figure of `FIGURES` of each judge, and the differences of the student and the baselines, in each draw."""
    teacher, everyone = scores["teacher"].ravel(), np.ones(scores["teacher"].size, dtype=np.bool_)
    by_judge = {}
    for judge in JUDGES:
        given = scores[judge].ravel()
        judged = Judgments(given, logistic(12 * (given - THRESHOLD)), [])
        by_judge[judge] = agreement(Judgments(teacher, (teacher > THRESHOLD).astype(float), []), judged, everyone, THRESHOLD, draws)
    values = {f"{judge} {name}": drawn for judge, made in by_judge.items() for name, drawn in made.items()}
    for judge in JUDGES[1:]:
        values |= {f"student less {judge} {name}": by_judge["student"][name] - drawn for name, drawn in by_judge[judge].items()}
    return values


def of_generators(scores: Mapping[str, Array], counts: Counts) -> dict[str, Array]:
    """The figures of `BY_GENERATOR` on the answers of the first generator and of the second, whose answers are nearly all bad."""
    draws = Draws(counts, np.arange(counts.shape[1]), CONFIDENCE)
    values: dict[str, Array] = {}
    for column, name in enumerate(("good generator", "bad generator")):
        made = measured({judge: given[:, [column]] for judge, given in scores.items()}, draws)
        values |= {f"{name} {figure}": made[f"student {figure}"] for figure in BY_GENERATOR}
    return values


def told_apart(generator: np.random.Generator, documents: int, draws: Draws | None) -> dict[str, tuple[Array, Draws]]:
    """The AUROC of each of `KINDS` in each draw, or of one large sample; documents shift the scores of true and false statements."""
    made = {}
    for rows, apart in KINDS:
        chosen = np.arange(documents) if draws is None else generator.choice(documents, rows, replace=rows > documents)
        document = np.concatenate([np.repeat(np.arange(documents), TRUE_STATEMENTS), chosen])
        positive = np.arange(len(document)) < documents * TRUE_STATEMENTS
        scores = 0.4 * generator.normal(size=documents)[document] + 0.92 * generator.normal(size=len(document)) + apart * positive
        drawn = Draws(np.ones((1, documents)) if draws is None else draws.counts, document, CONFIDENCE)
        made[f"AUROC of {rows} false statements, {apart} apart"] = auroc(scores, positive, drawn), drawn
    return made


def accepted(generator: np.random.Generator, rows: int, documents: int, rate: float) -> tuple[Mask, list[str]]:
    """Which statements are accepted, and their documents; two of one document agree more often than chance (beta-binomial, 0.2)."""
    document = np.concatenate([np.arange(documents), generator.choice(documents, rows - documents, replace=False)])
    chance = generator.beta(4 * rate, 4 * (1 - rate), size=documents)
    return generator.random(rows) < chance[document], [f"document {number:03d}" for number in document]


def truth(sample: int) -> dict[str, float]:
    """Every figure on one large sample."""
    generator = np.random.default_rng([1, sample])
    scores = answers(generator, LARGE)
    draws = Draws(np.ones((1, LARGE)), np.repeat(np.arange(LARGE), ANSWERS_PER_DOCUMENT), CONFIDENCE)
    values = measured(scores, draws) | of_generators(scores, draws.counts)
    values |= {name: drawn for name, (drawn, _) in told_apart(generator, LARGE, None).items()}
    values["acceptable share of the student"] = np.array([(scores["student"] > THRESHOLD).mean()])
    shares = {share_name(*one): one[2] for one in SHARES}
    return {name: float(drawn[0]) for name, drawn in values.items()} | shares


def simulated(run: int, documents: int, resamples: int) -> dict[str, Made]:
    """Every figure of one run with its two intervals."""
    generator = np.random.default_rng([2, run])
    scores = answers(generator, documents)
    names = [f"document {number:03d}" for number in range(documents)]
    draws = draw(np.repeat(names, ANSWERS_PER_DOCUMENT).tolist(), resamples, CONFIDENCE, run)
    one_each = Draws(draws.counts, np.arange(documents), CONFIDENCE)
    made = {name: both(drawn, draws, scale_of(name)) for name, drawn in measured(scores, draws).items()}
    made |= {name: both(drawn, one_each, scale_of(name)) for name, drawn in of_generators(scores, draws.counts).items()}
    made |= {
        name: both(drawn, of, "auroc_of_kind", kind_documents(name))
        for name, (drawn, of) in told_apart(generator, documents, draws).items()
    }
    marked = scores["student"].ravel() > THRESHOLD
    made["acceptable share of the student"] = Made(draws.share(marked), percentiles(mean(marked, draws)))
    for one in SHARES:
        marked, of_documents = accepted(generator, *one)
        drawn = draw(of_documents, resamples, CONFIDENCE, run)
        made[share_name(*one)] = Made(drawn.share(marked), percentiles(mean(marked, drawn)))
    return made


def kind_documents(name: str) -> int:
    """How many documents the false statements of an AUROC are of, by its name here: one each."""
    return int(name.split()[2])


def both(values: Array, draws: Draws, scale: Scale, clusters: int | None = None) -> Made:
    """The figure with the interval that is shown, and the percentiles."""
    return Made(draws.figure(values, scale, clusters), percentiles(values))


def percentiles(values: Array) -> tuple[float, float]:
    """The middle share of the resamples, which was the interval once; NaN where more than a twentieth of them has no value."""
    if np.isnan(values[0]) or np.isnan(values).mean() > 1 - CONFIDENCE or np.ptp(values[~np.isnan(values)]) == 0:
        return np.nan, np.nan
    low, high = np.nanquantile(values[1:], [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def scale_of(name: str) -> Scale:
    """That of a figure by its name here."""
    return "difference" if " less " in name else FIGURES[name.rpartition(" ")[2]].scale


def share_name(rows: int, documents: int, rate: float) -> str:
    """What a share is called in the table."""
    return f"share of {rows} of {documents} documents, {rate}"


def line(name: str, true: float, made: list[Made]) -> str:
    """A line of the table: of the intervals that are there, how many hold the truth and how many lie below and above it."""
    shown = [(one.figure.low, one.figure.high) for one in made if one.figure.low is not None and one.figure.high is not None]
    old = [one.percentile for one in made if not np.isnan(one.percentile[0])]
    return f"| {name:42} | {true:+.3f} | {len(shown) / len(made):4.0%} | {tails(old, true)} | {tails(shown, true)} |"


def tails(intervals: list[tuple[float, float]], true: float) -> str:
    """Such as `94.1 (3.0, 2.9)`: hundredths of the intervals that hold the truth, that lie below it, and that lie above it."""
    if not intervals:
        return "none"
    low, high = np.array(intervals, dtype=float).T
    below, above = (100 * float(np.mean(missed)) for missed in (high < true, low > true))
    return f"{100 - below - above:5.1f} ({below:.1f}, {above:.1f})"


def logistic(values: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return np.asarray(1 / (1 + np.exp(-values)))


if __name__ == "__main__":
    main()
