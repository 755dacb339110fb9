"""The simple judges that a student has to beat: what they read, and what they say."""

import math
from pathlib import Path

import pytest

from judge.errors import StudentError, TableError
from judge.students import baseline
from judge.students.baseline import Baselines, Fitted
from judge.tables.items import Item
from judge.tables.levels import Judgment, Slopes, acceptable_probability
from tests.students.examples import cross_encoder

PASSAGE = "Falcons are birds of prey that dive on pigeons."


def fitted(*features: str, coefficient: float = 2.0, pearson: float | None = 0.5) -> Fitted:
    """A baseline whose score is the logistic function of the sum of its standardised features."""
    count = len(features)
    return Fitted(
        features=features,
        centers=(0.5,) * count,
        scales=(0.25,) * count,
        coefficients=(coefficient,) * count,
        intercept=0.0,
        slopes=Slopes(20.0, 20.0),
        pearson=pearson,
    )


def baselines(**fits: Fitted) -> Baselines:
    """Some of them, held against the passage."""
    return Baselines(evidence="context", threshold=0.8, encoder=cross_encoder().encoder, fitted=fits)


def test_cosine_ranks_a_copy_above_a_stranger() -> None:
    """The encoder gives a copied passage cosine 1 and an unrelated answer less."""
    items = [Item("What?", PASSAGE, PASSAGE), Item("What?", "The bank raised its rates.", PASSAGE)]
    copy, stranger = baseline.cosines(items, cross_encoder().encoder)
    assert copy == pytest.approx(1.0, abs=1e-6)
    assert stranger < 0.3


def test_the_score_is_the_logistic_function_of_the_features() -> None:
    """A cosine of 1 lies two scales above the center, which coefficient 2 makes a logit of 4."""
    (judgment,) = baselines(cosine=fitted("cosine")).judge([Item("What?", PASSAGE, PASSAGE)])["cosine"]
    assert judgment.score == pytest.approx(1 / (1 + math.exp(-4.0)), abs=1e-5)
    assert judgment.score is not None
    assert judgment.acceptable == acceptable_probability(judgment.score, 0.8, Slopes(20.0, 20.0))


def test_an_answer_without_words_gets_no_verdict_and_the_others_keep_their_places() -> None:
    """It fails as it does for a student."""
    items = [Item("What?", None, PASSAGE), Item("What?", "Birds of prey", PASSAGE), Item("What?", "...", PASSAGE)]
    judged = baselines(overlap=fitted("overlap_score")).judge(items)["overlap"]
    assert [Judgment(None, "no_verdict")] * 2 == judged[::2]
    assert judged[1].score is not None


def test_nothing_to_judge_gives_nothing() -> None:
    """Only answers without words: no encoder is loaded, and every baseline has its row."""
    assert {"cosine": [Judgment(None, "no_verdict")]} == baselines(cosine=fitted("cosine")).judge([Item("?", "…", PASSAGE)])


def test_evidence_that_is_missing_is_named() -> None:
    """A baseline is held against what the student is held against."""
    with pytest.raises(StudentError, match="the context is missing"):
        baselines(overlap=fitted("overlap_score")).judge([Item("What?", "Birds")])


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("They were opened in 1,890.", "1890", True),
        ("In May 1890 it opened.", "May 1890", True),
        ("In 1890, in May.", "May 1890", False),
        ("The towns", "town", True),
        ("Anything", "...", False),
    ],
)
def test_contains_looks_for_the_words_of_the_reference_in_order(answer: str, reference: str, expected: bool) -> None:
    """Commas in numbers and inflection do not matter, order and neighbourhood do."""
    assert expected == baseline.contains(answer, reference)


def test_the_best_is_the_one_that_agrees_best_out_of_fold() -> None:
    """Without a correlation a baseline counts as none; of equal ones the first in the order of FEATURES."""
    fits = {"cosine": fitted("cosine", pearson=0.4), "overlap": fitted("length", pearson=0.9), "majority": fitted(pearson=None)}
    assert baselines(**fits).best == "overlap"
    assert baselines(**fits | {"cosine": fitted("cosine", pearson=0.9)}).best == "overlap"
    assert baselines(majority=fitted(pearson=None)).best == "majority"


def test_the_strongest_judges_alone_as_it_does_among_the_others() -> None:
    """Where it needs no encoder, none is asked for."""
    several = baselines(cosine=fitted("cosine", pearson=0.1), overlap=fitted("overlap_score", pearson=0.6))
    alone = several.strongest.model_copy(update={"encoder": None})
    items = [Item("What?", PASSAGE, PASSAGE), Item("What?", "Birds of the sea", PASSAGE)]
    assert {"overlap": several.judge(items)["overlap"]} == alone.judge(items)


def test_what_was_fitted_comes_back_from_its_file(workspace: Path) -> None:
    """Every number to its last bit; a missing or broken file says what makes it."""
    kept = baselines(overlap=fitted("length", coefficient=1 / 3))
    baseline.write(kept)
    assert kept == baseline.read()
    (workspace / baseline.BASELINES_JSON).write_text('{"evidence": "context"}', encoding="utf-8")
    with pytest.raises(TableError, match=r"threshold: Field required\.\nNext: `dvc repro fit`"):
        baseline.read()
    (workspace / baseline.BASELINES_JSON).unlink()
    with pytest.raises(TableError, match="is missing"):
        baseline.read()
