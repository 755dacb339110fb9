"""Token matches and what is read for them, on the real MiniLM."""

import numpy as np
import pytest

from judge.models import encoders
from judge.models.encoders import Encoder
from judge.models.text_reader import TextReader, TokenVectors
from judge.students import token_matches
from judge.tables.items import Item
from tests.students.examples import late_interaction

PASSAGE = "The Vell bridge was opened in 1877 by Queen Isabel, and carries 430 cars an hour to Norport."


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The real encoder."""
    return encoders.load(late_interaction().encoder)


def features(encoder: Encoder, answer: str, evidence: str = PASSAGE, question: str = "When did it open?") -> dict[str, float]:
    """The features of one answer by name."""
    tokens = TextReader(encoder).read([question, answer, evidence])
    measured = token_matches.measure(Item(question, answer, evidence), "context", *tokens)
    return dict(zip(token_matches.names(("encoder", "overlap", "support"), "context"), measured.tolist(), strict=True))


def test_copied_words_match_perfectly_before_any_context(encoder: Encoder) -> None:
    """Words of the passage have cosine 1 with themselves on the layer of bare words."""
    assert features(encoder, "carries 430 cars")["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)


def test_foreign_word_shows_in_the_minimum(encoder: Encoder) -> None:
    """One replaced number lowers the lowest match and leaves the mean nearly as it was."""
    true, false = (features(encoder, f"was opened in {year} by Queen Isabel") for year in ("1877", "1962"))
    assert false["match_word_minimum"] < true["match_word_minimum"] - 0.2
    assert false["match_word_mean"] > true["match_word_mean"] - 0.2


def test_exchanged_words_show_in_the_order(encoder: Encoder) -> None:
    """The same words in another order have new pairs, though each has its match."""
    straight, turned = (features(encoder, text) for text in ("opened in 1877 by Queen Isabel", "opened by 1877 in Isabel Queen"))
    assert straight["new_pairs"] == 0.0
    assert turned["new_pairs"] > 0.5
    assert turned["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)


def test_words_of_the_question_are_not_the_answers_own(encoder: Encoder) -> None:
    """Of an answer that repeats the question and adds a year, only the year is its own."""
    measured = features(encoder, "When did it open? 1877")
    year = features(encoder, "1877")
    assert measured["own_word_mean"] == pytest.approx(year["own_word_mean"], abs=1e-2)


def test_nothing_to_match_gives_finite_features() -> None:
    """An answer or an evidence without tokens has similarity 0, not NaN."""
    unit = np.full(8, 8**-0.5, dtype=np.float32)
    empty = TokenVectors(np.zeros(0, np.int64), np.zeros((4, 0, 8), np.float32), unit)
    single = TokenVectors(np.array([5]), np.broadcast_to(unit, (4, 1, 8)), unit)
    for answer, evidence in ((empty, single), (single, empty), (empty, empty)):
        measured = token_matches.measure(Item("?", "!", "-"), "context", empty, answer, evidence)
        assert np.isfinite(measured).all()


def test_long_text_is_read_to_its_end(encoder: Encoder) -> None:
    """A word after a thousand others is still found: long texts are read in pieces."""
    (tokens,) = TextReader(encoder).read(["and so on " * 400 + "Norport"])
    assert len(tokens.ids) > 1000
    assert features(encoder, "Norport", evidence="and so on " * 400 + "Norport")["match_word_minimum"] == pytest.approx(1.0, abs=1e-3)
