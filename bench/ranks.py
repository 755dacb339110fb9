"""How often the intervals of rank figures of many rows hold the truth, and how wide they are beside resamples that take every pair.

Simulates 6,000 answers about 2,000 documents and about 60, and takes the truth from samples of a million documents:
`OMP_NUM_THREADS=1 python -m bench.ranks [--runs N] [--resamples N]`, about ten minutes on two cores.
"""

import argparse
import multiprocessing
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from bench.coverage import CONFIDENCE, logistic, tails
from judge.evaluation import agreement, rank_figures
from judge.evaluation.bootstrap import Array, Draws, draw
from judge.evaluation.definitions import FIGURES

RANKED = ("spearman", "kendall", "auroc", "rare auroc")
"""The last is of a class that one answer in a hundred belongs to."""
THRESHOLD, RARE, LARGE, SAMPLES, HELD_BESIDE = 0.8, 0.9988, 1_000_000, 4, 20


class Cell(NamedTuple):
    """How many documents a simulated test has, and how many answers about each."""

    documents: int
    answers: int


CELLS = (Cell(2000, 3), Cell(60, 100))


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, metavar="N")
    parser.add_argument("--resamples", type=int, default=1000, metavar="N")
    options = parser.parse_args()
    print("| documents | answers | figure | truth | interval (below, above) | width beside every pair |\n|---|---|---|---|---|---|")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        samples = pool.map(truth, range(SAMPLES))
        true = {name: float(np.mean([sample[name] for sample in samples])) for name in RANKED}
        for cell in CELLS:
            runs = pool.map(partial(intervals, cell=cell, resamples=options.resamples), range(options.runs), chunksize=5)
            widths = pool.map(partial(beside, cell=cell, resamples=options.resamples), range(HELD_BESIDE))
            for name in RANKED:
                held = tails([run[name] for run in runs if name in run], true[name])
                low, middle, high = np.quantile([width[name] for width in widths if name in width], [0, 0.5, 1])
                print(
                    f"| {cell.documents} | {cell.answers} | {name} | {true[name]:.4f} | {held} | {middle:.3f} ({low:.3f} to {high:.3f}) |"
                )


def scores(generator: np.random.Generator, cell: Cell) -> tuple[Array, Array]:
    """Scores of teacher and student, (rows,): documents differ, and the student errs by document and by answer, with heavy tails."""
    shape = (cell.documents, cell.answers)
    quality = 0.9 * generator.normal(size=(cell.documents, 1)) + 1.1 * generator.normal(size=shape)
    error = 0.25 * generator.normal(size=(cell.documents, 1)) + 0.4 * generator.standard_t(4, size=shape)
    return logistic(2.6 * quality - 1.0).ravel(), logistic(2.6 * (quality + error) - 1.75).ravel()


def ranked(teacher: Array, student: Array, draws: Draws) -> dict[str, Array]:
    """The figures in each draw by what each row brings."""
    return rank_figures.correlations(teacher, student, draws) | {
        name: rank_figures.auroc(student, teacher > threshold, draws) for name, threshold in zip(RANKED[2:], (THRESHOLD, RARE), strict=True)
    }


def every_pair(teacher: Array, student: Array, draws: Draws) -> dict[str, Array]:
    """The same from every pair of rows of each draw."""
    agreement.MOST_PAIRED = len(teacher)
    return agreement.score_agreement(teacher, student, draws) | {
        name: agreement.auroc(student, teacher > threshold, draws) for name, threshold in zip(RANKED[2:], (THRESHOLD, RARE), strict=True)
    }


def truth(sample: int) -> dict[str, float]:
    """The figures of a large sample, one answer to a document."""
    teacher, student = scores(np.random.default_rng([1, sample]), Cell(LARGE, 1))
    everyone = Draws(np.ones((1, LARGE)), np.arange(LARGE), CONFIDENCE)
    return {name: float(values[0]) for name, values in ranked(teacher, student, everyone).items()}


def simulated(run: int, cell: Cell, resamples: int) -> tuple[Array, Array, Draws]:
    """The scores of one run and its draws."""
    teacher, student = scores(np.random.default_rng([2, run]), cell)
    documents = np.repeat([f"document {number:04}" for number in range(cell.documents)], cell.answers).tolist()
    return teacher, student, draw(documents, resamples, CONFIDENCE, run)


def intervals(run: int, cell: Cell, resamples: int) -> dict[str, tuple[float, float]]:
    """The interval of every figure of a run that has one."""
    teacher, student, draws = simulated(run, cell, resamples)
    return ends(ranked(teacher, student, draws), draws)


def beside(run: int, cell: Cell, resamples: int) -> dict[str, float]:
    """How wide each interval is in parts of the one that takes every pair in every resample."""
    teacher, student, draws = simulated(run, cell, resamples)
    ours, theirs = (ends(made(teacher, student, draws), draws) for made in (ranked, every_pair))
    return {name: (high - low) / (theirs[name][1] - theirs[name][0]) for name, (low, high) in ours.items() if name in theirs}


def ends(values: Mapping[str, Array], draws: Draws) -> dict[str, tuple[float, float]]:
    """Both ends of each figure that has an interval."""
    made = {name: draws.figure(values[name], FIGURES[name.removeprefix("rare ")].scale) for name in RANKED}
    return {name: (figure.low, figure.high) for name, figure in made.items() if figure.low is not None and figure.high is not None}


if __name__ == "__main__":
    main()
