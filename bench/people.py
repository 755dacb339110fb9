"""How often the intervals about people hold the truth: alpha, the ceiling, and a judge against both.

Simulates people who label answers about documents, some labels missing, and takes the true figures from large samples of the same process:
`OMP_NUM_THREADS=1 python bench/people.py [--runs N] [--resamples N]`, minutes on two cores. It prints a Markdown table.
"""

import argparse
import multiprocessing
import time
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from judge.evaluation.alternative_annotators import EPSILONS, accuracy, alternative_annotator_test
from judge.evaluation.annotators import Annotations, ceiling, ceiling_difference, classes, single_kappa
from judge.evaluation.bootstrap import Array, Draws, Figure, draw
from judge.evaluation.definitions import Scale
from judge.evaluation.krippendorff_alpha import alpha

THRESHOLD, CONFIDENCE = 0.5, 0.95
# How strictly each person judges, and how much they differ from answer to answer: two who are alike, a strict and a careless one.
STRICTNESS, NOISE = np.array([0.0, 0.1, 0.5, -0.2]), np.array([0.6, 0.6, 0.7, 1.0])
MISSING = 0.15
PEOPLE, DOCUMENTS, ANSWERS = (2, 3, 4), (40, 80, 150), (1, 2, 3)
SCALES: dict[str, Scale] = {
    "ceiling": "agreement",
    "alpha": "agreement",
    "alpha of levels": "agreement",
    "judge, single kappa": "agreement",
    "judge, ceiling difference": "difference",
    "judge, advantage": "rate",
}
LARGE, SAMPLES = 2000, 40


class Setting(NamedTuple):
    """How many people label how many answers about each of how many documents."""

    people: int
    documents: int
    answers: int


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500, metavar="N")
    parser.add_argument("--resamples", type=int, default=500, metavar="N")
    options = parser.parse_args()
    start = time.perf_counter()
    print(f"| people | documents | answers each | {' | '.join(SCALES)} |\n|---|---|---{'|---' * len(SCALES)}|")
    settings = [Setting(*one) for one in product(PEOPLE, DOCUMENTS, ANSWERS)]
    held: dict[str, list[tuple[int, int]]] = {name: [] for name in SCALES}
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for setting in settings:
            samples = pool.map(partial(truth, setting), range(SAMPLES))
            true = {name: float(np.mean([sample[name] for sample in samples])) for name in SCALES}
            runs = pool.map(partial(simulated, setting, options.resamples), range(options.runs), chunksize=5)
            cells = []
            for name, value in true.items():
                shown = [(low, high) for run in runs if (low := run[name].low) is not None and (high := run[name].high) is not None]
                held[name].append((sum(low <= value <= high for low, high in shown), len(shown)))
                cells.append(cell(value, *held[name][-1], len(runs)))
            print(f"| {' | '.join([*map(str, setting), *cells])} |", flush=True)
    means = [f"{sum(hits for hits, _ in counts) / max(1, sum(of for _, of in counts)):.1%}" for counts in held.values()]
    print(f"| all | | | {' | '.join(means)} |")
    print(f"\n{options.runs} runs, {options.resamples} resamples, {time.perf_counter() - start:.0f} s")


def labelled(generator: np.random.Generator, setting: Setting, missing: float) -> tuple[Annotations, Array]:
    """What people say of each answer, one of the eleven levels, and what a judge of middling care says of it.

    Documents differ, and people differ in how strict they are, in how they see a document, and in how they see an answer.
    """
    size = setting.documents * setting.answers
    of_document = np.repeat(np.arange(setting.documents), setting.answers)
    quality = 0.3 + 0.8 * generator.normal(size=setting.documents)[of_document] + 0.8 * generator.normal(size=size)

    def seen(strictness: float, noise: float) -> Array:
        of_documents = 0.4 * noise * generator.normal(size=setting.documents)[of_document]
        opinion = quality - strictness + of_documents + 0.9 * noise * generator.normal(size=size)
        return np.asarray(np.round(1 / (1 + np.exp(-2 * opinion)), 1))

    values = np.column_stack([seen(STRICTNESS[person], NOISE[person]) for person in range(setting.people)])
    values[generator.random(values.shape) < missing] = np.nan
    return Annotations(tuple("abcd"[: setting.people]), values), seen(0.1, 0.8)


def measured(people: Annotations, judge: Array, draws: Draws) -> dict[str, Array]:
    """Every figure in each draw; the advantage is NaN where two people are too few for it."""
    classed = classes(people, THRESHOLD)
    accepted = (judge > THRESHOLD).astype(float)
    return {
        "ceiling": ceiling(classed, draws),
        "alpha": alpha(classed.values, "nominal", draws),
        "alpha of levels": alpha(people.values, "interval", draws),
        "judge, single kappa": single_kappa(classed, accepted, draws),
        "judge, ceiling difference": ceiling_difference(classed, accepted, draws),
        "judge, advantage": alternative_annotator_test(classed, accepted, accuracy, EPSILONS["skilled"], draws).advantage_drawn,
    }


def truth(setting: Setting, sample: int) -> dict[str, float]:
    """Every figure on one large sample."""
    large = setting._replace(documents=LARGE)
    people, judge = labelled(np.random.default_rng([1, sample]), large, MISSING)
    draws = Draws(np.ones((1, LARGE)), np.repeat(np.arange(LARGE), setting.answers), CONFIDENCE)
    return {name: float(drawn[0]) for name, drawn in measured(people, judge, draws).items()}


def simulated(setting: Setting, resamples: int, run: int) -> dict[str, Figure]:
    """Every figure of one run with the interval that is shown."""
    people, judge = labelled(np.random.default_rng([2, run, *setting]), setting, MISSING)
    names = [f"document {number:03d}" for number in range(setting.documents)]
    draws = draw(np.repeat(names, setting.answers).tolist(), resamples, CONFIDENCE, run)
    return {name: draws.figure(drawn, SCALES[name]) for name, drawn in measured(people, judge, draws).items()}


def cell(true: float, hits: int, shown: int, runs: int) -> str:
    """Such as `94.8 of 0.612`: hundredths of the intervals that hold the true figure; behind it the share of runs with an interval."""
    if not shown:
        return "–"
    return f"{100 * hits / shown:.1f} of {true:.3f}" + ("" if shown == runs else f" ({shown / runs:.0%} shown)")


if __name__ == "__main__":
    main()
