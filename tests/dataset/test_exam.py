"""Exams: the tutorial's way to questions, with a model that runs here."""

from collections import Counter

import pytest
from pydantic import ValidationError

from judge.dataset import questions
from judge.dataset.asking import Asking
from judge.dataset.candidates import Candidate
from judge.dataset.exam import Exam, draw_words
from tests.conftest import option


@pytest.mark.usefixtures("workspace")
def test_an_exam_runs_dataset_generator_on_a_real_model() -> None:
    """llama-index's DatasetGenerator gets questions and answers from SmolLM2, and each question belongs to its passage."""
    questioner = option("questioner", "smollm2-exam", Exam)
    text = "A bakery is a shop that makes and sells bread, cakes and pastries. Bakers work at night, so that bread is fresh at dawn."
    chunk = {"chunk_id": "c", "text": text}
    asked = questions.ask([chunk], questioner, questions.QuestionSettings(per_chunk=2), 1)
    assert 1 <= len(asked.rows) <= 2
    assert all(row["chunk_id"] == "c" and row["question"].endswith("?") and row["reference"] for row in asked.rows)


@pytest.mark.usefixtures("workspace")
def test_a_passage_without_a_question_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two passages the model has a question for one; for the other llama-index puts words of its own, which are dropped."""
    said = {"Bakers": "1. Who works at night?", "Nothing": ""}

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        return [next((text for word, text in said.items() if word in prompt), "Bakers.") for prompt in prompts]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    attempts = option("questioner", "smollm2-exam", Exam).attempts(["Bakers work at night.", "Nothing."], 1, Asking(1))
    assert [Candidate("Who works at night?", "1. Who works at night?")] == [attempt.outcome for attempt in attempts[0]]
    assert ["no_question_mark"] == [attempt.outcome for attempt in attempts[1]]


WORDS = {"What": "", "When": r"\b1\d{3}\b", "Who": r"\bbaker", "How many": r"\btwo\b"}


def test_a_question_word_is_drawn_of_those_that_fit_the_passage() -> None:
    """Without a year nobody asks when; of what fits every word is drawn somewhere, and one that fits anything only after the others."""
    passages = [f"The baker of number {number} baked in 1900." for number in range(60)]
    drawn = Counter(word for passage in passages for word in draw_words(WORDS, passage, 1, 17))
    assert {"When", "Who"} == set(drawn)
    assert max(drawn.values()) < 45
    assert ["What"] == draw_words(WORDS, "Bread is baked.", 1, 17)
    three = draw_words(WORDS, passages[0], 3, 17)
    assert ({"When", "Who"}, "What") == (set(three[:2]), three[2])
    assert len(draw_words(WORDS, passages[0], 5, 17)) == 5


def test_a_draw_hangs_on_passage_and_seed_alone() -> None:
    """Another seed draws others; a further word changes only the draws that it wins."""
    passages = [f"The baker of number {number} baked in 1900." for number in range(60)]
    first, again, other = ([draw_words(WORDS, passage, 1, seed) for passage in passages] for seed in (17, 17, 18))
    assert first == again != other
    more = [draw_words({**WORDS, "Why": "baked"}, passage, 1, 17) for passage in passages]
    assert all(new in (old, ["Why"]) for old, new in zip(first, more, strict=True))


BAD = [
    ({"answer": "{context_str}"}, "{context_str} and {query_str} in `answer`"),
    ({"words": {"What": ""}}, "`words` and an `exam` with {word}, or neither"),
    ({"exam": "Ask with {word}."}, "`words` and an `exam` with {word}, or neither"),
    ({"exam": "Ask with {word}.", "words": {"What": "("}}, "a regular expression under words.What"),
]


@pytest.mark.parametrize(("changes", "expected"), BAD)
def test_prompts_that_miss_a_field_are_refused(changes: dict[str, object], expected: str) -> None:
    """What is missing is named before any model is loaded."""
    with pytest.raises(ValidationError) as refused:
        option("questioner", "smollm2-exam", Exam, **changes)
    assert expected in str(refused.value)


SAID = [
    ("When do bakers work?", "Yes: Bakers work at night.", Candidate("When do bakers work?", "Bakers work at night.")),
    ("When do bakers work?", "**Yes**, they work at night.", Candidate("When do bakers work?", "They work at night.")),
    ("When do bakers work?", "Nobody works at noon.", Candidate("When do bakers work?", "Nobody works at noon.")),
    (
        "When do bakers work?",
        "Yes: The passage states that bakers work at night.",
        Candidate("When do bakers work?", "Bakers work at night."),
    ),
    ("When do bakers work?", "No", "unanswerable"),
    ("When do bakers work?", "Yes: Bakers work at 4.", "unsupported"),
    ("When do bakers work?", "No, the passage does not say.", "unanswerable"),
    ("When do bakers work?", "Yes: The passage does not say when.", "unanswerable"),
    ("When do bakers work?", "Yes", "no_reference"),
    ("When do bakers work?", "Yes: Bakers do work.", "circular"),
    ("What does the passage say?", "Yes: Bakers work at night.", "about_the_text"),
    ("When do they work?", "Yes: Bakers work at night.", "no_subject"),
]


@pytest.mark.parametrize(("question", "reply", "expected"), SAID)
@pytest.mark.usefixtures("workspace")
def test_what_the_passage_does_not_answer_is_dropped(
    monkeypatch: pytest.MonkeyPatch, question: str, reply: str, expected: Candidate | str
) -> None:
    """The model is asked whether the passage tells: after Yes stands the reference, No drops the question with its reason."""

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        return [reply if "Does the passage state the answer?" in prompt else question for prompt in prompts]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    attempts = option("questioner", "qwen2.5-1.5b-exam", Exam).attempts(["Bakers, they work at night. Nobody works at noon."], 1, Asking(1))
    assert [expected] == [attempt.outcome for attempt in attempts[0]]


@pytest.mark.usefixtures("workspace")
def test_several_questions_begin_with_several_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question of a passage is asked for by itself, with a word of its own that the passage fits."""
    asked: list[str] = []

    def complete(_self: object, prompts: list[str], _what: str) -> list[str]:
        asked.extend(prompts)
        return [
            "Yes: Lima." if "Does the passage" in prompt else f"{prompt.partition(chr(34))[2].partition(chr(34))[0]} bakes where?"
            for prompt in prompts
        ]

    monkeypatch.setattr("judge.models.local_llm.LocalLLM.complete", complete)
    attempts = option("questioner", "qwen2.5-1.5b-exam", Exam).attempts(["A bakery was founded in Lima in 1535."], 3, Asking(1))
    begun = {attempt.outcome.question for attempt in attempts[0] if isinstance(attempt.outcome, Candidate)}
    assert len(begun) == 3
    assert "When bakes where?" in begun
    assert len({"Which bakes where?", "What bakes where?"} & begun) == 1
