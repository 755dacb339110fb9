"""Files of judgments that others have published, where they are at hand."""

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from judge import tables
from judge.dataset import labels, splits
from judge.dataset.corpora import Corpus
from judge.distillation.settings import DistilSettings
from judge.evaluation import evaluation, figures
from judge.settings import check
from judge.students import options
from judge.tables import levels
from judge.tables.items import rows_to_judge
from judge.tables.schema import Row
from judge.teachers.recorded import RecordedTeacher
from tests.conftest import ROOT, option

SHARED = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the files of published judgments are not here")


def real_corpus(name: str, file: str) -> Any:
    """A real file, read through its adapter."""
    return option("corpus", name, Corpus, file=str(SHARED / file))


def labelled(rows: list[Row], threshold: float) -> list[Row]:
    """Recorded rows through the teacher `recorded` and the labels."""
    teacher: RecordedTeacher = option("teacher", "recorded", RecordedTeacher)
    judged = tables.judgment_rows([row["answer_id"] for row in rows], teacher.judge_rows(rows, rows))
    return labels.label(rows_to_judge([], [], [], rows), judged, levels.LabelSettings(threshold=threshold))


def test_vicuna_eval_is_read_and_labelled() -> None:
    """Every score is (mean - 1) / 4, the classes are those counted from the file itself, and no prompt is left in the texts."""
    source = json.loads((SHARED / "vicuna_eval.json").read_text(encoding="utf-8"))
    rows = labelled(real_corpus("vicuna-eval", "vicuna_eval.json").read(1).recorded, 0.8)

    # A mean of three whole grades is above 4.2 when their sum is 13 or more.
    above = sum(sum(row["gpt4_score"]) >= 13 for row in source)
    assert (320, 156) == (len(source), above)
    assert {"acceptable": above, "unacceptable": len(source) - above} == Counter(row["teacher_class"] for row in rows)
    grades = {
        (row["response_source"], row["instruction"].split("###Response to evaluate:\n")[1][:200]): row["gpt4_score"] for row in source
    }
    for row in rows:
        (given,) = [scores for (name, text), scores in grades.items() if name == row["generator"] and text.startswith(row["answer"][:100])]
        assert pytest.approx((sum(given) / 3 - 1) / 4) == row["teacher_score"]
    assert {80} == set(Counter(row["generator"] for row in rows).values())
    assert 80 == len({row["document_id"] for row in rows})
    assert not [row for row in rows for name in ("question", "answer", "reference") if not row[name] or "###" in row[name]]


def test_evouna_is_read_and_labelled() -> None:
    """People's verdicts are score and label, for as many rows as the file has proper ones; the split keeps questions whole."""
    source = json.loads((SHARED / "evouna_NQ.json").read_text(encoding="utf-8"))
    names = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
    taken = real_corpus("evouna-nq", "evouna_NQ.json").read(1)
    rows = labelled(taken.recorded, 0.8)

    proper = [(row[f"answer_{name}"], row[f"judge_{name}"]) for row in source if not row["improper"] for name in names]
    expected = Counter(
        (None if not (text or "").strip() else "acceptable" if verdict else "unacceptable", "acceptable" if verdict else "unacceptable")
        for text, verdict in proper
        if (text or "").strip() or verdict is not None
    )
    assert expected == Counter((row["teacher_class"], row["human_class"]) for row in rows)
    assert [("590 rows", "improper is true"), ("1 row", "neither an answer nor a verdict")] == taken.skipped
    assert [] == taken.documents
    sides = splits.split(rows, splits.SplitSettings(train_fraction=0.7, group_by="document"), 17)
    assert not {row["question"] for row in sides.train} & {row["question"] for row in sides.test}
    assert 15099 == len(sides.train) + len(sides.test)


def test_begin_is_read_and_labelled() -> None:
    """Of 383 replies of the file on Topical-Chat all but the two generic ones, each with its passage and people's verdict."""
    taken = real_corpus("begin", "begin_dev_tc.tsv").read(1)
    rows = labelled(taken.recorded, 0.5)

    assert [("2 rows", "begin_label is generic")] == taken.skipped
    assert {("acceptable", "acceptable"): 74, ("unacceptable", "unacceptable"): 307} == Counter(
        (row["teacher_class"], row["human_class"]) for row in rows
    )
    assert all(row["context"] and row["reference"] is None for row in rows)
    assert 104 == len({row["document_id"] for row in rows})


def test_a_student_learns_people_s_verdicts_from_references() -> None:
    """Of 60 questions, 42 or so to learn from: no context, no probes, figures against people for all three judges."""
    from judge.distillation import baseline_fit, encoder_training
    from judge.distillation.trainer import TrainingRun
    from judge.tables.identity import shuffled
    from judge.tables.items import Item

    threshold = 0.5
    rows = labelled(real_corpus("evouna-nq", "evouna_NQ.json").read(1).recorded, threshold)
    chosen = set(shuffled({row["document_id"] for row in rows}, "sixty")[:60])
    sides = splits.split(
        [row for row in rows if row["document_id"] in chosen], splits.SplitSettings(train_fraction=0.7, group_by="document"), 17
    )
    held = option("student", "late-interaction", options.StudentOption, evidence="reference")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["distil"]
    training = check(DistilSettings, {key: params[key] for key in DistilSettings.model_fields})
    student = encoder_training.distil(sides.train, held, training, TrainingRun(threshold, "recorded", seed=17))
    ids, items = [row["answer_id"] for row in sides.test], [Item.of(row) for row in sides.test]
    baselines = baseline_fit.fit(sides.train, [], held, training, threshold, 17).baselines
    simple = {name: tables.judgment_rows(ids, judgments) for name, judgments in baselines.judge(items).items()}
    learnt = tables.judgment_rows(ids, student.judge(items))
    intervals = evaluation.EvaluateSettings(resamples=200, confidence=0.95)
    judged = evaluation.Judged(sides.test, learnt, simple, baselines.best)
    named: Any = figures.named(evaluation.evaluate(judged, threshold, intervals, 17).figures)

    kappa = named["student.human.kappa"]
    assert (1.0, len(ids), 0) == (named["teacher.human.kappa"].value, kappa.n, named["probe.n"].value)
    assert kappa.value > max(0.4, named["baseline.human.kappa"].value)
    assert kappa.low < kappa.value < kappa.high
