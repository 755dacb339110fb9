"""Rows of the probes table."""

from judge.probes import rows
from judge.probes.donors import Passage
from judge.tables.files import _fault
from judge.tables.schema import PROBES, Row

CHUNKS: list[Row] = [
    {"chunk_id": "c1", "document_id": "d1", "position": 0, "title": "Lima", "text": "Lima is the capital of Peru. It was founded in 1535."},
    {
        "chunk_id": "c2",
        "document_id": "d2",
        "position": 0,
        "title": "Oslo",
        "text": "Oslo is the capital of Norway. It was founded in 1040.",
    },
]


def test_a_passage_is_the_text_of_a_chunk_under_its_document() -> None:
    """Passages of one document share its id, so that they lend each other nothing."""
    assert Passage("d1", "Lima", CHUNKS[0]["text"]) == rows.passage_of(CHUNKS[0])


def test_statements_are_rows_of_the_probes_table() -> None:
    """With both truths, an id each, and the passage that decides."""
    probes = rows.probes(CHUNKS, 17)
    assert [None] * len(probes) == [_fault(PROBES, probe) for probe in probes]
    assert {True, False} == {probe["truth"] for probe in probes}
    assert len(probes) == len({probe["probe_id"] for probe in probes})
    assert {chunk["text"] for chunk in CHUNKS} == {probe["context"] for probe in probes}


def test_the_same_passages_and_seed_give_the_same_rows() -> None:
    """A passage that has two numbers in a sentence gives a false statement with the two exchanged."""
    text = "Lima was founded in 1535 by Francisco Pizarro. The city had 10,092,000 people in 2023, more than Arequipa or Trujillo."
    one, again = ([*rows.probes([{"document_id": "d", "title": "Lima", "text": text}], 1)] for _ in range(2))
    assert one == again
    assert {(row["kind"], row["truth"]) for row in one} >= {("sentence", True), ("exchanged_numbers", False)}
