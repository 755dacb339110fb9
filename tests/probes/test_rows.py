"""Rows of the probes table, and what is left out as the teacher has seen it."""

from judge.probes import rows
from judge.probes.donors import Passage
from judge.probes.seen import NOTHING, Seen, hash_of_words
from judge.tables.files import row_fault
from judge.tables.schema import Row
from judge.tables.statements import PROBES


def _chunk(number: int, title: str, text: str) -> Row:
    return {"chunk_id": f"c{number}", "document_id": f"d{number}", "position": 0, "title": title, "text": text}


CHUNKS = [
    _chunk(1, "Lima", "Lima is the capital of Peru. It was founded in 1535 by Francisco Pizarro."),
    _chunk(2, "Oslo", "Oslo is the capital of Norway. It was founded in 1040 by Harald Hardrada."),
]


def test_a_passage_is_the_text_of_a_chunk_under_its_document() -> None:
    """Passages of one document share its id, so that they lend each other nothing; by passage each has its own."""
    assert Passage("d1", "Lima", CHUNKS[0]["text"]) == rows.passage_of(CHUNKS[0])
    assert Passage("c1", "Lima", CHUNKS[0]["text"]) == rows.passage_of(CHUNKS[0], "chunk_id")


def test_statements_are_rows_of_the_probes_table() -> None:
    """With both truths, an id each, and the passage that decides; nothing is left out where nothing was seen."""
    probes, *left_out = rows.probes(CHUNKS, 17, NOTHING)
    assert [None] * len(probes) == [row_fault(PROBES, probe) for probe in probes]
    assert {True, False} == {probe["truth"] for probe in probes}
    assert len(probes) == len({probe["probe_id"] for probe in probes})
    assert {chunk["text"] for chunk in CHUNKS} == {probe["context"] for probe in probes}
    assert [0, 0, 0] == left_out


def test_the_same_passages_and_seed_give_the_same_rows() -> None:
    """A passage that has two numbers in a sentence gives a false statement with the two exchanged."""
    text = "Lima was founded in 1535 by Francisco Pizarro. The city had 10,092,000 people in 2023, more than Arequipa or Trujillo."
    one, again = (rows.probes([_chunk(1, "Lima", text)], 1, NOTHING).rows for _ in range(2))
    assert one == again
    assert {(row["kind"], row["truth"]) for row in one} >= {("sentence", True), ("exchanged_numbers", False)}


def test_a_calibrated_passage_gives_no_probe_and_lends_none() -> None:
    """The other one has nothing to borrow then."""
    made = rows.probes(CHUNKS, 17, Seen(passages=("c1",)))
    assert made[1:] == (1, 0, 0)
    assert made.rows
    assert {CHUNKS[1]["text"]} == {row["context"] for row in made.rows}
    assert not [row for row in made.rows if "Lima" in row["answer"] or "Peru" in row["answer"]]


def test_a_sentence_of_a_calibrated_passage_is_cut_out() -> None:
    """What is left decides the truth; a passage of nothing else gives no probe."""
    seen = Seen(sentences=tuple(map(hash_of_words, ("Lima is the capital of Peru", *CHUNKS[1]["text"].split(". ")))))
    made = rows.probes(CHUNKS, 17, seen)
    assert made[1:] == (0, 3, 0)
    assert {"It was founded in 1535 by Francisco Pizarro."} == {row["context"] for row in made.rows}


def test_cutting_leaves_the_lines_around_it_as_they_are() -> None:
    """Only the sentence goes, and what surrounds it stays apart."""
    text = "First it was a village.\n\nThen it was a town.  Then it was a city.\nNow it is gone again."
    assert ("First it was a village.\n\nThen it was a town.\nNow it is gone again.", 1) == rows._without(
        text, {hash_of_words("Then it was a city.")}
    )
    assert (text, 0) == rows._without(text, {hash_of_words("It is gone.")})


def test_a_statement_of_the_calibration_is_left_out_whatever_its_kind() -> None:
    """Word for word, and whatever its punctuation; the others stay as they are."""
    every = rows.probes(CHUNKS, 17, NOTHING).rows
    for one in every:
        made = rows.probes(CHUNKS, 17, Seen(statements=(hash_of_words(one["answer"].rstrip(".")),)))
        told = [row for row in every if hash_of_words(row["answer"]) == hash_of_words(one["answer"])]
        assert made.statements == len(told)
        assert [row for row in every if row not in told] == made.rows


def test_a_true_statement_that_a_calibrated_passage_has_in_this_form_is_left_out() -> None:
    """A shortened sentence of one passage is the whole sentence of another."""
    chunk = _chunk(1, "Lima", "Lima is the capital of Peru, which was founded in 1535.")
    seen = Seen(sentences=(hash_of_words("Lima is the capital of Peru."),))
    before, after = (rows.probes([chunk, CHUNKS[1]], 17, what).rows for what in (NOTHING, seen))
    assert "Lima is the capital of Peru." in {row["answer"] for row in before}
    assert {"Lima is the capital of Peru."} == {row["answer"] for row in before} - {row["answer"] for row in after}
