"""Questions and references that are seen to be unfit, by phrasings that models do write."""

import pytest

from judge.dataset.candidates import Candidate
from judge.dataset.unfit import unfit

PERU = "Lima is the capital of Peru."
PASSAGE = "Lima is the capital of Peru, not its oldest city. It has 10,350,000 people; in 1535 Spaniards founded it."

QUESTIONS = [
    ("What does the passage say about Peru?", "about_the_text"),
    ("Which capital is named in the given text?", "about_the_text"),
    ("According to this article, what is the capital of Peru?", "about_the_text"),
    ("What did he do?", "no_subject"),
    ("When was it founded?", "no_subject"),
    ("In which year did they separate?", "no_subject"),
    ("Who directed the film?", "no_subject"),
    ("How many members does the band have?", "no_subject"),
    ("Which type of city is Lima?", "asks_for_a_type"),
    ("What kinds of people live in Lima?", "asks_for_a_type"),
    ("What is the capital of Peru?", None),
    ("Which city has the type of Lima?", None),
    ("Who directed the film Alien?", None),
    ("What did Marie Curie win for her work?", None),
    ("Who wrote the novel “Emma”?", None),
    ("What does photosynthesis release when it ends?", None),
    ("What is a lepton?", None),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS)
def test_a_question_is_fit_if_it_can_be_understood_alone(question: str, expected: str | None) -> None:
    """No talk of a text that nobody else sees, and no subject that only the passage names."""
    assert expected == unfit(Candidate(question, PERU), PASSAGE)


REFERENCES = [
    ("Lima.", None),
    ("Lima is the capital of Peru.", None),
    ("The capital of Peru is the capital.", "circular"),
    ("Peru", "circular"),
    ("The passage does not mention it.", "unanswerable"),
    ("It is not explicitly stated.", "unanswerable"),
    ("There is no information about Lima.", "unanswerable"),
    ("N/A", "unanswerable"),
    ("Lima is not the oldest city.", None),
    ("Founded in 1535, it has 10350000 people.", None),
    ("Lima has 11,350,000 people.", "unsupported"),
    ("Lima, which Pizarro founded.", "unsupported"),
    ("Lima, as it has 10,350,000 people while in 1535 Spaniards founded the oldest city.", None),
    ("Lima, which has 10,350,000 people, was founded in 1535 by Spaniards and is not the oldest city of", "cut"),
    ("Lima, which has 10,350,000 people, was founded in 1535 by Spaniards and is not the oldest city.", None),
]


@pytest.mark.parametrize(("reference", "expected"), REFERENCES)
def test_a_reference_says_something_that_the_question_does_not(reference: str, expected: str | None) -> None:
    """It adds a word at least, all of them the passage's, is whole, and does not confess that it knows nothing."""
    assert expected == unfit(Candidate("What is the capital of Peru?", reference), PASSAGE)
