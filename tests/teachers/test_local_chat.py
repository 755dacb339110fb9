"""A chat model that runs here as teacher, with a reader that stands for it."""

from typing import Any

import pytest
from pydantic import ValidationError

from judge.models import local_chat
from judge.tables.items import Item
from judge.teachers.local_chat import LocalChat
from tests.teachers.test_asked import ITEM, prompt
from tests.teachers.verdicts import FakeReader

SUPPORTED = {"prompt": "Supported?", "needs": None}
AGREES = {"prompt": "Agrees?", "needs": "reference"}


def _teacher(**changes: Any) -> LocalChat:
    values = {"name": "t", "kind": "local-chat", "prompt": prompt().model_dump(), "questions": {"supported": SUPPORTED}, "score": None}
    return LocalChat.model_validate({**values, "rationale": None, **changes})


def _reader(monkeypatch: pytest.MonkeyPatch, reader: FakeReader) -> FakeReader:
    monkeypatch.setattr(local_chat, "read", reader)
    return reader


def test_the_least_likely_yes_is_the_score(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is as acceptable as the least of its verdicts."""
    _reader(monkeypatch, FakeReader(lambda one: 0.9 if one.asked == "Supported?" else 0.3))
    alone, both = _teacher(questions={"s": SUPPORTED, "a": AGREES}).judge([ITEM._replace(reference=None), ITEM])
    assert [alone.score, both.score] == pytest.approx([0.9, 0.3])
    assert (alone.source, alone.reason) == ("logprobs", None)


def test_a_score_is_the_distribution_over_the_grades(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the model might say besides is left out."""
    _reader(monkeypatch, FakeReader(lambda _: 0.5, mass=0.4))
    (judgment,) = _teacher(questions={}, score="Score it.").judge([ITEM])
    assert judgment.levels == pytest.approx((0.5, *[0.05] * 10))


@pytest.mark.parametrize("changes", [{}, {"questions": {}, "score": "Score it."}])
def test_hardly_any_mass_is_no_verdict_and_says_how_much(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]) -> None:
    """Null with its reason, never a score."""
    _reader(monkeypatch, FakeReader(lambda _: 0.5, mass=0.0123))
    (judgment,) = _teacher(**changes).judge([ITEM])
    assert (None, "no_verdict") == (judgment.levels, judgment.reason)
    assert "0.0123" in str(judgment.rationale)


def test_where_no_question_applies_nothing_is_asked_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no verdict of the model's."""
    reader = _reader(monkeypatch, FakeReader(lambda _: 0.5))
    (judgment,) = _teacher(questions={"a": AGREES}).judge([ITEM._replace(reference=None)])
    assert (None, "no_verdict", []) == (judgment.levels, judgment.reason, reader.asked)
    assert "nothing was asked" in str(judgment.rationale)


def test_an_answer_without_a_word_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not disturb its neighbours."""
    reader = _reader(monkeypatch, FakeReader(lambda _: 0.7))
    silent, spoken = _teacher().judge([Item("?", " ... ", "c"), ITEM])
    assert (None, "no_verdict", None) == (silent.levels, silent.reason, silent.rationale)
    assert pytest.approx(0.7) == spoken.score
    assert len(reader.asked) == 1


@pytest.mark.parametrize("changes", [{"questions": {}}, {"score": "Score it."}])
def test_it_asks_one_thing(changes: dict[str, Any]) -> None:
    """Questions or a score, neither both nor none."""
    with pytest.raises(ValidationError, match="either `questions` or a `score`"):
        _teacher(**changes)


def test_a_rationale_is_written_first_and_stands_beside_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is read after the reason that the model gave, which is asked for with the system's words before it."""
    asked: list[str] = []

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        asked.extend(prompts)
        return ["The passage\nsays so."]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    reader = _reader(monkeypatch, FakeReader(lambda _: 0.9))
    (judgment,) = _teacher(prompt=prompt(system="Be fair.").model_dump(), rationale={"prompt": "Say why.", "max_new_tokens": 20}).judge(
        [ITEM]
    )
    assert judgment.rationale == "The passage says so."
    assert {one.cue for one in reader.asked} == {"The passage says so.\nVerdict:"}
    assert asked[0].startswith("Be fair.\n<passage>\nIt was opened")
    assert asked[0].endswith("Say why.")
