"""Fine-tuning a language model here: what is learnt, kept and told."""

from collections.abc import Mapping

import pytest

from judge.distillation.causal_lm_training import distil
from judge.distillation.chat_file import check
from judge.students.options import CausalLM
from judge.tables.dry_run import DRY_RUN, Planned
from tests.students.examples import RUN, SETTINGS, VIOLA, causal_lm, few_rows, shallow_language_model


class Trained:
    """A small student of a few rows, with the figures of its epochs."""

    def __init__(self, option: CausalLM) -> None:
        self.option = option
        self.epochs: list[dict[str, float]] = []
        self.student = distil(few_rows(), option, SETTINGS, RUN._replace(on_epoch=self._note))

    def _note(self, _: int, terms: Mapping[str, float]) -> None:
        self.epochs.append(dict(terms))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """One of them."""
    return Trained(causal_lm(model=shallow_language_model(tmp_path_factory.mktemp("model"))))


def test_the_loss_falls(trained: Trained) -> None:
    """The training rows are learnt, and both terms and their mixture are told of both sides."""
    assert trained.epochs[-1]["train_loss"] < trained.epochs[0]["train_loss"]
    names = {f"{side}_{term}" for side in ("train", "validation") for term in ("ce", "kl", "loss")}
    assert [names] * 3 == [set(terms) for terms in trained.epochs]


def test_the_best_epoch_is_kept(trained: Trained) -> None:
    """Its figures are those of the epoch with the lowest validation loss."""
    losses = [terms["validation_loss"] for terms in trained.epochs]
    training = trained.student.training
    assert (losses.index(min(losses)) + 1, min(losses)) == (training["epoch"], training["validation_loss"])


def test_the_same_seed_trains_the_same_adapter(trained: Trained) -> None:
    """A second training judges alike to the last bit."""
    again = distil(few_rows(), trained.option, SETTINGS, RUN)
    assert trained.student.judge([VIOLA]) == again.judge([VIOLA])


def test_training_changes_the_model(trained: Trained) -> None:
    """With the adapter it judges otherwise than before."""
    assert trained.student.judge([VIOLA]) != trained.student.untuned().judge([VIOLA])


def test_the_training_file_holds_the_copies_of_the_rows_that_were_learnt_from(trained: Trained) -> None:
    """It passes the check, and has all copies of the three rows that were not left out for validation."""
    assert 3 * 20 == check(trained.student.training_file, "train.jsonl").examples == trained.student.training["examples"]


def test_a_dry_run_trains_nothing() -> None:
    """It counts the rows, and ends before a model is loaded."""
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned, match="training") as planned:
            distil(few_rows(), causal_lm(), SETTINGS, RUN)
    finally:
        DRY_RUN.set(False)
    assert (6, None) == (planned.value.requests, planned.value.usd)
