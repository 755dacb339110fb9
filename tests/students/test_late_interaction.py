"""The late-interaction student: what its heads are given."""

import torch

from judge.students.late_interaction import LateInteractionStudent
from judge.tables.items import Item
from tests.students.examples import PASSAGES, late_interaction


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
