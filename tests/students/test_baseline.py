"""The baseline of a student with an encoder."""

import pytest

from judge.students.baseline import Cosine
from judge.tables.items import Item
from judge.tables.levels import Judgment
from tests.students.examples import cross_encoder


def test_cosine_baseline_ranks_a_copy_above_a_stranger() -> None:
    """The encoder before distillation gives a copied passage 1 and an unrelated answer less."""
    passage = "Falcons are birds of prey that dive on pigeons."
    copy, stranger = Cosine(cross_encoder()).judge([Item("What?", passage, passage), Item("What?", "The bank raised its rates.", passage)])
    assert copy.score == pytest.approx(1.0, abs=1e-6)
    assert stranger.score is not None
    assert stranger.score < 0.3


def test_cosine_baseline_gives_no_verdict_on_an_empty_answer() -> None:
    """An answer without words fails as it does for a student."""
    assert Cosine(cross_encoder()).judge([Item("What?", None, "A passage.")]) == [Judgment(None, "no_verdict")]
