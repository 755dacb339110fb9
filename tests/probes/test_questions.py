"""Questions by rule, and what answers them."""

import pytest

from judge.probes.questions import Asked, answers, questions


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("It was founded in 1204 by Duke Osric.", "When was Aldmoor founded?", "1204"),
        ("The bridge was built by Clara Osten.", "Who or what was the bridge built by?", "Clara Osten"),
        ("Aldmoor is the capital of Wessland.", "What is Aldmoor the capital of?", "Wessland"),
        ("It is located in Wessland.", "Where is Aldmoor located?", "Wessland"),
        ("The war began in 1204.", "When did the war begin?", "1204"),
        ("It has a population of 85,000.", "What is the population of Aldmoor?", "85,000"),
        ("The court consists of nine judges.", "What does the court consist of?", "nine judges"),
        ("Leaves are green because of a pigment.", "Why are leaves green?", "a pigment"),
        ("The festival is held with drums and nine bells.", "The festival is held with drums and how many bells?", "nine"),
    ],
)
def test_a_sentence_is_asked_for_what_it_says(sentence: str, question: str, answer: str) -> None:
    """In natural order, with the title for a pronoun; at the end of the sentence where no rule fits."""
    text = "Leaves are green, and most leaves fall."
    assert (question, answer) in [(asked.question, asked.answer) for asked in questions(sentence, "Aldmoor", text)]


@pytest.mark.parametrize("sentence", ["This is held by Ada.", "In Lima it was dug by hand.", "The man who was seen by Ada Brandt fled."])
def test_a_sentence_without_a_plain_subject_is_not_asked(sentence: str) -> None:
    """What "this" or an opening phrase refers to is not in a question."""
    assert [] == [asked for asked in questions(sentence, "Aldmoor", "") if asked.question.startswith(("When", "What", "Where"))]


@pytest.mark.parametrize(
    ("statement", "asked", "expected"),
    [
        ("It was widened in 1902.", Asked("When was it dug?", "1877", "year"), True),
        ("It was widened later.", Asked("When was it dug?", "1877", "year"), False),
        ("It has nine locks.", Asked("How long is it?", "64", "number"), True),
        ("Duke Osric dug it.", Asked("Who dug it?", "Duke Osric", "name"), True),
        ("It is wide.", Asked("Who dug it?", "Duke Osric", "name"), False),
    ],
)
def test_a_statement_may_answer_where_it_has_what_was_asked_for(statement: str, asked: Asked, expected: bool) -> None:
    """Any year answers "when", any number "how many", and the name itself "who"."""
    assert answers(statement, asked) is expected
