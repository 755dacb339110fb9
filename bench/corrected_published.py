"""Corrected scores of five systems whose every answer people have judged: how often the intervals hold what they say of all.

`OMP_NUM_THREADS=1 nice python -m bench.corrected_published [--evidence FOLDER]` reads what `make evidence` has left in evidence/data.
"""

import argparse
import itertools
import multiprocessing
from functools import partial
from pathlib import Path

import numpy as np

from bench.corrected import CONFIDENCE, held_by, unsure_first
from judge.evaluation.agreement import is_acceptable, line_up
from judge.evaluation.bootstrap import Figure
from judge.evaluation.corrected import Answers, difference, figure, labels_alone, prediction_powered
from judge.evaluation.rogan_gladen import rogan_gladen
from judge.tables import DATASET, JUDGMENTS, parse
from judge.tables.levels import ACCEPTABLE

THRESHOLD, RUNS = 0.8, 500
# How many labels of all systems together, and how they are chosen.
SHARES = tuple(itertools.product((100, 200, 500, 1000), ("at random", "where the judge is unsure")))


def main() -> None:
    """Draw and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evidence", type=Path, default=Path("evidence/data"), metavar="FOLDER")
    answers, names = read(parser.parse_args().evidence)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for lines in pool.imap(partial(drawn, answers, names), SHARES):
            print("\n".join(lines))


def read(folder: Path) -> tuple[Answers, list[str]]:
    """The answers of the test questions of EVOUNA-NQ as the student judges them, what people say of every one, and whose they are."""
    rows = parse(DATASET, (folder / "rows/evouna_nq/test.jsonl").read_text(encoding="utf-8"), "rows")
    scores = parse(JUDGMENTS, (folder / "scores/evouna_nq/student.jsonl").read_text(encoding="utf-8"), "scores")
    judge = line_up("student", [row["answer_id"] for row in rows], scores, THRESHOLD)
    kept = [row for row, judged in zip(rows, judge.judged, strict=True) if judged]
    answers = Answers(
        probability=judge.probabilities[judge.judged],
        accepted=is_acceptable(judge.scores[judge.judged], THRESHOLD),
        people=np.array([row["human_class"] == ACCEPTABLE for row in kept], dtype=float),
        chance=np.ones(len(kept)),
        document=np.unique([row["document_id"] for row in kept], return_inverse=True)[1],
    )
    return answers, [row["generator"] for row in kept]


def drawn(answers: Answers, names: list[str], share: tuple[int, str]) -> list[str]:
    """The table of one number of labels.

    Documents are drawn anew in every run, with replacement, so that the people's share of all answers is what an interval shall hold.
    """
    labels, how = share
    generator = np.random.default_rng([labels, len(how)])
    documents = int(answers.document.max()) + 1
    of_document = [np.flatnonzero(answers.document == number) for number in range(documents)]
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    systems = sorted(set(names))

    def keep(name: str, method: str, one: Figure) -> None:
        if one.low is not None and one.high is not None:
            found.setdefault((name, method), []).append((one.low, one.high))

    for _ in range(RUNS):
        chosen = [of_document[number] for number in generator.choice(documents, documents)]
        rows = np.concatenate(chosen)
        asked = np.zeros(len(rows))
        if how == "at random":
            asked[generator.choice(len(rows), labels, replace=False)] = labels / len(rows)
        else:
            asked = unsure_first(generator, answers.probability[rows], labels)
        people = np.where(asked > 0, answers.people[rows], np.nan)
        document = np.repeat(np.arange(documents), [len(each) for each in chosen])
        every = Answers(answers.probability[rows], answers.accepted[rows], people, asked, document)
        whose = np.array(names)[rows]
        rates = {}
        for name in (*systems, "all"):
            own = (whose == name) | (name == "all")
            some = every.of(own)
            rates[name] = prediction_powered(some), document[own]
            keep(name, "corrected", figure(rates[name][0], some, CONFIDENCE))
            keep(name, "labels alone", figure(labels_alone(some), some, CONFIDENCE))
            keep(name, "Rogan-Gladen", rogan_gladen(every, own, CONFIDENCE))
        for one, other in itertools.combinations(systems, 2):
            (better, its), (worse, theirs) = rates[one], rates[other]
            keep(f"{one} less {other}", "corrected", difference(better, worse, its, theirs, CONFIDENCE))
    return [f"\n{labels} labels, {how}", *_lines(answers, names, found)]


def _lines(answers: Answers, names: list[str], found: dict[tuple[str, str], list[tuple[float, float]]]) -> list[str]:
    whose = np.array(names)
    true = {name: float(answers.people[whose == name].mean()) for name in sorted(set(names))} | {"all": float(answers.people.mean())}
    judge = {name: float(answers.accepted[(whose == name) | (name == "all")].mean()) for name in true}
    said = ["| system | people | judge | off by | corrected | labels alone | Rogan-Gladen |", "|---|---|---|---|---|---|---|"]
    for name, share in true.items():
        cells = []
        for method in ("corrected", "labels alone", "Rogan-Gladen"):
            held = held_by(found[name, method], share)
            cells.append(f"{held.coverage:.1%}, {held.width:.3f}")
        said.append(f"| {name} | {share:.3f} | {judge[name]:.3f} | {judge[name] - share:+.3f} | {' | '.join(cells)} |")
    pairs = [
        held_by(found[f"{one} less {other}", "corrected"], true[one] - true[other])
        for one, other in itertools.combinations(sorted(set(names)), 2)
    ]
    coverage = [pair.coverage for pair in pairs]
    width = np.mean([pair.width for pair in pairs])
    return [*said, f"differences of {len(pairs)} pairs: {min(coverage):.1%} to {max(coverage):.1%}, width {width:.3f}"]


if __name__ == "__main__":
    main()
