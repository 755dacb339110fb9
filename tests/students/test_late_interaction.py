"""The late-interaction student: what its heads are given."""

from pathlib import Path

import torch

from judge.models import encoders
from judge.probes import overlap
from judge.students import support, token_matches
from judge.students.encoder_student import EncoderStudent
from judge.students.late_interaction import LateInteractionModel, LateInteractionStudent
from judge.tables.items import Item
from judge.tables.levels import Judgment
from tests.students.examples import PASSAGES, items, late_interaction


def test_features_are_standardised_on_the_training_rows() -> None:
    """Over the items that a model is built on, its inputs have mean 0 and spread 1, or 0 where nothing varies."""
    answers = ("In 1774", "By Priestley, in Lisbon", "It is a chemical element", "Nobody knows")
    _, inputs = LateInteractionStudent.build(late_interaction(), [Item("When?", answer, PASSAGES["Oxygen"]) for answer in answers])
    spreads = torch.stack(inputs).std(dim=0, correction=0)
    assert torch.stack(inputs).mean(dim=0).abs().max() < 1e-4
    assert ((spreads - 1).abs() < 1e-3).logical_or(spreads < 1e-3).all()


def test_an_odd_answer_is_cut_to_what_the_heads_have_seen() -> None:
    """A feature far off those of the training rows comes in at 4 spreads from their mean, either way."""
    model, _ = LateInteractionStudent.build(late_interaction(), [Item("When?", text, PASSAGES["Oxygen"]) for text in ("In 1774", "In air")])
    (inputs,) = model.prepare([Item("When?", "Dwarf shrubs " * 50, PASSAGES["Lisbon"])])
    assert inputs.abs().max() == 4.0


def test_heads_share_the_features_evenly_and_alike_in_every_training() -> None:
    """With half of the features to each of four heads every feature is read by two, whatever the seed; with all, by all four."""
    encoder = encoders.load(late_interaction().encoder)

    def read(seed: int, subspace: float) -> list[list[float]]:
        torch.manual_seed(seed)
        model = LateInteractionModel(late_interaction(heads=4, subspace=subspace, features=["encoder"]), encoder)
        return [head.get_buffer("read").tolist() for head in model.members]

    halves = read(1, 0.5)
    assert halves == read(2, 0.5)
    assert {2.0} == {sum(column) for column in zip(*halves, strict=True)}
    assert len({tuple(half) for half in halves}) == 4
    assert {4.0} == {sum(column) for column in zip(*read(1, 1.0), strict=True)}


def test_an_ablation_reads_the_features_that_it_names() -> None:
    """Each kind has its own features, and all kinds together have all of them."""
    widths = [
        len(LateInteractionModel(late_interaction(features=kinds), encoders.load(late_interaction().encoder)).centers)
        for kinds in (["overlap"], ["support"], ["encoder"])
    ]
    assert [len(overlap.FEATURES) + 1, len(support.FEATURES)] == widths[:2]
    assert sum(widths) == len(token_matches.FEATURES) + len(support.FEATURES)


def test_students_trained_again_judge_as_they_did(trained: EncoderStudent, tmp_path: Path) -> None:
    """Written and read back, each gives the levels and probabilities of its own heads, and no verdict where there are no words."""
    trained.write_retrained(tmp_path)
    given = [*items()[:3], Item("Why?", "...", "Because."), *items()[3:5]]
    judged = trained.judge_retrained(tmp_path, given)
    assert sorted(trained.retrained) == sorted(judged)
    for seed, judgments in judged.items():
        ensemble = trained.retrained[seed]
        expected = ensemble.judge(trained.inputs([item for item in given if item.answer != "..."]), trained.threshold)
        assert Judgment(None, "no_verdict") == judgments.pop(3)
        assert expected == judgments
    assert {} == trained.judge_retrained(tmp_path / "nowhere", given)
