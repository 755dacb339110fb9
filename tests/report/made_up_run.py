"""A run made up for the tests of the report, in which every text that a model wrote is an attack; and one on recorded judgments."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from judge.evaluation.evaluation import EvaluateSettings, Evaluation
from judge.report import report
from judge.tables.levels import interpolate
from judge.tables.schema import Row
from tests.evaluation.made_up_run import evaluate

HOSTILE = "<script>alert('mine')</script> & <img src=x onerror=alert(1)>"
RUN = {"corpus": "tiny", "generators": ["small", "large"], "threshold": 0.8, "seed": 7}
COUNTS = {"documents": 12, "test": 24}
DROPPED = {"asked for": 30, "kept": 24, "no question mark": 6}
TRAINING = [
    {"epoch": epoch} | {f"{side}_{part}": 1.0 / epoch for side in ("train", "validation") for part in ("ce", "kl", "loss")}
    for epoch in (1, 2, 3)
]


def judgment(item_id: str, score: float) -> Row:
    """A row of a judgments table."""
    return {"item_id": item_id, "levels": interpolate(score), "score": score, "reason": None}


def a_run() -> tuple[Evaluation, list[Row]]:
    """An evaluation and its test rows, in which every text that a model wrote is an attack."""
    scores = np.random.default_rng(1).random((24, 3))
    test = [
        {
            "answer_id": f"answer {number:02d}",
            "question_id": f"question {number // 2}",
            "document_id": f"document {number // 2}",
            "generator": ("small", "large")[number % 2],
            "question": f"{HOSTILE} {number}?",
            "context": HOSTILE,
            "reference": [HOSTILE],
            "answer": HOSTILE,
            "human_class": None,
            "teacher_levels": interpolate(score),
            "teacher_score": score,
            "teacher_class": "acceptable" if score > 0.8 else "unacceptable",
            "reason": None,
        }
        for number, score in enumerate(scores[:, 0].tolist())
    ]
    student, baseline = ([judgment(f"answer {number:02d}", score) for number, score in enumerate(scores[:, at].tolist())] for at in (1, 2))
    probes = [
        {"probe_id": f"{kind} {number}", "document_id": f"document {number}", "kind": kind, "truth": kind == "sentence"}
        for number in range(12)
        for kind in ("sentence", "replaced_name")
    ]
    judged = {
        judge: [judgment(str(row["probe_id"]), float(row["truth"])) for row in probes]
        for judge in ("teacher", "student", "baseline", "cosine")
    }
    return evaluate(test, student, baseline, probes, judged, 0.8, EvaluateSettings(resamples=100, confidence=0.95), 1), test


def page_of(evaluation: Evaluation, test: list[Row], unsupported: Sequence[Row] = (), **changed: Any) -> str:
    """The page of a run."""
    arguments = {"training": TRAINING, "run": RUN, "counts": COUNTS, "dropped": DROPPED, "model_card": {"size in bytes": 49_000_000}}
    return report.render(evaluation, report.Answers(test, unsupported), **arguments | changed)


def a_recorded_run() -> tuple[Evaluation, list[Row]]:
    """A run on recorded judgments: no passages, so no probes; people were asked about two answers of three."""
    _, test = a_run()
    classes = ("acceptable", None, "unacceptable")
    test = [row | {"context": None, "human_class": classes[number % 3]} for number, row in enumerate(test)]
    scores = np.random.default_rng(2).random((24, 2)).tolist()
    student, baseline = ([judgment(row["answer_id"], score[at]) for row, score in zip(test, scores, strict=True)] for at in (0, 1))
    return evaluate(test, student, baseline, [], {"teacher": []}, 0.8, EvaluateSettings(resamples=100, confidence=0.95), 1), test
