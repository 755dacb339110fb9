"""Documents: their ids, and what becomes of equal ones and of none."""

import pytest

from judge.dataset.documents import collect, document
from judge.errors import DocumentError


def test_a_document_is_known_by_its_title_and_text() -> None:
    """Line ends and the space around a text make no other document; another title or text does, another source does not."""
    one = document("Lima", "It is in Peru.\nBy the sea.", "a")
    assert one["document_id"] == document("Lima", " It is in Peru.\r\nBy the sea.\n", "b")["document_id"]
    assert one["text"] == "It is in Peru.\nBy the sea."
    others = {document(title, text, "a")["document_id"] for title, text in (("Peru", one["text"]), ("Lima", "It is large."))}
    assert one["document_id"] not in others
    assert len(others) == 2


def test_equal_documents_are_one_and_none_of_them_is_set_aside() -> None:
    """The run has each once, in the order in which they came, and the background none of them."""
    lima, oslo, rome = (document(title, f"{title} is a city.", "s") for title in ("Lima", "Oslo", "Rome"))
    read = collect("mine", [oslo, lima, oslo], background=[lima, rome])
    assert ([oslo, lima], [rome], [], []) == read


def test_a_corpus_without_documents_is_refused_with_what_was_left_out() -> None:
    """The message names the corpus and gives every reason."""
    with pytest.raises(DocumentError, match=r"corpus mine has no document with text\.\n  a\.txt: no text in it"):
        collect("mine", [], [("a.txt", "no text in it")])
