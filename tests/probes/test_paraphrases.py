"""Other words for the same."""

import pytest

from judge.probes.overlap import overlap_score
from judge.probes.paraphrases import paraphrase


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("It is located in Peru, approximately 40 km from Lima.", "It is to be found in Peru, roughly 40 kilometres from Lima."),
        ("The tower was designed by Clara Osten in 1931.", None),
        (
            "The usually wide Corda Canal was designed by Clara Osten in 1931.",
            "It was Clara Osten that designed the generally wide Corda Canal in 1931.",
        ),
        ("In 1953, he was awarded many prizes.", "It was in 1953 that he was awarded a great many prizes."),
        ("It was a major result of the war.", "It was an important outcome of the war."),
        ("Lima is the seat of the court.", None),
    ],
)
def test_a_sentence_is_put_in_other_words_where_two_changes_can_be_made(sentence: str, expected: str | None) -> None:
    """Words and constructions change, an article agrees with its new word, and one change alone is no paraphrase."""
    assert expected == paraphrase(sentence)


def test_a_paraphrase_overlaps_less_than_its_source() -> None:
    """What plain overlap sees as invented is said all the same."""
    source = "It is often used in countries such as Peru because of the climate."
    made = paraphrase(source)
    assert made is not None
    assert overlap_score("What?", made, source) < overlap_score("What?", source, source)
