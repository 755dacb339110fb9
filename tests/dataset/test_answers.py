"""Answers: cleaning, and batches of a real model."""

from typing import Any

import pytest

from judge.dataset import answers
from judge.dataset.local_generator import HuggingFace
from judge.models.local_llm import DecodingSettings, LocalLLM
from tests.conftest import option

CLEANED = [
    ("Lima.", "Lima."),
    (" Answer: Lima.", "Lima."),
    ("The answer: Lima", "Lima"),
    ("A: Lima", "Lima"),
    ("- Lima", "Lima"),
    ("It is\nLima.", "It is Lima."),
    ("It is Lima. It was founded in 1535 and later", "It is Lima."),
    ("It is Lima and later", "It is Lima and later"),
    ("", None),
    (" \n", None),
    ("…", None),
]


@pytest.mark.parametrize(("text", "expected"), CLEANED)
def test_an_answer_is_cleaned(text: str, expected: str | None) -> None:
    """Prefixes, line breaks and a cut-off last sentence go; no word is no answer."""
    assert expected == answers.clean_answer(text)


QUESTIONS: list[dict[str, Any]] = [
    {"question_id": f"q{number}", "chunk_id": "c", "question": question, "reference": None}
    for number, question in enumerate(["What is the capital of Peru?", "Who founded it, and in which year was that?", "Is Lima in Peru?"])
]
CHUNKS = [{"chunk_id": "c", "text": "Lima is the capital of Peru. It was founded in 1535 by Francisco Pizarro."}]


def _write(**changes: Any) -> list[dict[str, Any]]:
    return answers.write(QUESTIONS, CHUNKS, option("generator", "smollm2-passage", HuggingFace, **changes), seed=1)


@pytest.mark.usefixtures("workspace")
def test_a_real_model_answers_every_question_in_order() -> None:
    """One row for each question, and the passage shows in the answer."""
    rows = _write()
    assert ["q0", "q1", "q2"] == [row["question_id"] for row in rows]
    assert "Lima" in rows[0]["answer"]


def test_sampling_gives_the_same_answers_for_the_same_seed(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sampled twice with empty caches: the same answers; with another seed: others."""
    sampled = option("generator", "smollm2-closed-book", HuggingFace).decoding
    texts = []
    for folder, seed in (("one", 1), ("two", 1), ("three", 2)):
        monkeypatch.setenv("JUDGE_CACHE", str(workspace / folder))
        generator = option("generator", "smollm2-closed-book", HuggingFace)
        model = LocalLLM(generator.model, sampled, is_chat=True, seed=seed)
        texts.append(model.complete([row["question"] for row in QUESTIONS], "answer"))
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


@pytest.mark.usefixtures("workspace")
def test_a_batched_completion_is_the_one_that_the_parent_class_gives() -> None:
    """Padding and batching change nothing: each prompt alone through llama-index's own `complete` gives the same text."""
    generator = option("generator", "smollm2-passage", HuggingFace)
    settings = generator.model.model_copy(update={"dtype": "float32"})
    decoding = DecodingSettings(max_new_tokens=12, temperature=0.0, top_p=1.0, stop=[], batch_size=8)
    llm = LocalLLM(settings, decoding, is_chat=False, seed=1).llm()
    prompts = ["The capital of Peru is", "In 1535, Francisco Pizarro founded the city of", "Water boils at"]
    alone = [llm.complete(prompt, formatted=True).text.lstrip() for prompt in prompts]
    assert alone == llm.complete_batch(prompts)


@pytest.mark.usefixtures("workspace")
def test_a_completion_ends_before_a_stop_text() -> None:
    """What follows the stop text is cut off, in each row of the batch for itself."""
    generator = option("generator", "gemma-passage", HuggingFace)
    decoding = generator.decoding.model_copy(update={"max_new_tokens": 24})
    completions = LocalLLM(generator.model, decoding, is_chat=False, seed=1).complete(
        ["Question: What is the capital of Peru?\nAnswer: Lima\nQuestion: What is the capital of France?\nAnswer:", "One, two,"], "prompt"
    )
    assert completions[0].strip().startswith("Paris")
    assert all("\n" not in text for text in completions)


@pytest.mark.parametrize("name", ["vicuna-13b", "mistral-7b", "falcon-7b"])
def test_the_tutorial_generators_are_options_of_the_same_code(name: str) -> None:
    """The three models of the tutorial are read by the same settings, from the hub."""
    generator = option("generator", name, HuggingFace)
    assert generator.model.embedded is None
    assert "{context}" in generator.prompt
    assert "{question}" in generator.prompt
