"""What holds of the statements of every passage, on articles of the default corpus."""

from collections import Counter

import pytest

from judge.dataset.corpora import Corpus
from judge.probes.donors import Passage
from judge.probes.mentions import names
from judge.probes.overlap import words
from judge.probes.statements import KINDS, Statement, construct
from tests.conftest import option


@pytest.fixture(scope="module")
def statements() -> list[Statement]:
    """Statements of eighty articles, each a passage."""
    documents = option("corpus", "wikipedia-summaries", Corpus, articles=80, background=1).read(3).documents
    return construct([Passage(row["document_id"], row["title"], row["text"]) for row in documents], 3)


def test_every_kind_occurs(statements: list[Statement]) -> None:
    """The rarest a dozen times in eighty passages."""
    counts = Counter(statement.kind for statement in statements)
    assert set(KINDS) == set(counts)
    assert min(counts.values()) >= 12


def test_no_false_statement_is_a_sentence_of_its_passage(statements: list[Statement]) -> None:
    """Except what the passage says but was not asked."""
    assert [] == [made for made in statements if not made.truth and made.kind != "no_answer" and made.statement in made.context]


def test_a_statement_is_one_line_with_a_capital(statements: list[Statement]) -> None:
    """As a sentence of an answer starts; a name in small letters, such as iPod, may keep them."""
    changed = [
        made for made in statements if made.kind in {"paraphrase", "exchanged_names", "exchanged_numbers", "negated", "empty_opening"}
    ]
    assert [] == [made.statement for made in changed if "\n" in made.statement or made.statement[0].islower()]


def test_an_exchange_has_no_name_that_the_passage_lacks(statements: list[Statement]) -> None:
    """Each of its names is one of the passage's, the title's own included."""
    for made in statements:
        if made.kind == "exchanged_names":
            known = set(words(f"{made.context} {made.question}"))
            assert [] == [name.surface for name in names(made.statement) if not set(words(name.surface)) <= known]


def test_every_question_is_a_question(statements: list[Statement]) -> None:
    """It ends as one, and asks for something."""
    assert all(made.question.endswith("?") and "  " not in made.question for made in statements)


def test_what_asks_and_what_is_said_differ(statements: list[Statement]) -> None:
    """No question has its own answer within it, so that it can be answered from the passage only."""
    asked = [made for made in statements if made.kind == "answer_sentence"]
    assert [] == [made.question for made in asked if made.statement.rstrip(".") in made.question]
