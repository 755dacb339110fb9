"""The reader of the training curves."""

from pathlib import Path

from judge.report import training_curves


def test_curves_of_different_lengths_become_one_row_an_epoch(tmp_path: Path) -> None:
    """A curve without a value in an epoch has None there."""
    for side, name, values in (("train", "loss", {1: 0.5, 2: 0.25}), ("validation", "kl", {2: 0.125})):
        (tmp_path / side).mkdir()
        lines = [f"step\t{name}", *(f"{epoch}\t{value}" for epoch, value in values.items())]
        (tmp_path / side / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    expected = [{"epoch": 1, "train_loss": 0.5, "validation_kl": None}, {"epoch": 2, "train_loss": 0.25, "validation_kl": 0.125}]
    assert expected == training_curves.read(tmp_path)


def test_a_student_that_was_not_trained_here_has_no_curves(tmp_path: Path) -> None:
    """A folder that is not there gives no rows."""
    assert [] == training_curves.read(tmp_path / "nothing")
