"""Statements of known truth as rows of the probes table."""

from judge.probes import rows

CHUNK = {
    "document_id": "d",
    "title": "Lima",
    "text": "Lima was founded in 1535 by Francisco Pizarro. The city had 10,092,000 people in 2023, more than Arequipa or Trujillo.",
}


def test_a_probe_is_a_row_with_an_id_of_its_content() -> None:
    """The same passage and seed give the same ids; every row says how it was made and whether it is true."""
    one, again = rows.probes([CHUNK], 1), rows.probes([CHUNK], 1)
    assert one == again
    assert len({row["probe_id"] for row in one}) == len(one)
    assert {(row["kind"], row["truth"]) for row in one} >= {("sentence", True), ("exchanged_numbers", False)}


def test_a_passage_keeps_its_document_and_title() -> None:
    """Donors are other documents, and a title is the subject that statements speak of."""
    passage = rows.passage_of({"chunk_id": "c", **CHUNK})
    assert ("d", "Lima", CHUNK["text"]) == (passage.document_id, passage.title, passage.text)
