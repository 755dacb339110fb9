"""The corpus of summaries: which articles are in, and what is refused."""

from typing import Any

import pytest

from judge.dataset.corpora import Corpus
from judge.errors import DocumentError
from tests.conftest import option


def _summaries(**changes: Any) -> Any:
    return option("corpus", "wikipedia-summaries", Corpus, **changes)


def test_the_cities_of_the_tutorial_are_in_and_the_rest_is_chosen() -> None:
    """As many articles as asked for, the named ones among them, none in the background too."""
    read = _summaries(articles=20, background=10).read(1)
    titles = {row["title"] for row in read.documents}
    assert {"San Francisco", "Toronto", "Tokyo"} <= titles
    assert (20, 10) == (len(titles), len(read.background))
    assert not titles & {row["title"] for row in read.background}


def test_more_articles_keep_those_that_were_chosen() -> None:
    """The choice grows: no article leaves it."""
    few, many = (_summaries(articles=count, background=5).read(1) for count in (20, 30))
    assert {row["document_id"] for row in few.documents} < {row["document_id"] for row in many.documents}
    assert few.background == many.background


def test_another_seed_chooses_others() -> None:
    """The seed is what the choice is left to."""
    one, other = (_summaries(articles=20, background=0).read(seed) for seed in (1, 2))
    assert one.documents != other.documents


def test_documents_bring_no_judgments() -> None:
    """Only a corpus of recorded judgments has rows of them."""
    assert _summaries(articles=20, background=0).read(1).recorded == []


def test_an_unknown_title_is_named() -> None:
    """A misspelt article is refused, not skipped."""
    with pytest.raises(DocumentError, match="Atlantis City"):
        _summaries(titles=["Atlantis City"]).read(1)


def test_more_articles_than_there_are_is_refused_with_the_count() -> None:
    """The message says how many there are."""
    with pytest.raises(DocumentError, match=r"\d+ have 250 to 550 characters"):
        _summaries(articles=99999).read(1)
