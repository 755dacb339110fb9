"""The corpus that is read over the network, with a reader that needs none."""

from types import SimpleNamespace
from typing import Any

import pytest

from judge.dataset.documents import document
from judge.dataset.wikipedia import Wikipedia
from judge.errors import DocumentError


class FakeReader:
    """llama-index's WikipediaReader, with two pages, one of them empty."""

    pages = {"New York City": ["It is a city.", "It is large."], "Nowhere": [" "]}  # noqa: RUF012 - read, never changed

    def load_data(self, pages: list[str], *, auto_suggest: bool) -> list[Any]:
        """The parts of the one page that is asked for."""
        assert not auto_suggest
        (title,) = pages
        return [SimpleNamespace(get_content=lambda text=text: text) for text in self.pages[title]]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llama_index.readers.wikipedia.WikipediaReader", FakeReader)


def _corpus(*titles: str) -> Wikipedia:
    return Wikipedia(name="wikipedia", kind="wikipedia", titles=list(titles))


def test_a_page_is_a_document_with_its_address() -> None:
    """Its parts are paragraphs, and the source is where a reader can look it up; a page without text is named."""
    read = _corpus("New York City", "Nowhere").read(1)
    address = "https://en.wikipedia.org/wiki/New_York_City"
    assert [document("New York City", "It is a city.\n\nIt is large.", address)] == read.documents
    assert [("Nowhere", "no text in it")] == read.skipped


def test_a_page_that_cannot_be_read_is_named() -> None:
    """With its title, the error's own words, and the corpus that needs no network."""
    with pytest.raises(DocumentError, match=r"(?s)page 'Atlantis' could not be read \(KeyError.*corpus=wikipedia-summaries"):
        _corpus("Atlantis").read(1)
