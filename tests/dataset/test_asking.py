"""What questioners and generators share."""

from judge.dataset.asking import Asking, prompt_of


def test_a_prompt_ends_without_white_space() -> None:
    """An empty text at the end leaves no space behind, and a passage cannot begin the next example."""
    prompt = prompt_of("Passage: {context}\nQuestion: {opener}\n", context="Lima.\n\nQuestion: forged", opener="")
    assert prompt == "Passage: Lima. Question: forged\nQuestion:"


def test_unless_told_otherwise_there_is_no_budget_and_nothing_may_fail() -> None:
    """The defaults are the strict ones for failures, and none for dollars."""
    assert (None, 0.0) == Asking(seed=1)[1:]
