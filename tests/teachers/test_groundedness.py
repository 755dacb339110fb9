"""The default teacher: what it learns from constructed statements, and what it says of answers."""

import subprocess
import sys

import numpy as np
import pytest

from judge.errors import JudgmentError
from judge.models import folders, pinned
from judge.models.language_models import ModelSettings
from judge.probes.donors import Passage
from judge.probes.statements import Statement, construct
from judge.tables import levels
from judge.teachers.groundedness import FEATURES, Calibration, Request, fit, judge, measure

pytestmark = pytest.mark.skipif(not pinned.is_installed("smollm2-135m-instruct"), reason="the embedded model is not installed")

SETTINGS = ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="bfloat16")
KINDS = ("sentence", "shortened", "fragment", "replaced_name", "replaced_number", "exchanged_names", "other_subject")
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
TRUE = Request(PASSAGE, "When was the museum founded?", "The Marsh Museum was founded in 1931.")
FALSE = Request(PASSAGE, "When was the museum founded?", "The Marsh Museum was founded in 1874.")
INVENTED = Request(PASSAGE, "Who founded the museum?", "It was founded by the painter Emil Nolde as a home for modern sculpture.")


@pytest.fixture(autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of replies for this file alone, beside the converted models, which take long to make."""
    folder = tmp_path_factory.getbasetemp() / "groundedness"
    if not folder.exists():
        models = folders.cache_folder() / "models"
        models.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
        (folder / "models").symlink_to(models.resolve())
    monkeypatch.setenv("JUDGE_CACHE", str(folder))


@pytest.fixture
def statements() -> list[Statement]:
    """Statements of eight made-up lives."""
    return construct(PASSAGES, 0, KINDS)


@pytest.fixture
def calibration(statements: list[Statement]) -> Calibration:
    """The teacher fitted on them; the store makes every fit but the first one quick."""
    return fit(SETTINGS, statements, seed=0)


def _scores(calibration: Calibration, *requests: Request) -> list[float]:
    scores = [judgment.score for judgment in judge(SETTINGS, calibration, requests)]
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
    right, wrong = _scores(calibration, *(Request(passage, "What happened?", answer) for answer in answers))
    assert right > wrong


@pytest.mark.parametrize("answer", ["", "  ", "...", "—"])
def test_an_answer_without_a_word_gets_no_verdict(calibration: Calibration, answer: str) -> None:
    """Silence is neither right nor wrong, and it does not disturb its neighbours."""
    silent, spoken = judge(SETTINGS, calibration, [Request(PASSAGE, "?", answer), TRUE])
    assert (silent.levels, silent.reason) == (None, "no_verdict")
    assert spoken.score is not None


def test_a_judgment_is_a_distribution_whose_mean_is_the_mean_of_the_fits(calibration: Calibration) -> None:
    """The score is the bagged probability."""
    (judgment,) = judge(SETTINGS, calibration, [TRUE])
    assert judgment.levels is not None
    assert sum(judgment.levels) == pytest.approx(1.0)
    standard = (measure(SETTINGS, [TRUE])[0] - calibration.centers) / calibration.scales
    chances = [1 / (1 + np.exp(-(b + np.dot(w, standard)))) for b, w in zip(calibration.intercepts, calibration.coefficients, strict=True)]
    assert levels.mean(judgment.levels) == pytest.approx(np.mean(chances))


def test_fits_that_disagree_spread_the_judgment(calibration: Calibration) -> None:
    """One fit gives at most two neighbouring levels, twenty that differ give more for a doubtful answer."""
    paraphrases = ["A museum for painting, open to all visitors since the 1930s.", "It has many works.", "Clara Osten closed the museum."]
    judgments = judge(SETTINGS, calibration, [Request(PASSAGE, "What is it?", answer) for answer in paraphrases])
    assert max(sum(mass > 0 for mass in judgment.levels or ()) for judgment in judgments) > 2


def test_no_requests_give_no_judgments(calibration: Calibration) -> None:
    """An empty table stays one."""
    assert judge(SETTINGS, calibration, []) == []


def test_features_come_in_their_stated_order() -> None:
    """One column for each name, all finite."""
    features = measure(SETTINGS, [TRUE, FALSE])
    assert features.shape == (2, len(FEATURES))
    assert np.isfinite(features).all()
    assert features[1, FEATURES.index("new_numbers")] > features[0, FEATURES.index("new_numbers")] == 0.0


def test_a_calibration_survives_json_to_the_last_digit(calibration: Calibration) -> None:
    """What is written and read again judges the same."""
    again = Calibration.model_validate_json(calibration.model_dump_json())
    assert again == calibration
    assert judge(SETTINGS, again, [TRUE, FALSE]) == judge(SETTINGS, calibration, [TRUE, FALSE])


def test_the_same_seed_gives_the_same_calibration(statements: list[Statement], calibration: Calibration) -> None:
    """Fitting depends on nothing but its arguments."""
    assert fit(SETTINGS, statements, seed=0) == calibration


def test_another_seed_draws_other_articles(statements: list[Statement], calibration: Calibration) -> None:
    """The seed reaches the bootstrap, and nothing but it."""
    other = fit(SETTINGS, statements, seed=1)
    assert other.coefficients != calibration.coefficients
    assert other.kinds == calibration.kinds


def test_the_measured_figures_are_those_of_a_useful_judge(calibration: Calibration) -> None:
    """Cross-validated by article it tells true from false and beats the Brier score of always giving the share."""
    assert calibration.auroc is not None
    assert calibration.brier is not None
    assert calibration.auroc > 0.9
    assert calibration.brier < 0.5 * calibration.share_true * (1 - calibration.share_true)


def test_figures_of_a_kind_count_its_statements(statements: list[Statement], calibration: Calibration) -> None:
    """Every kind has its n, and only false kinds have an AUROC."""
    assert {kind: figures.n for kind, figures in calibration.kinds.items()} == {
        kind: sum(statement.kind == kind for statement in statements) for kind in KINDS
    }
    assert all((figures.auroc is None) == figures.truth for figures in calibration.kinds.values())


def test_four_short_documents_are_enough() -> None:
    """A corpus of four documents of three sentences still fits."""
    small = fit(SETTINGS, construct(PASSAGES[:4], 0, KINDS), seed=0)
    assert small.articles == 4
    assert len(small.intercepts) == 20


def test_statements_of_one_truth_only_are_refused(statements: list[Statement]) -> None:
    """Without false statements nothing can be learnt, and the error says what was there."""
    with pytest.raises(JudgmentError, match="0 false statements"):
        fit(SETTINGS, [statement for statement in statements if statement.truth], seed=0)


def test_statements_of_one_article_are_refused(statements: list[Statement]) -> None:
    """Articles are what is resampled and held out, so one is not enough."""
    with pytest.raises(JudgmentError, match="of 1 articles"):
        fit(SETTINGS, [statement for statement in statements if statement.document_id == "d0"], seed=0)


def test_a_calibration_of_another_model_is_refused(calibration: Calibration) -> None:
    """Likelihoods of two models, or of two precisions, are not the same features."""
    other = SETTINGS.model_copy(update={"dtype": "float32"})
    with pytest.raises(JudgmentError, match="fitted for"):
        judge(other, calibration, [TRUE])


def test_importing_the_teacher_loads_no_heavy_library() -> None:
    """torch, transformers and scikit-learn load when something is measured or fitted."""
    code = "import sys, judge.groundedness; print([m for m in ('torch', 'transformers', 'sklearn', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
