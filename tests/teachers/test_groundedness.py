"""The fast teacher with its real language model: what it learns from constructed statements, and what it says of answers."""

from collections.abc import Iterator

import numpy as np
import pytest

from judge.errors import JudgmentError
from judge.models import folders, pinned
from judge.probes.donors import Passage
from judge.probes.statements import CALIBRATED_KINDS, Statement, construct
from judge.tables import levels
from judge.tables.items import Item
from judge.teachers import groundedness_features
from judge.teachers.calibration import Calibration
from judge.teachers.groundedness import Groundedness
from judge.teachers.groundedness_features import FEATURES, measure
from judge.teachers.groundedness_fit import fit
from tests.conftest import option

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the pinned model is not installed")

KINDS = ("sentence", "shortened", "fragment", "replaced_name", "replaced_number", "exchanged_names", "other_subject")
TEACHER: Groundedness = option("teacher", "likelihood", Groundedness)
PEOPLE = ("Ada Brandt", "Milo Fenner", "Ines Corda", "Otto Vell", "Rosa Lindt", "Juan Arce", "Edda Holm", "Karl Weiss")
PLACES = ("Lisbon", "Vienna", "Tallinn", "Quito", "Ghent", "Turin", "Malmo", "Porto")
WORKS = ("a stone bridge", "a botanical garden", "an opera house", "a wool mill", "a chess club", "a school", "a mine", "a brewery")
PASSAGES = [
    Passage(
        f"d{n}",
        person,
        f"{person} was born in {place} in {1800 + 7 * n} and moved to {PLACES[n - 3]} at the age of {14 + n}. "
        f"There the young engineer built {work} for {120 + 31 * n} workers, which stood until {1890 + 3 * n}. "
        f"In {1850 + 5 * n}, the city of {PLACES[n - 5]} received the plans from {PEOPLE[n - 2]}.",
    )
    for n, (person, place, work) in enumerate(zip(PEOPLE, PLACES, WORKS, strict=True))
]
PASSAGE = (
    "The Marsh Museum was founded in 1931 by Clara Osten in the old harbour of Bremen. "
    "It shows 640 paintings and closed for six years after the war."
)
TRUE = Item("When was the museum founded?", "The Marsh Museum was founded in 1931.", PASSAGE)
FALSE = Item("When was the museum founded?", "The Marsh Museum was founded in 1874.", PASSAGE)
INVENTED = Item("Who founded the museum?", "It was founded by the painter Emil Nolde as a home for modern sculpture.", PASSAGE)


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store of replies for this file alone, beside the converted models, which take long to make."""
    folder = tmp_path_factory.mktemp("groundedness")
    models = folders.cache_folder() / "models"
    models.mkdir(parents=True, exist_ok=True)
    (folder / "models").symlink_to(models.resolve())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDGE_CACHE", str(folder))
        yield


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    """The teacher fitted on statements of eight made-up lives."""
    return _fitted(construct(PASSAGES, 0, KINDS), seed=0)


def _fitted(made: list[Statement], seed: int, fits: int = 20) -> Calibration:
    features = measure(TEACHER.model, [Item(one.question, one.statement, one.context) for one in made])
    return fit(TEACHER.model.identity, FEATURES, features, made, seed=seed, fits=fits)


def _scores(calibration: Calibration, *items: Item) -> list[float]:
    scores = [judgment.score for judgment in TEACHER.judge(items, calibration)]
    assert None not in scores
    return [score for score in scores if score is not None]


def test_what_the_passage_says_scores_above_what_it_does_not(calibration: Calibration) -> None:
    """On a passage never seen a true sentence is above a half, a wrong year and an invention below."""
    true, false, invented = _scores(calibration, TRUE, FALSE, INVENTED)
    assert true > 0.5 > max(false, invented)


def test_an_exchange_that_overlap_cannot_see_scores_lower(calibration: Calibration) -> None:
    """Both answers have the same words."""
    passage = "Rolf Amsel sold the farm to Piet Kuiper in 1920, and he lost it again in 1933."
    answers = ["Rolf Amsel sold the farm to Piet Kuiper in 1920.", "Piet Kuiper sold the farm to Rolf Amsel in 1933."]
    right, wrong = _scores(calibration, *(Item("What happened?", answer, passage) for answer in answers))
    assert right > wrong


@pytest.mark.parametrize("answer", ["", "  ", "...", "—"])
def test_an_answer_without_a_word_gets_no_verdict(calibration: Calibration, answer: str) -> None:
    """Silence is neither right nor wrong, and it does not disturb its neighbours."""
    silent, spoken = TEACHER.judge([Item("?", answer, PASSAGE), TRUE], calibration)
    assert (silent.levels, silent.reason) == (None, "no_verdict")
    assert spoken.score is not None


def test_a_judgment_is_a_distribution_whose_mean_is_the_mean_of_the_fits(calibration: Calibration) -> None:
    """The score is the bagged probability."""
    (judgment,) = TEACHER.judge([TRUE], calibration)
    assert judgment.levels is not None
    assert sum(judgment.levels) == pytest.approx(1.0)
    standard = (measure(TEACHER.model, [TRUE])[0] - calibration.centers) / calibration.scales
    chances = [1 / (1 + np.exp(-(b + np.dot(w, standard)))) for b, w in zip(calibration.intercepts, calibration.coefficients, strict=True)]
    assert levels.mean(judgment.levels) == pytest.approx(np.mean(chances))


def test_fits_that_disagree_spread_the_judgment(calibration: Calibration) -> None:
    """One fit gives at most two neighbouring levels, twenty that differ give more for a doubtful answer."""
    paraphrases = ["A museum for painting, open to all visitors since the 1930s.", "It has many works.", "Clara Osten closed the museum."]
    judgments = TEACHER.judge([Item("What is it?", answer, PASSAGE) for answer in paraphrases], calibration)
    assert max(sum(mass > 0 for mass in judgment.levels or ()) for judgment in judgments) > 2


def test_no_items_give_no_judgments(calibration: Calibration) -> None:
    """An empty table stays one."""
    assert TEACHER.judge([], calibration) == []


def test_a_calibration_survives_json_to_the_last_digit(calibration: Calibration) -> None:
    """What is written and read again judges the same."""
    again = Calibration.model_validate_json(calibration.model_dump_json())
    assert again == calibration
    assert TEACHER.judge([TRUE, FALSE], again) == TEACHER.judge([TRUE, FALSE], calibration)


def test_the_same_seed_gives_the_same_calibration(calibration: Calibration) -> None:
    """Fitting depends on nothing but its arguments."""
    assert _fitted(construct(PASSAGES, 0, KINDS), seed=0) == calibration


def test_the_measured_figures_are_those_of_a_useful_judge(calibration: Calibration) -> None:
    """Cross-validated by article it tells true from false and beats the Brier score of always giving the share."""
    assert calibration.auroc is not None
    assert calibration.brier is not None
    assert calibration.auroc > 0.9
    assert calibration.brier < 0.5 * calibration.share_true * (1 - calibration.share_true)


def test_it_is_fitted_on_statements_of_every_kind_about_support() -> None:
    """Two short documents are enough; the seed and the number of fits reach the fit, and no kind about the question does."""
    one = TEACHER.model_copy(update={"fits": 3})
    assert one.calibrate(PASSAGES[:2], 1) == _fitted(construct(PASSAGES[:2], 1, CALIBRATED_KINDS), seed=1, fits=3)


def test_passages_that_say_too_little_are_refused_before_a_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One document is not enough, and nothing is measured to find that out."""
    monkeypatch.setattr(groundedness_features, "measure", lambda *_: pytest.fail("measured"))
    with pytest.raises(JudgmentError, match=r"too little to learn from.* of 1 articles"):
        TEACHER.calibrate(PASSAGES[:1], 0)


def test_an_item_without_a_passage_is_a_clear_error(calibration: Calibration) -> None:
    """It names the question and what to choose instead, though the answer is empty."""
    with pytest.raises(JudgmentError, match=r"(?s)'Who\?' has none.*Next: choose teacher=recorded"):
        TEACHER.judge([TRUE, Item("Who?", None)], calibration)


def test_without_a_calibration_the_command_that_makes_it_is_named() -> None:
    """Another teacher's run left null there."""
    with pytest.raises(JudgmentError, match="dvc repro calibrate"):
        TEACHER.judge([TRUE])


def test_a_calibration_of_another_model_is_refused(calibration: Calibration) -> None:
    """Likelihoods of two models, or of two precisions, are not the same features."""
    other = TEACHER.model_copy(update={"model": TEACHER.model.model_copy(update={"dtype": "float32"})})
    with pytest.raises(JudgmentError, match="fitted for"):
        other.judge([TRUE], calibration)
