"""The file that keeps what was fitted for a teacher, and the figures that are shown of it."""

import pytest

from judge.errors import TableError
from judge.teachers import calibration
from judge.teachers.calibration import Calibration, KindFigures

FITTED = Calibration(
    model="sha256:0:bfloat16",
    features=("new_words",),
    centers=(1 / 3,),
    scales=(0.1,),
    intercepts=(0.5, 2 / 3),
    coefficients=((1.0,), (-1e-17,)),
    n=30,
    articles=8,
    share_true=0.4,
    brier=0.02,
    auroc=None,
    kinds={
        "replaced_number": KindFigures(n=20, truth=False, mean=0.1, auroc=0.9),
        "sentence": KindFigures(n=10, truth=True, mean=0.8, auroc=None),
    },
)


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("fitted", [FITTED, None])
def test_what_is_kept_is_read_again_to_the_last_digit(fitted: Calibration | None) -> None:
    """A teacher that needs nothing fitted keeps null."""
    calibration.write(fitted)
    assert fitted == calibration.read()


@pytest.mark.usefixtures("workspace")
def test_a_missing_calibration_names_the_command_that_makes_it() -> None:
    """The next step is in the message."""
    with pytest.raises(TableError, match="dvc repro calibrate"):
        calibration.read()


@pytest.mark.usefixtures("workspace")
def test_a_corrupt_calibration_is_named_with_its_fault() -> None:
    """Half a file is no calibration."""
    calibration.CALIBRATION.parent.mkdir()
    calibration.CALIBRATION.write_text('{"model": "x"', encoding="utf-8")
    with pytest.raises(TableError, match=r"data/teacher\.json is no calibration"):
        calibration.read()


def test_the_figures_of_kinds_stand_beside_those_of_all() -> None:
    """A true kind has no AUROC, as nothing true can be told from it."""
    assert calibration.figures(FITTED) == {
        "auroc": None,
        "brier": 0.02,
        "n": 30,
        "articles": 8,
        "true_share": 0.4,
        "replaced_number.n": 20,
        "replaced_number.mean_score": 0.1,
        "replaced_number.auroc": 0.9,
        "sentence.n": 10,
        "sentence.mean_score": 0.8,
    }


def test_where_nothing_was_fitted_there_are_no_figures() -> None:
    """The metric file is empty then."""
    assert calibration.figures(None) == {}
