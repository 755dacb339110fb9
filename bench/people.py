"""How often the intervals about people hold the truth: alpha, the ceiling, and a judge against both.

Simulates people who label answers about documents, some labels missing, and takes the true figures from large samples of the same process:
`OMP_NUM_THREADS=1 python bench/people.py [--runs N] [--resamples N]`, minutes on two cores. It prints a Markdown table, and before it
how often the tests of two judges, who are equally good, reject that at 0.05; `--resamples 0` prints that alone.
"""

import argparse
import multiprocessing
import time
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from judge.evaluation.alternative_annotators import EPSILONS, accuracy, alternative_annotator_test
from judge.evaluation.annotators import Annotations, ceiling, ceiling_difference, ceiling_estimate, classes, single_kappa
from judge.evaluation.bootstrap import Array, Draws, Figure, draw
from judge.evaluation.definitions import Scale
from judge.evaluation.krippendorff_alpha import alpha
from judge.evaluation.paired_tests import mcnemar, williams

THRESHOLD, CONFIDENCE = 0.5, 0.95
# How strictly each person judges, and how much they differ from answer to answer: two who are alike, a strict and a careless one.
STRICTNESS, CARELESSNESS = np.array([0.0, 0.1, 0.5, -0.2]), np.array([0.6, 0.6, 0.7, 1.0])
MISSING = 0.15
PEOPLE, NOISES, DOCUMENTS, ANSWERS = (2, 3, 4), (1.0, 0.4), (40, 80, 150), (1, 2, 3)
SCALES: dict[str, Scale] = {
    "ceiling": "agreement",
    "alpha": "agreement",
    "alpha of levels": "agreement",
    "judge, single kappa": "agreement",
    "judge, ceiling difference": "difference",
    "judge, advantage": "rate",
}
LARGE, SAMPLES = 2000, 40
# Documents, answers about each, and the share of the judges' errors that answers about one document have in common.
SHAPES = ((80, 1, 0.0), (80, 3, 0.2), (80, 3, 0.5), (40, 6, 0.2))


class Setting(NamedTuple):
    """How many people, who judge by so much noise, label how many answers about each of how many documents."""

    people: int
    noise: float
    documents: int
    answers: int


class Coverage(NamedTuple):
    """Of a figure in one setting: how many intervals hold the truth, of how many that are shown, in how many runs."""

    true: float
    held: int
    shown: int
    runs: int


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, metavar="N")
    parser.add_argument("--resamples", type=int, default=500, metavar="N")
    options = parser.parse_args()
    start = time.perf_counter()
    print("| documents | answers each | errors by document | McNemar | Williams |\n|---|---|---|---|---|")
    for of_tests in SHAPES:
        rejected = np.mean([equal_judges(*of_tests, run) for run in range(3 * options.runs)], axis=0)
        print(f"| {' | '.join([*map(str, of_tests), *(f'{share:.1%}' for share in rejected)])} |", flush=True)
    print()
    if not options.resamples:
        return
    found: dict[Setting, dict[str, Coverage]] = {}
    print(f"| noise | documents | answers each | {' | '.join(SCALES)} |\n|---|---|---{'|---' * len(SCALES)}|")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for shape in product(NOISES, DOCUMENTS, ANSWERS):
            settings = [Setting(people, *shape) for people in PEOPLE]
            for setting in settings:
                samples = pool.map(partial(truth, setting), range(SAMPLES))
                runs = pool.map(partial(simulated, setting, options.resamples), range(options.runs), chunksize=5)
                found[setting] = {name: covered([one[name] for one in samples], [run[name] for run in runs]) for name in SCALES}
            print(f"| {' | '.join([*map(str, shape), *(cell([found[one][name] for one in settings]) for name in SCALES)])} |", flush=True)
    for people, noise in product(PEOPLE, NOISES):
        own = [one for one in found if (one.people, one.noise) == (people, noise)]
        print(f"| {people} people, {noise} | | | {' | '.join(cell([found[one][name] for one in own]) for name in SCALES)} |")
        print(f"| the truth | | | {' | '.join(f'{found[own[-1]][name].true:.3f}'.replace('nan', '–') for name in SCALES)} |")
    print(f"\n{options.runs} runs, {options.resamples} resamples, {time.perf_counter() - start:.0f} s")


def labelled(generator: np.random.Generator, setting: Setting, missing: float) -> tuple[Annotations, Array]:
    """What people say of each answer, one of the eleven levels, and what a judge of middling care says of it.

    Documents differ, and people differ in how strict they are, in how they see a document, and in how they see an answer.
    """
    size = setting.documents * setting.answers
    of_document = np.repeat(np.arange(setting.documents), setting.answers)
    quality = 0.3 + 0.8 * generator.normal(size=setting.documents)[of_document] + 0.8 * generator.normal(size=size)

    def seen(strictness: float, care: float) -> Array:
        noise = setting.noise * care
        of_documents = 0.4 * noise * generator.normal(size=setting.documents)[of_document]
        opinion = quality - strictness + of_documents + 0.9 * noise * generator.normal(size=size)
        return np.asarray(np.round(1 / (1 + np.exp(-2 * opinion)), 1))

    values = np.column_stack([seen(setting.noise * STRICTNESS[person], CARELESSNESS[person]) for person in range(setting.people)])
    values[generator.random(values.shape) < missing] = np.nan
    return Annotations(tuple("abcd"[: setting.people]), values), seen(0.1 * setting.noise, 0.8)


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


def equal_judges(documents: int, answers: int, common: float, run: int) -> tuple[bool, bool]:
    """Whether McNemar's and Williams' test tell two judges apart, at 0.05, who err alike and independently of each other."""
    generator, size = np.random.default_rng([3, run, documents, answers]), documents * answers
    of_document = np.repeat(np.arange(documents), answers)
    quality = 0.3 + 0.8 * generator.normal(size=documents)[of_document] + 0.8 * generator.normal(size=size)

    def seen(noise: float) -> Array:
        of_documents = np.sqrt(common) * generator.normal(size=documents)[of_document]
        error = noise * (of_documents + np.sqrt(1 - common) * generator.normal(size=size))
        return np.asarray(1 / (1 + np.exp(-2 * (quality - 0.1 + error))))

    people, one, other = seen(0.6), seen(0.8), seen(0.8)
    correlated = williams(people, one, other)
    different = mcnemar(people > THRESHOLD, one > THRESHOLD, other > THRESHOLD).p < 1 - CONFIDENCE
    return different, correlated is not None and correlated.p < 1 - CONFIDENCE


def truth(setting: Setting, sample: int) -> dict[str, float]:
    """Every figure on one large sample."""
    large = setting._replace(documents=LARGE)
    people, judge = labelled(np.random.default_rng([1, sample]), large, MISSING)
    draws = Draws(np.ones((1, LARGE)), np.repeat(np.arange(LARGE), setting.answers), CONFIDENCE)
    return {name: float(drawn[0]) for name, drawn in measured(people, judge, draws).items()}


def simulated(setting: Setting, resamples: int, run: int) -> dict[str, Figure]:
    """Every figure of one run with the interval that is shown."""
    people, judge = labelled(np.random.default_rng([2, run, setting.people, setting.documents, setting.answers]), setting, MISSING)
    names = [f"document {number:03d}" for number in range(setting.documents)]
    draws = draw(np.repeat(names, setting.answers).tolist(), resamples, CONFIDENCE, run)
    made = {name: draws.figure(drawn, SCALES[name]) for name, drawn in measured(people, judge, draws).items()}
    return made | {"judge, ceiling difference": ceiling_estimate(classes(people, THRESHOLD), (judge > THRESHOLD).astype(float), draws)}


def covered(true: list[float], runs: list[Figure]) -> Coverage:
    """How often the intervals that are shown hold the mean of the figure over large samples."""
    value = float(np.mean(true))
    shown = [(low, high) for run in runs if (low := run.low) is not None and (high := run.high) is not None]
    return Coverage(value, sum(low <= value <= high for low, high in shown), len(shown), len(runs))


def cell(several: list[Coverage]) -> str:
    """Such as `94.8 (93.9 to 95.6), 98% shown`: hundredths of the intervals that hold the truth.

    First in all settings together, then from the setting in which fewest do to that in which most do; behind it the share of runs with
    an interval, where it is not all.
    """
    shares = [100 * one.held / one.shown for one in several if one.shown]
    if not shares:
        return "–"
    shown, runs = sum(one.shown for one in several), sum(one.runs for one in several if one.shown)
    together = 100 * sum(one.held for one in several) / shown
    return f"{together:.1f} ({min(shares):.1f} to {max(shares):.1f})" + ("" if shown == runs else f", {shown / runs:.0%} shown")


if __name__ == "__main__":
    main()
