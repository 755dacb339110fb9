"""The joined teacher: its statements, its nulls, what its calibration belongs to, and the real chat model on a few rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from judge.errors import JudgmentError
from judge.models import local_chat, pinned
from judge.models.language_models import ModelSettings
from judge.probes import statements
from judge.tables.items import Item
from judge.teachers import asked, groundedness_features
from judge.teachers.calibration import Calibration
from judge.teachers.joined import Joined
from tests.conftest import option
from tests.teachers.test_groundedness import PASSAGES
from tests.teachers.verdicts import FakeReader

TEACHER: Joined = option("teacher", "joined", Joined, fits=3, per_passage=None)
ITEMS = [Item(one.question, one.statement, one.context) for one in statements.construct(PASSAGES, 0)]
TRUE = {(one.context, one.statement) for one in statements.construct(PASSAGES, 0) if one.truth}

TOLD = {
    (item.context, asked.conversation(TEACHER.prompt, item, "").own) for item in ITEMS if (item.context or "", item.answer or "") in TRUE
}


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    """A chat model that mostly knows the truth, and other features that tell nothing."""

    def chance(one: local_chat.Conversation) -> float:
        return 0.9 if (one.shared.material, one.own) in TOLD else 0.2

    def measure(model: ModelSettings | None, items: Sequence[Item]) -> Any:
        columns = len(groundedness_features.features(model))
        return np.array([[len(item.answer or "") % 5] * columns for item in items], float).reshape(-1, columns)

    fake = FakeReader(chance)
    monkeypatch.setattr(local_chat, "read", fake)
    monkeypatch.setattr(groundedness_features, "measure", measure)
    return fake


@pytest.fixture
def calibration(reader: FakeReader) -> Calibration:
    """Fitted on all statements of eight lives, with that reader."""
    assert not reader.asked
    return TEACHER.calibrate(PASSAGES, 0)


def test_its_statements_are_all_those_of_at_most_so_many_passages() -> None:
    """Of every kind that they have material for, those about the question too."""
    made = TEACHER.model_copy(update={"passages": 3}).statements(PASSAGES, 0)
    contexts = {one.context for one in made}
    assert len(contexts) == 3
    assert made == [one for one in statements.construct(PASSAGES, 0) if one.context in contexts]
    assert {one.kind for one in made} - set(statements.CALIBRATED_KINDS)
    assert TEACHER.statements(PASSAGES, 0) == statements.construct(PASSAGES, 0)


def test_of_each_passage_as_many_statements_as_are_wanted() -> None:
    """Drawn as the probes are."""
    made = TEACHER.model_copy(update={"per_passage": 5}).statements(PASSAGES, 0)
    assert made == statements.construct(PASSAGES, 0, most=5)


def test_a_likelier_rival_speaks_against_an_answer(calibration: Calibration, reader: FakeReader) -> None:
    """The same verdict, and another name of the passage that the model holds likelier in the answer's place."""
    assert "likelier_rival" in calibration.features
    at = calibration.features.index("likelier_rival")
    leaning = calibration.model_copy(
        update={"coefficients": tuple(tuple(-1.0 if n == at else value for n, value in enumerate(row)) for row in calibration.coefficients)}
    )
    (calm,) = TEACHER.judge(ITEMS[:1], leaning)
    reader.margin = 4.0
    (contested,) = TEACHER.judge(ITEMS[:1], leaning)
    assert contested.score is not None
    assert calm.score is not None
    assert contested.score < calm.score


def test_a_model_for_likelihoods_is_part_of_its_features_and_identity() -> None:
    """Without one there are none of them."""
    with_one = TEACHER.model_copy(
        update={"likelihood": ModelSettings(embedded="smollm2-135m-instruct", hub=None, revision=None, dtype="float32")}
    )
    assert "regret_maximum" in with_one._names
    assert "regret_maximum" not in TEACHER._names
    assert with_one._identity != TEACHER._identity


def test_it_follows_its_verdicts(calibration: Calibration) -> None:
    """Features that tell nothing leave the chat model to decide."""
    scores = [judgment.score for judgment in TEACHER.judge(ITEMS, calibration)]
    told = [(item.context or "", item.answer or "") in TRUE for item in ITEMS]
    assert min(s for s, t in zip(scores, told, strict=True) if t and s is not None) > 0.5
    assert max(s for s, t in zip(scores, told, strict=True) if not t and s is not None) < 0.5


def test_a_null_verdict_is_a_null_judgment(calibration: Calibration, reader: FakeReader) -> None:
    """However likely the answer's words are."""
    reader.mass = 0.01
    (judgment,) = TEACHER.judge(ITEMS[:1], calibration)
    assert (None, "no_verdict") == (judgment.levels, judgment.reason)
    assert "0.0100" in str(judgment.rationale)


def test_the_share_is_estimated_on_answers_that_have_words_and_a_passage(calibration: Calibration, reader: FakeReader) -> None:
    """Others are not asked about, and none at all leave it as it was."""
    asked_before = len(reader.asked)
    assert TEACHER.adapt(calibration, [Item("?", "...", "c"), Item("?", "a", None)]) == calibration
    assert len(reader.asked) == asked_before
    false = [item for item in ITEMS if (item.context or "", item.answer or "") not in TRUE]
    adapted = TEACHER.adapt(calibration, false)
    assert adapted is not None
    assert adapted.share_acceptable is not None
    assert adapted.share_acceptable < 0.1


def test_an_answer_without_a_word_or_a_passage(calibration: Calibration) -> None:
    """The first has no verdict, the second is an error that names the teacher."""
    assert TEACHER.judge([Item("?", "...", "c")], calibration)[0].reason == "no_verdict"
    with pytest.raises(JudgmentError, match=r"teacher joined .*has none"):
        TEACHER.judge([Item("?", "a", None)], calibration)


def test_another_question_makes_another_calibration(calibration: Calibration) -> None:
    """Verdicts on another wording are not the same feature."""
    other = TEACHER.questions | {"supported": TEACHER.questions["supported"].model_copy(update={"prompt": "Is it so?"})}
    with pytest.raises(JudgmentError, match=r"dvc repro calibrate"):
        TEACHER.model_copy(update={"questions": other}).judge(ITEMS[:1], calibration)


def test_a_question_that_not_every_statement_can_be_asked_is_refused() -> None:
    """Statements have no reference, so it would be no feature."""
    with pytest.raises(ValidationError, match=r"needs: null"):
        option("teacher", "joined", Joined, questions={"agrees": {"prompt": "Agrees?", "needs": "reference"}})


@pytest.mark.skipif(not pinned.is_installed("qwen2.5-coder-1.5b-instruct"), reason="the packages of the chat model are not installed")
def test_the_real_chat_model_tells_true_from_false(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every true one of six answers about two passages is likelier a Yes to the prompt's questions than every false one."""
    monkeypatch.setenv("JUDGE_CACHE", str(tmp_path))
    museum = "The Marsh Museum was founded in 1931 by Clara Osten in the old harbour of Bremen. It shows 640 paintings."
    bridge = "The Vell bridge was opened in 1877 by Queen Isabel. It carries 430 cars an hour."
    when, who = "When was the museum founded?", "Who opened the bridge?"
    true = [Item(when, "The museum was founded in 1931.", museum), Item(who, "Queen Isabel opened it.", bridge)]
    true += [Item(who, "It was opened by Queen Isabel in 1877.", bridge)]
    false = [Item(when, "The museum was founded in 1874.", museum), Item(who, "King Olaf opened it.", bridge)]
    false += [Item(when, "It was founded after the war by the city of Hamburg.", museum)]
    readings = asked.ask(TEACHER.prompt, true + false, TEACHER.questions)
    least = [min(one.log_probabilities["yes"] - one.log_probabilities["no"] for one in read.values()) for read in readings]
    assert all(one.mass > 0.5 for read in readings for one in read.values())
    assert min(least[:3]) > max(least[3:])
