"""How often the intervals of systems' corrected scores hold the truth, and how wide they are beside those of labels alone.

`OMP_NUM_THREADS=1 nice python -m bench.corrected [--runs N]` simulates judges of known sensitivity and specificity on two cores.
"""

import argparse
import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from judge.evaluation.bootstrap import Array, Figure, Integers
from judge.evaluation.corrected import Answers, Rate, difference, figure, labels_alone, prediction_powered
from judge.evaluation.rogan_gladen import rogan_gladen
from judge.people.inclusion import capped

CONFIDENCE = 0.95
ERRORS, RATES, LABELLED, JUDGED = (0.6, 0.75, 0.9), (0.1, 0.3, 0.5, 0.7, 0.9), (30, 50, 100, 200), (200, 1000, 5000)
# The acceptable rates of the other systems, whose labels say how the judge errs as well.
OTHERS = (0.3, 0.5, 0.7)
# How steep the probability of a judge is that states one; its class says the same with less.
STEEPNESS = 2.5
# What is asked of a coverage; a cell outside is simulated again with as many runs more.
ASKED, AGAIN = (0.93, 0.97), 7
quantile = NormalDist().inv_cdf


class Cell(NamedTuple):
    """What is simulated: labelled answers of how many judged ones, the true rate, sensitivity, specificity."""

    labelled: int
    judged: int
    rate: float
    sensitivity: float
    specificity: float


class Held(NamedTuple):
    """Of one cell and method: the share of intervals that hold the truth, that lie below it and above it, and their mean width."""

    coverage: float
    below: float
    above: float
    width: float


Intervals = Mapping[str, Figure | tuple[float, float]]


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, metavar="N")
    runs, start = parser.parse_args().runs, time.perf_counter()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for name, one in (("alike", alike), ("differs", differs), ("chosen", chosen), ("together", together)):
            cells = list(of(name))
            held = dict(zip(cells, pool.map(partial(simulated, one, runs, 0), cells, chunksize=1), strict=True))
            wide = [cell for cell in cells if not all(within(each) for method, each in held[cell].items() if is_asked(method, name))]
            held |= zip(wide, pool.map(partial(simulated, one, runs * AGAIN, 1), wide, chunksize=1), strict=True)
            print(f"\n{one.__doc__}\n{len(cells)} cells, {runs} runs; {len(wide)} again, {time.perf_counter() - start:.0f} s")
            print("\n".join(lines(held, name)), flush=True)


def of(name: str) -> Iterator[Cell]:
    """The cells of a simulation: all of them, or for those that are slower to tell a part."""
    judged, errors = (JUDGED, ERRORS) if name == "alike" else (JUDGED[1:2], ERRORS[::2])
    return itertools.starmap(Cell, itertools.product(LABELLED, judged, RATES, errors, errors))


def made(generator: np.random.Generator, rate: Array | float, sensitivity: float, specificity: float, answers: int) -> tuple[Array, Array]:
    """What people say of answers, and a reading of them that is above 0 with the sensitivity, or 1 - specificity: both (answers,)."""
    people = (generator.random(answers) < rate).astype(float)
    return people, np.where(people == 1, quantile(sensitivity), -quantile(specificity)) + generator.normal(size=answers)


def answers_of(people: Array, reading: Array, asked: Array, document: Integers | None = None, *, stated: bool = True) -> Answers:
    """The answers to a judge that states a probability, or its class alone; `asked` is the chance of those that are labelled, else 0."""
    accepted = reading > 0
    probability = 1 / (1 + np.exp(-STEEPNESS * reading)) if stated else accepted.astype(float)
    labels = np.where(asked > 0, people, np.nan)
    return Answers(probability, accepted, labels, asked, np.arange(len(people)) if document is None else document)


def first(labelled: int, judged: int) -> Array:
    """The chance of the first answers, which are labelled; the answers are in random order."""
    return np.where(np.arange(judged) < labelled, labelled / judged, 0.0)


def unsure_first(generator: np.random.Generator, probability: Array, labelled: int) -> Array:
    """The chance of the answers that are labelled, 0 of the others, where half of the chances go by how unsure the judge is."""
    unsure = 1 - np.abs(2 * probability - 1)
    chance = 0.5 / len(probability) + 0.5 * unsure / unsure.sum()
    # Sequential Poisson sampling: the smallest n of a random number over the chance.
    order = np.argsort(generator.random(len(probability)) / chance)[:labelled]
    likely = capped({str(number): float(each) for number, each in enumerate(chance)}, labelled)
    asked = np.zeros(len(probability))
    asked[order] = [likely[str(number)] for number in order]
    return asked


def plain(answers: Answers) -> tuple[float, float]:
    """The interval of ppi-python itself, which takes the other answers for a sample of their own."""
    from ppi_py import ppi_mean_ci

    rows = answers.labelled
    if rows.all():
        return np.nan, np.nan
    low, high = ppi_mean_ci(answers.people[rows], answers.probability[rows], answers.probability[~rows], alpha=1 - CONFIDENCE)
    return float(low[0]), float(high[0])


def normal(answers: Answers) -> tuple[float, float]:
    """The labels' share plus and minus twice its standard error."""
    share = float(answers.people[answers.labelled].mean())
    error = quantile((1 + CONFIDENCE) / 2) * float(np.sqrt(share * (1 - share) / answers.labelled.sum()))
    return share - error, share + error


def shown(method: Callable[[Answers], Rate], answers: Answers) -> Figure:
    """The interval that is shown."""
    return figure(method(answers), answers, CONFIDENCE)


def one_system(generator: np.random.Generator, cell: Cell, other_errors: tuple[float, float]) -> Intervals:
    """Every interval of one run."""
    people, reading = made(generator, cell.rate, cell.sensitivity, cell.specificity, cell.judged)
    asked = first(cell.labelled, cell.judged)
    stated, classed = (answers_of(people, reading, asked, stated=how) for how in (True, False))
    others = [made(generator, rate, *other_errors, cell.labelled) for rate in OTHERS]
    everyone, readings = (np.concatenate([own, *more]) for own, more in zip((people, reading), zip(*others, strict=True), strict=True))
    all_asked = np.concatenate([asked, np.full(len(OTHERS) * cell.labelled, cell.labelled / cell.judged)])
    together = answers_of(everyone, readings, all_asked)
    return {
        "corrected by probability": shown(prediction_powered, stated),
        "corrected by class": shown(prediction_powered, classed),
        "labels alone": shown(labels_alone, stated),
        "Rogan-Gladen": rogan_gladen(together, np.arange(len(everyone)) < cell.judged, CONFIDENCE),
        "plain by ppi_mean_ci": plain(stated),
        "plain by labels": normal(stated),
    }


def alike(generator: np.random.Generator, cell: Cell) -> Intervals:
    """One system, labels drawn at random; the judge errs alike on three others that are labelled as well."""
    return one_system(generator, cell, (cell.sensitivity, cell.specificity))


def differs(generator: np.random.Generator, cell: Cell) -> Intervals:
    """The same with a judge that errs on the others otherwise: with a sensitivity and a specificity of 0.75."""
    return one_system(generator, cell, (0.75, 0.75))


def chosen(generator: np.random.Generator, cell: Cell) -> Intervals:
    """One system, labels chosen where the judge is unsure, half of the chances shared by all answers."""
    people, reading = made(generator, cell.rate, cell.sensitivity, cell.specificity, cell.judged)
    answers = answers_of(people, reading, unsure_first(generator, 1 / (1 + np.exp(-STEEPNESS * reading)), cell.labelled))
    return {
        "corrected by probability": shown(prediction_powered, answers),
        "labels alone": shown(labels_alone, answers),
        "Rogan-Gladen": rogan_gladen(answers, np.ones(cell.judged, dtype=np.bool_), CONFIDENCE),
        "plain by ppi_mean_ci": plain(answers),
    }


def together(generator: np.random.Generator, cell: Cell) -> Intervals:
    """Two systems that answer questions of the same documents, which are easy or hard for both: their mean share and their difference."""
    documents = cell.judged // 2
    # Both systems do well, or badly, on the answers of a document together; the second is worse by a fifth.
    ease = generator.beta(2 * cell.rate, 2 * (1 - cell.rate), size=documents)
    one, reading = made(generator, ease, cell.sensitivity, cell.specificity, documents)
    other, other_reading = made(generator, 0.8 * ease, cell.sensitivity, cell.specificity, documents)
    document = np.tile(np.arange(documents), 2)
    # Whole documents are labelled: the first of them, in random order.
    asked = np.tile(first(min(cell.labelled, documents), documents), 2)
    both = answers_of(np.concatenate([one, other]), np.concatenate([reading, other_reading]), asked, document)
    own = np.arange(2 * documents) < documents
    better, worse = (prediction_powered(both.of(rows)) for rows in (own, ~own))
    apart = difference(better, worse, document[own], document[~own], CONFIDENCE)
    return {
        "corrected, both": centred(shown(prediction_powered, both), 0.9 * cell.rate, cell.rate),
        "corrected difference": centred(apart, 0.2 * cell.rate, cell.rate),
        "labels alone": centred(shown(labels_alone, both), 0.9 * cell.rate, cell.rate),
    }


def centred(one: Figure, true: float, rate: float) -> Figure:
    """The figure moved so that `rate` stands for its true value."""
    low, high = (None if end is None else end - true + rate for end in (one.low, one.high))
    return Figure(one.value, low, high, one.reason)


def simulated(one: Callable[[np.random.Generator, Cell], Intervals], runs: int, seed: int, cell: Cell) -> dict[str, Held]:
    """What each method does in one cell; runs without an interval are left out."""
    generator = np.random.default_rng([seed, *(round(1000 * value) for value in cell)])
    ends: dict[str, list[tuple[float, float]]] = {}
    for _ in range(runs):
        for method, interval in one(generator, cell).items():
            low, high = (interval.low, interval.high) if isinstance(interval, Figure) else interval
            if low is not None and high is not None and not np.isnan(low):
                ends.setdefault(method, []).append((low, high))
    return {method: held_by(each, cell.rate) for method, each in ends.items()}


def held_by(intervals: Sequence[tuple[float, float]], true: float) -> Held:
    """How often intervals hold the truth."""
    low, high = np.array(intervals).T
    below, above = float(np.mean(high < true - 1e-9)), float(np.mean(low > true + 1e-9))
    return Held(1 - below - above, below, above, float(np.mean(high - low)))


def is_asked(method: str, simulation: str) -> bool:
    """Whether a method claims to hold the truth there: not so labels alone, whose steps are coarse, and one whose assumption is broken."""
    return method.startswith("corrected") or (method == "Rogan-Gladen" and simulation != "differs")


def within(held: Held) -> bool:
    """Whether the coverage is as asked."""
    return ASKED[0] <= held.coverage <= ASKED[1]


def lines(held: Mapping[Cell, Mapping[str, Held]], name: str) -> Iterator[str]:
    """The table, and the cells outside of what is asked."""
    yield "| method | least | most | mean | within 93 to 97 | " + " | ".join(f"n = {n}" for n in LABELLED) + " | mean width |"
    yield "|---|---|---|---|---|" + "---|" * (len(LABELLED) + 1)
    methods = list(dict.fromkeys(method for each in held.values() for method in each))
    for method in methods:
        found = {cell: each[method] for cell, each in held.items() if method in each}
        every = [each.coverage for each in found.values()]
        by_n = [[each.coverage for cell, each in found.items() if cell.labelled == n] for n in LABELLED]
        spans = " | ".join(f"{min(some):.1%} to {max(some):.1%}" for some in by_n)
        inside = sum(map(within, found.values()))
        width = np.mean([each.width for each in found.values()])
        over = f"{inside} of {len(every)}"
        yield f"| {method} | {min(every):.1%} | {max(every):.1%} | {np.mean(every):.1%} | {over} | {spans} | {width:.3f} |"
    for method in methods:
        if is_asked(method, name):
            for cell, each in held.items():
                if method in each and not within(each[method]):
                    one = each[method]
                    yield f"outside: {method}, {cell}: {one.coverage:.1%} ({one.below:.1%}, {one.above:.1%})"


if __name__ == "__main__":
    main()
