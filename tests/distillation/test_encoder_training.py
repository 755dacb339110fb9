"""Training a student with an encoder: what is learnt, when it stops, and what is left alone."""

from pathlib import Path
from typing import Any

import pytest
import torch

from judge.distillation import model_card
from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.errors import StudentError
from judge.students.encoder_student import EncoderStudent
from judge.students.saved import save
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, nearest
from tests.students.examples import RUN, items, late_interaction, train

PASSAGE = "The Vell bridge was opened in 1877 by Queen Isabel, and carries 430 cars an hour to Norport."


def settings(**changes: Any) -> DistilSettings:
    """Training settings that fit a few rows."""
    values: dict[str, Any] = {
        "alpha": 0.5,
        "temperature": 1.0,
        "epochs": 40,
        "patience": 40,
        "learning_rate": 0.01,
        "weight_decay": 0.0,
        "batch_size": 16,
        "statements": True,
        "retrainings": 0,
        "validation_fraction": 0.25,
    }
    return DistilSettings(**{**values, **changes})


def row(number: int, answer: str, score: float) -> dict[str, Any]:
    """A row of the dataset about a document of its own."""
    return {
        "answer_id": f"answer {number}",
        "document_id": f"document {number}",
        "question": "When did it open?",
        "context": PASSAGE,
        "reference": ["In 1877."],
        "answer": answer,
        "teacher_levels": list(nearest(score)),
        "teacher_score": score,
        "teacher_class": ACCEPTABLE if score > 0.8 else UNACCEPTABLE,
    }


def rows() -> list[dict[str, Any]]:
    """Short answers that the teacher likes, and long ones that it does not, from sixteen documents."""
    answers = ["It opened then", "It opened then and nobody knows why it was built in such a hurry on that day"]
    return [row(number, answers[number % 2], float(number % 2 == 0)) for number in range(16)]


def test_training_lowers_both_terms_on_validation() -> None:
    """From the first epoch to the last, cross entropy and divergence fall on documents that were left out."""
    epochs: list[dict[str, float]] = []
    distil(rows(), late_interaction(heads=2), settings(), RUN._replace(on_epoch=lambda _, terms: epochs.append(dict(terms))))
    assert epochs[-1]["validation_ce"] < 0.5 * epochs[0]["validation_ce"]
    assert epochs[-1]["validation_kl"] < 0.5 * epochs[0]["validation_kl"]


def test_loss_of_an_epoch_is_the_weighted_sum_of_its_terms() -> None:
    """The curves' loss is alpha times ce plus 1 - alpha times kl, on both sides; epochs count from 1."""
    seen: list[tuple[int, dict[str, float]]] = []
    wanted = settings(alpha=0.3, epochs=2)
    distil(rows(), late_interaction(heads=1), wanted, RUN._replace(on_epoch=lambda epoch, terms: seen.append((epoch, dict(terms)))))
    assert [epoch for epoch, _ in seen] == [1, 2]
    for _, terms in seen:
        for side in ("train", "validation"):
            assert terms[f"{side}_loss"] == pytest.approx(0.3 * terms[f"{side}_ce"] + 0.7 * terms[f"{side}_kl"])


def test_training_stops_when_validation_gets_no_better() -> None:
    """With labels that nothing can predict on other documents, training ends `patience` epochs after the best one."""
    noise = [row(number, "It opened then", float(number % 4 < 2)) for number in range(16)]
    epochs: list[int] = []
    wanted = settings(epochs=200, patience=3)
    # All answers are the same, and so are their scores: no correlation could tell whether a graph of the encoder is good enough.
    held = late_interaction(heads=1, encoder_runtime="pytorch")
    distilled = distil(noise, held, wanted, RUN._replace(on_epoch=lambda epoch, _: epochs.append(epoch)))
    assert epochs[-1] < 200
    assert epochs[-1] == distilled.training["epoch"] + 3


def test_rows_without_a_judgment_teach_nothing() -> None:
    """Failed judgments and answers without words are counted and left out; the student is that of the other rows."""
    failed = {**row(3, "It opened then", 1.0), "teacher_levels": None, "teacher_class": None}
    extra = [failed, row(4, "...", 1.0)]
    trained = [distil(given, late_interaction(heads=1), settings(epochs=3), RUN) for given in (rows(), rows() + extra)]
    judged = [distilled.judge([Item.of(each) for each in rows()]) for distilled in trained]
    assert judged[0] == judged[1]
    assert [distilled.training["rows_left_out"] for distilled in trained] == [0, 2]


def test_constructed_statements_teach_their_truth_by_their_weight() -> None:
    """They are learnt from as their weight says, and not at all with a weight of 0."""
    statement = {"document_id": "document 1", "kind": "sentence", "question": "When did it open?", "context": PASSAGE}
    texts = {f"{name} saw number {number} of them": name == "Gulls" for name in ("Gulls", "Owls") for number in range(20)}
    made = [{**statement, "statement_id": text, "answer": text, "truth": truth} for text, truth in texts.items()]
    run = RUN._replace(constructed=made)
    students = [distil(rows(), late_interaction(heads=2), settings(truth_weight=weight), run) for weight in (0.0, 1.0)]
    without = distil(rows(), late_interaction(heads=2), settings(), RUN)
    asked = [Item.of(each) for each in rows()]
    assert students[0].judge(asked) == without.judge(asked)
    assert students[1].judge(asked) != without.judge(asked)
    assert [each.training["constructed_rows"] for each in students] == [0, 40]


def test_people_outweigh_the_teacher_where_they_are_the_target() -> None:
    """With alpha at 1 a student learns people's classes from rows that the teacher judged the other way round."""
    people = [{**each, "human_class": UNACCEPTABLE if each["teacher_score"] > 0.8 else ACCEPTABLE} for each in rows()]
    liked = [each["teacher_score"] > 0.8 for each in rows()]
    for target, expected in (("teacher", liked), ("people", [not each for each in liked])):
        student = distil(people, late_interaction(heads=2), settings(alpha=1.0, target=target), RUN)
        assert expected == [(judgment.score or 0.0) > 0.8 for judgment in student.judge([Item.of(each) for each in people])]


def test_without_a_label_people_cannot_be_the_target() -> None:
    """The error names the setting and where labels come from."""
    with pytest.raises(StudentError, match=r"distil\.target is people, and none of the 16 judged training rows"):
        distil([{**each, "human_class": None} for each in rows()], late_interaction(heads=1), settings(target="people"), RUN)


def test_single_document_is_refused() -> None:
    """Without a second document there is nothing to validate on."""
    lone = [{**each, "document_id": "one"} for each in rows()]
    with pytest.raises(StudentError, match="at least 2 documents"):
        distil(lone, late_interaction(heads=1), settings(), RUN)


def test_diverging_training_is_refused() -> None:
    """A loss that is no number any more names the setting to change."""
    with pytest.raises(StudentError, match=r"lower distil\.learning_rate"):
        distil(rows(), late_interaction(heads=1), settings(learning_rate=1.0, weight_decay=1e30), RUN)


def test_training_leaves_the_callers_torch_as_it_was() -> None:
    """The global generator goes on as if nothing had been trained, and so do torch's threads."""
    threads = torch.get_num_threads()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    distil(rows(), late_interaction(heads=1), settings(epochs=1), RUN)
    assert torch.equal(expected, torch.rand(3))
    assert torch.get_num_threads() == threads


def test_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """A second training with the same rows, settings and seed ends with equal files, card and all."""
    again = train(seed=1)
    save(again, tmp_path / "again", model_card.write(again))
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["README.md", "config.json", "encoder.int8.onnx", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert [(folder / name).read_bytes() for name in names] == [(tmp_path / "again" / name).read_bytes() for name in names]


def test_another_seed_gives_another_student(trained: EncoderStudent) -> None:
    """The seed reaches the weights."""
    assert train(seed=2).judge(items()) != trained.judge(items())


def test_a_dry_run_trains_nothing() -> None:
    """It counts the rows, and ends before an encoder is loaded."""
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned, match="training") as planned:
            distil(rows(), late_interaction(), settings(), RUN)
    finally:
        DRY_RUN.set(False)
    assert (16, None) == (planned.value.requests, planned.value.usd)


def statements() -> list[dict[str, Any]]:
    """Judged statements that teach the opposite of the answers, each about a document of its own."""
    turned = [row(100 + number, str(each["answer"]), 1.0 - each["teacher_score"]) for number, each in enumerate(rows())]
    return [{**each, "teacher_levels": list(nearest(each["teacher_score"]))} for each in turned]


def test_statements_are_learnt_from_and_tell_nobody_when_to_stop() -> None:
    """They move the student, they are counted, and validation counts answers alone."""
    run = RUN._replace(statements=statements() * 3)
    without, given = (distil(rows(), late_interaction(heads=1), settings(epochs=5, statements=wanted), run) for wanted in (False, True))
    assert without.judge([Item.of(rows()[0])]) != given.judge([Item.of(rows()[0])])
    assert [(0, 4), (48, 4)] == [(each.training["statement_rows"], each.training["validation_rows"]) for each in (without, given)]
    assert set(given.out_of_fold) <= {each["answer_id"] for each in rows()}


def test_statements_teach_nothing_to_a_student_that_reads_references() -> None:
    """A statement has no reference answer that it could be held against."""
    held = late_interaction(heads=1, evidence="reference")
    student = distil(rows(), held, settings(epochs=2), RUN._replace(statements=statements()))
    assert student.training["statement_rows"] == 0


def test_training_again_changes_nothing_but_what_is_kept_of_it() -> None:
    """The student itself has the same weights with and without; each of the others has its own seed, folds and weights."""
    alone, again = (distil(rows(), late_interaction(heads=2), settings(epochs=3, retrainings=count), RUN) for count in (0, 2))
    given = [Item.of(each) for each in rows()]
    assert alone.judge(given) == again.judge(given)
    assert [RUN.seed + 1, RUN.seed + 2] == sorted(again.retrained)
    weights = [next(iter(each.members.parameters())) for each in again.retrained.values()]
    assert not torch.equal(*weights)


def test_with_as_many_members_as_folds_every_answer_is_judged_out_of_fold() -> None:
    """Four members leave four folds out: each answer has a judgment by what had not learnt from its document, with a probability."""
    student = distil(rows(), late_interaction(heads=4), settings(epochs=3), RUN)
    assert {each["answer_id"] for each in rows()} == set(student.out_of_fold)
    assert all(judgment.acceptable is not None for judgment in student.out_of_fold.values())
