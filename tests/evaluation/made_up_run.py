"""A run made up for the tests of the evaluation: forty answers about twenty documents, their judgments, and statements of known truth."""

from typing import Any

import numpy as np

from judge.evaluation import evaluation, figures
from judge.evaluation.evaluation import EvaluateSettings, Evaluation, Judged
from judge.evaluation.figures import Estimate
from judge.tables.levels import Judgment, classify, interpolate
from judge.tables.rows import judgment_rows
from judge.tables.schema import Row

SETTINGS = EvaluateSettings(resamples=100, confidence=0.95)
THRESHOLD = 0.8
DOCUMENTS = 20
# The strongest baseline is overlap, which the table of figures calls `baseline`.
BEST = "overlap"
JUDGES = ("teacher", "student", "baseline", "cosine")


def judgment(item_id: str, score: float | None) -> Row:
    """A row of a judgments table."""
    (row,) = judgment_rows([item_id], [Judgment(None, "no_verdict") if score is None else Judgment(interpolate(score))])
    return row


def answer(number: int, score: float | None) -> Row:
    """A row of the dataset: two answers a document, by two generators in turn."""
    judged = judgment("", score)
    return {
        "answer_id": f"answer {number:03d}",
        "question_id": f"question {number // 2}",
        "document_id": f"document {number // 2}",
        "generator": ("NA", "small")[number % 2],
        "question": "When?",
        "context": "It opened in 1890.",
        "reference": ["1890"],
        "answer": "In 1890.",
        "human_class": None,
        "teacher_levels": judged["levels"],
        "teacher_score": judged["score"],
        "teacher_class": None if judged["score"] is None else classify(judged["score"], THRESHOLD),
        "reason": judged["reason"],
    }


def probe(document: int, kind: str) -> Row:
    """A statement about a document; a sentence is true, every other kind is false."""
    return {
        "probe_id": f"probe {document:02d} {kind}",
        "document_id": f"document {document}",
        "kind": kind,
        "question": "What does the passage say?",
        "context": "It opened in 1890.",
        "answer": "It opened in 1809.",
        "truth": kind == "sentence",
    }


def a_run() -> dict[str, Any]:
    """The arguments of `evaluate`: a student near its teacher, a baseline at random, judges that see all numbers and half of the names."""
    generator = np.random.default_rng(0)
    teacher = generator.random(2 * DOCUMENTS)
    near = np.clip(teacher + generator.normal(0, 0.1, len(teacher)), 0, 1)
    probes = [probe(document, kind) for document in range(DOCUMENTS) for kind in ("sentence", "replaced_number", "replaced_name")]
    seen = [row["truth"] or (row["kind"] == "replaced_name" and int(row["document_id"].split()[1]) % 2 == 0) for row in probes]
    return {
        "test": [answer(number, float(score)) for number, score in enumerate(teacher)],
        "student": [judgment(f"answer {number:03d}", float(score)) for number, score in enumerate(near)],
        "baseline": [judgment(f"answer {number:03d}", float(score)) for number, score in enumerate(generator.random(len(teacher)))],
        "probes": probes,
        "probe_judgments": {
            judge: [judgment(row["probe_id"], 0.9 if hit else 0.1) for row, hit in zip(probes, seen, strict=True)] for judge in JUDGES
        },
        "threshold": THRESHOLD,
        "settings": SETTINGS,
        "seed": 7,
    }


def evaluate(
    test: list[Row],
    student: list[Row],
    baseline: list[Row],
    probes: list[Row],
    probe_judgments: dict[str, list[Row]],
    threshold: float,
    settings: EvaluateSettings,
    seed: int,
    **others: Any,
) -> Evaluation:
    """`evaluation.evaluate` of a run that has one baseline; `others` are further fields of `Judged`."""
    probed = {BEST if judge == "baseline" else judge: rows for judge, rows in probe_judgments.items()}
    judged = Judged(test, student, {BEST: baseline}, BEST, probes=probes, probed=probed)
    return evaluation.evaluate(judged._replace(**others), threshold, settings, seed)


def asked_people() -> dict[str, Any]:
    """`a_run` in which people were asked about three answers of four, and said what the teacher says, except of every eighth."""
    run = a_run()
    turned = {"acceptable": "unacceptable", "unacceptable": "acceptable"}
    run["test"] = [
        row | {"human_class": None if number % 4 == 3 else turned[row["teacher_class"]] if number % 8 == 0 else row["teacher_class"]}
        for number, row in enumerate(run["test"])
    ]
    return run


def figures_of(run: dict[str, Any]) -> dict[str, Estimate]:
    """The figures that `evaluate` gives of a run, by their names."""
    return figures.named(evaluate(**run).figures)


def values_of(run: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """The values of some of them."""
    named = figures_of(run)
    return tuple(named[name].value for name in names)
