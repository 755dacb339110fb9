"""How often `judge compare` and `judge gate` are right about students whose truth is known.

Retrains the project's student with nothing but the training seed changed, and counts over all pairs of these equal students how
many get a star in compare, and how many pass or fail the rules `not_worse` of params.yaml. Then simulates judges that are worse by a
margin, and judges that are equal, on test sets drawn anew by document, and counts the same.
Needs a built project, its folder as the current one: `python bench/gate.py [--seeds N] [--simulations N]`.
"""

import argparse
import itertools
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from judge import tables
from judge.distillation import registry
from judge.distillation.trainer import TrainingRun
from judge.evaluation import definitions, figures
from judge.evaluation.definitions import FIGURES
from judge.evaluation.figures import TEACHER, TRAINING_SEEDS, Estimate, measured
from judge.report import gate, significance
from judge.report.gate import Difference
from judge.report.gate_command import read_settings
from judge.report.gate_settings import COMPARED, NotWorse
from judge.report.paired import Paired, PairedFigure, paired
from judge.report.revisions import Answer, Revision, judged
from judge.settings import read_params
from judge.tables.items import Item
from stages import settings
from stages.distil import Config

# What a commit knows of its own student: the trainings that its spread over seeds is measured from.
TRAININGS = 8
OUTCOMES = ("pass", "cannot tell", "fail")
SIMULATED_RESAMPLES = 500
Worsen = Callable[[Revision, float, np.random.Generator], Revision]


def main() -> None:
    """Train, compare, simulate, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=16, metavar="N", help=f"students to train, at least {TRAININGS + 1}")
    parser.add_argument("--simulations", type=int, default=500, metavar="N", help="test sets to draw for each rule")
    parser.add_argument("--documents", type=int, metavar="N", help="documents of a simulated test set; as many as there are by default")
    given = parser.parse_args()
    students = with_spreads(list(retrained(given.seeds)))
    rules = read_settings().not_worse
    rows, documents = len(students[0].answers), len({answer.document_id for answer in students[0].answers.values()})
    print(
        f"{len(students)} students of one recipe, {rows} test answers of {documents} documents; spreads from {TRAININGS} trainings each\n"
    )
    pairs = [(a, b, paired(a, b, sorted(a.answers))) for a, b in itertools.permutations(students, 2)]
    print_stars([(a, b, pair) for a, b, pair in pairs if int(a.name) < int(b.name)])
    lost = sum(any(plainly_worse(pair.figures[COMPARED[rule.figure]], rule) for rule in rules) for _, _, pair in pairs)
    print(f"\nA re-run of the same recipe against the base, {len(pairs)} ordered pairs.")
    print(f"By the interval over documents alone, wholly on the worse side of 0 in one of the figures: {lost / len(pairs):.1%} fail.\n")
    print_outcomes(rules, [outcomes(rules, base, here, pair) for base, here, pair in pairs])
    print("\nThe same where the spread of the base is not known:\n")
    print_outcomes(rules, [outcomes(rules, replace(base, figures=figures.frame([])), here, pair) for base, here, pair in pairs])
    size = given.documents or documents
    print(f"\nSimulated, {given.simulations} test sets of {size} documents each, about {round(size * rows / documents)} rows:\n")
    print("| truth | rule | " + " | ".join(OUTCOMES) + " |\n|---|---|---|---|---|")
    chance = np.random.default_rng(1)
    for rule in rules:
        for what, worsen in WORSE.items():
            much = worse_by_the_margin(students, rule, worsen)
            for truth, amount in (("equal", 0.0), (f"worse by the margin, {what} ({much:.3f})", much)):
                if amount or worsen is noisy:
                    counts = Counter(simulated(students, rule, worsen, amount, size, chance) for _ in range(given.simulations))
                    print(f"| {truth} | {written(rule)} | {shares(counts)} |", flush=True)


def retrained(seeds: int) -> Iterator[Revision]:
    """Students that differ in the training seed alone, each as the revision that would hold it; the seed is its name."""
    config = settings(Config, [])
    train, test = tables.read(tables.TRAIN), tables.read(tables.TEST)
    items = [Item.of(row) for row in test]
    ids = [row["answer_id"] for row in test]
    params = {key: value for key, value in read_params().items() if key in ("seed", "evaluate")}
    teacher = [judged({"score": row["teacher_score"]}, config.label.threshold, tables.TEST.path) for row in test]
    run = TrainingRun(config.label.threshold, config.teacher, config.seed, config.budget_usd, tables.read(tables.STATEMENTS))
    trainings = config.distil.model_copy(update={"retrainings": seeds - 1})
    student = registry.trainer(config.student.kind)(train, config.student, trainings, run)
    with tempfile.TemporaryDirectory() as folder:
        student.write_retrained(Path(folder))
        given = {config.seed: student.judge(items), **student.judge_retrained(Path(folder), items)}
    for seed, judgments in given.items():
        rows = tables.judgment_rows(ids, judgments)
        answers = {
            row["answer_id"]: Answer(row["document_id"], row["generator"], None, None, truth, judged(judgment, config.label.threshold, ""))
            for row, truth, judgment in zip(test, teacher, rows, strict=True)
        }
        yield Revision(str(seed), None, params, config.label.threshold, {}, figures.frame([]), {}, answers, [], [])


def with_spreads(students: Sequence[Revision]) -> list[Revision]:
    """Each with a table of figures that has its spread over seeds: of its own training and those of the next ones in a circle."""
    values = [paired(student, student, sorted(student.answers)).figures for student in students]
    made = []
    for first, student in enumerate(students):
        chosen = [values[(first + step) % len(students)] for step in range(TRAININGS)]
        rows = [
            measured("student", TEACHER, TRAINING_SEEDS, name, TRAININGS, (deviation([each[name].a for each in chosen]), None, None, None))
            for name in FIGURES
        ]
        made.append(replace(student, figures=figures.frame(rows)))
    return made


def deviation(values: Iterable[float | None]) -> float | None:
    """The standard deviation of figures that are all defined."""
    numbers = [value for value in values if value is not None]
    return statistics.stdev(numbers) if len(numbers) == TRAININGS else None


def print_stars(pairs: Sequence[tuple[Revision, Revision, Paired]]) -> None:
    """How many pairs of equal students get a star."""
    tested = [significance.judge_figures(pair, significance.of_difference(a.figures, b.figures)) for a, b, pair in pairs]
    starred = sum(any(it.significant for it in each.values()) for each in tested)
    primary = sum(each[definitions.PRIMARY].significant for each in tested)
    plain = sum(any(it.low is not None and not it.low <= 0 <= (it.high or 0) for it in pair.figures.values()) for _, _, pair in pairs)
    print(f"Pairs of equal students with a star in compare: {starred} of {len(pairs)} ({primary} for {definitions.PRIMARY}).")
    print(f"Without the seed and without correction, by the interval over documents alone: {plain} of {len(pairs)}.")


def plainly_worse(figure: PairedFigure, rule: NotWorse) -> bool:
    """Whether the interval over documents lies wholly on the worse side of 0."""
    return figure.low is not None and figure.high is not None and (figure.low > 0 if rule.lower_is_better else figure.high < 0)


def outcomes(rules: Sequence[NotWorse], base: Revision, here: Revision, pair: Paired) -> list[str]:
    """What the gate says of each rule, and of all together."""
    tested = significance.judge_figures(pair, significance.of_difference(base.figures, here.figures))

    def compare(_base: str, _rules: Sequence[NotWorse]) -> dict[str, Difference]:
        held = {rule.figure: tested[COMPARED[rule.figure]] for rule in rules}
        return {
            name: Difference(Estimate(it.difference, it.low, it.high, pair.rows, it.reason), "" if it.spread else "the spread is not known")
            for name, it in held.items()
        }

    section = read_settings().model_copy(update={"rules": [], "not_worse": list(rules), "base": base.name})
    decisions = gate.decide(section, {}, compare)
    return [*(decision.outcome for decision in decisions), gate.overall(decisions)]


def print_outcomes(rules: Sequence[NotWorse], found: Sequence[Sequence[str]]) -> None:
    """The share of each outcome, rule by rule and for all rules together."""
    print("| rule | " + " | ".join(OUTCOMES) + " |\n|---|---|---|---|")
    for name, column in zip([*map(written, rules), "all of them"], zip(*found, strict=True), strict=True):
        print(f"| {name} | {shares(Counter(column))} |")


def noisy(student: Revision, amount: float, chance: np.random.Generator) -> Revision:
    """A judge with normal noise of that deviation on every score: many small errors."""
    noise = chance.normal(0.0, amount, len(student.answers))
    worse = {}
    for (answer_id, answer), error in zip(student.answers.items(), noise.tolist(), strict=True):
        score = min(1.0, max(0.0, (answer.student.score or 0.0) + error))
        worse[answer_id] = answer._replace(student=judged({"score": score}, student.threshold, "noise"))
    return replace(student, answers=worse)


def exchanged(student: Revision, amount: float, chance: np.random.Generator) -> Revision:
    """A judge that gives that share of the answers the judgment of another answer: few gross errors."""
    answers = list(student.answers.values())
    wrong, donors = chance.random(len(answers)) < amount, chance.permutation(len(answers))
    worse = [answers[donor].student if is_wrong else it.student for it, is_wrong, donor in zip(answers, wrong, donors, strict=True)]
    return replace(student, answers={key: it._replace(student=by) for (key, it), by in zip(student.answers.items(), worse, strict=True)})


WORSE: dict[str, Worsen] = {"noise on every score": noisy, "a share of the judgments exchanged": exchanged}


def worse_by_the_margin(students: Sequence[Revision], rule: NotWorse, worsen: Worsen) -> float:
    """The amount that makes the rule's figure worse by the margin, in the mean over the students and 10 tries each."""

    def mean(amount: float) -> float:
        chance = np.random.default_rng(2)
        return statistics.fmean(figure_of(worsen(it, amount, chance), COMPARED[rule.figure]) for it in students for _ in range(10))

    best, low, high = mean(0.0), 0.0, 1.0
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if abs(mean(middle) - best) < rule.margin else (low, middle)
    return (low + high) / 2


def figure_of(student: Revision, name: str) -> float:
    """A figure of a student on its answers."""
    plain = replace(student, params={"evaluate": {"resamples": 100, "confidence": 0.95}})
    value = paired(plain, plain, sorted(plain.answers)).figures[name].a
    return float("nan") if value is None else value


def simulated(students: Sequence[Revision], rule: NotWorse, worsen: Worsen, amount: float, size: int, chance: np.random.Generator) -> str:
    """What the gate says, on `size` documents drawn anew, of a student made worse against one of another seed."""
    one, other = chance.choice(len(students), 2, replace=False)
    names = sorted({answer.document_id or "" for answer in students[0].answers.values()})
    drawn = [names[number] for number in chance.choice(len(names), size)]
    seed = int(chance.integers(2**31))
    base, here = (resampled(students[number], drawn, seed) for number in (one, other))
    here = worsen(here, amount, chance)
    return outcomes([rule], base, here, paired(base, here, sorted(base.answers)))[0]


def resampled(student: Revision, documents: Sequence[str], seed: int) -> Revision:
    """A student on the answers about the drawn documents, each draw a document of its own."""
    of_document: dict[str, list[tuple[str, Answer]]] = {}
    for answer_id, answer in student.answers.items():
        of_document.setdefault(answer.document_id or "", []).append((answer_id, answer))
    answers = {
        f"{number} {answer_id}": answer._replace(document_id=str(number))
        for number, document in enumerate(documents)
        for answer_id, answer in of_document[document]
    }
    evaluate = {**student.params["evaluate"], "resamples": SIMULATED_RESAMPLES}
    return replace(student, answers=answers, params={"seed": seed, "evaluate": evaluate})


def written(rule: NotWorse) -> str:
    """A rule in a table."""
    return f"{rule.figure}, {rule.margin:g}"


def shares(counts: Counter[str]) -> str:
    """The share of each outcome as cells of a table."""
    return " | ".join(f"{counts[outcome] / counts.total():.1%}" for outcome in OUTCOMES)


if __name__ == "__main__":
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    main()
