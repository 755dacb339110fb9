"""The file that keeps what was fitted for a teacher, and the figures that are shown of it."""

import pytest

from judge.errors import TableError
from judge.probes.seen import Seen
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
    seen=Seen(statements=("0123456789abcdef",), sentences=("fedcba9876543210",)),
)
CHUNKS = [{"chunk_id": chunk_id, "document_id": document_id} for chunk_id, document_id in (("c2", "d1"), ("c1", "d1"), ("c3", "d2"))]


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
        "share_acceptable": None,
        "own_documents": 0,
        "own_passages": 0,
        "replaced_number.n": 20,
        "replaced_number.mean_score": 0.1,
        "replaced_number.auroc": 0.9,
        "sentence.n": 10,
        "sentence.mean_score": 0.8,
    }


def test_what_is_the_runs_own_is_noted_and_counted() -> None:
    """The ids of passages and documents, beside what was seen of them; everything else stays."""
    own = FITTED.of_own(CHUNKS)
    assert (("d1", "d2"), ("c1", "c2", "c3")) == (own.seen.documents, own.seen.passages)
    assert FITTED == own.model_copy(update={"seen": FITTED.seen})
    assert FITTED.seen.statements == own.seen.statements
    assert (2, 3) == tuple(calibration.figures(own)[name] for name in ("own_documents", "own_passages"))


@pytest.mark.parametrize(("test", "expected"), [(["d2", "d3", "d2"], 1), (["d3"], 0), ([], 0)])
def test_the_test_documents_among_its_own_are_counted_once(test: list[str], expected: int) -> None:
    """By document; none where nothing was fitted, or where documents were set aside."""
    assert expected == calibration.own_documents_among(test, FITTED.of_own(CHUNKS))
    assert (0, 0) == (calibration.own_documents_among(test, FITTED), calibration.own_documents_among(test, None))


def test_where_nothing_was_fitted_there_are_no_figures() -> None:
    """The metric file is empty then."""
    assert calibration.figures(None) == {}
