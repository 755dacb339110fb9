"""Rows of the table of perturbed statements: pairs, truths, draws."""

from collections import Counter

import pytest

from judge.probes import rows as probe_rows
from judge.probes.injections import LANGUAGES, inject, texts
from judge.probes.perturbations import PAIRED
from judge.probes.perturbed import UNALTERED, perturbed, sample
from judge.probes.seen import NOTHING
from judge.tables.files import row_fault
from judge.tables.items import has_words
from judge.tables.schema import Row
from judge.tables.statements import PERTURBED

SEED = 17
TOWNS = {"Lima": "Peru", "Oslo": "Norway", "Rabat": "Morocco", "Quito": "Ecuador"}


def _text(title: str, country: str, number: int) -> str:
    return (
        f"{title} is the capital of {country}, which is known for its long coast. "
        f"It was founded in {1500 + number} by Francisco Number{number}. "
        f"The harbour often served {300 + number} ships in {1900 + number}, including steamers. "
        f"Trade grew quickly along rivers and roads near {title}Berg."
    )


CHUNKS = [
    {"chunk_id": f"c{n}", "document_id": f"d{n}", "position": 0, "title": title, "text": _text(title, country, n)}
    for n, (title, country) in enumerate(TOWNS.items())
]
PROBES = probe_rows.probes(CHUNKS, SEED, NOTHING).rows
# One kind of statement for each document, so that not every one can be altered in every way.
FEW = [row for row in PROBES if row["kind"] in ("fragment", "renamed_subject", "replaced_name")]


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """All of the four documents."""
    return perturbed(PROBES, SEED, None)


def test_they_are_rows_of_their_table(rows: list[Row]) -> None:
    """No two have the same id, and the same probes give the same rows in any order."""
    assert [None] * len(rows) == [row_fault(PERTURBED, row) for row in rows]
    assert len(rows) == len({row["perturbed_id"] for row in rows})
    by_id = sorted(rows, key=lambda row: str(row["perturbed_id"]))
    assert by_id == sorted(perturbed(PROBES[::-1], SEED, None), key=lambda row: str(row["perturbed_id"]))


def test_each_document_has_each_kind_once_for_each_truth(rows: list[Row]) -> None:
    """Kinds with material for it: a true and a false statement altered, a false one with each instruction, one that is false by itself."""
    counts = Counter((row["kind"], row["truth"]) for row in rows if row["document_id"] == "d0" and row["kind"] != UNALTERED)
    assert {1} == set(counts.values())
    expected = {(kind, truth) for kind in set(PAIRED) - {"truncated", "paraphrased"} for truth in (True, False)}
    expected |= {(kind, False) for kind in (*texts().injections, "broken_off", "other_script", "wordless", "other_question")}
    assert expected <= set(counts)
    assert ("truncated", False) not in counts


def test_a_pair_keeps_truth_question_and_passage(rows: list[Row]) -> None:
    """The statement that it was is a probe or an unaltered sentence, with the same truth; no pair is of a hollow one or a fragment."""
    known = {row["probe_id"]: row for row in PROBES} | {row["perturbed_id"]: row for row in rows if row["kind"] == UNALTERED}
    for row in rows:
        if row["statement_id"] is not None:
            before = known[row["statement_id"]]
            same = ("document_id", "question", "context", "truth")
            assert [before[name] for name in same] == [row[name] for name in same]
            if row["language"] is None:
                assert before["kind"] not in ("circular", "empty_opening", "no_answer", "answer_sentence", "fragment", "other_fragment")


def test_an_injection_is_a_false_probe_with_its_instruction(rows: list[Row]) -> None:
    """In the language that the row says; over a document all three take turns."""
    answers = {row["probe_id"]: row["answer"] for row in PROBES if not row["truth"]}
    injected = [row for row in rows if row["language"] is not None]
    assert [inject(answers[row["statement_id"]], row["kind"], row["language"]) for row in injected] == [row["answer"] for row in injected]
    assert {(language, 6) for language in LANGUAGES} | {(language, 7) for language in LANGUAGES} >= set(
        Counter(row["language"] for row in injected if row["document_id"] == "d1").items()
    )


def test_where_no_probe_can_be_altered_a_sentence_of_the_passage_is() -> None:
    """It stands in the table as it is, true, and is what the altered one is held against."""
    rows = perturbed(FEW, SEED, None)
    unaltered = {row["perturbed_id"]: row for row in rows if row["kind"] == UNALTERED}
    cut = [row for row in rows if row["kind"] == "truncated" and row["statement_id"] not in {probe["probe_id"] for probe in FEW}]
    assert cut
    assert [(unaltered[row["statement_id"]]["answer"].startswith(row["answer"]), True) for row in cut] == [(True, True)] * len(cut)
    assert all(row["truth"] and row["answer"] in row["context"] for row in unaltered.values())


def test_what_is_false_by_itself_is_held_against_no_other_statement(rows: list[Row]) -> None:
    """Another question names nothing of the passage; an answer without words may be none at all."""
    alone = [row for row in rows if row["statement_id"] is None and row["kind"] != UNALTERED]
    assert {"broken_off", "other_script", "wordless", "other_question"} == {row["kind"] for row in alone}
    assert not [row for row in alone if row["truth"] or has_words(row["answer"]) == (row["kind"] == "wordless")]
    for row in alone:
        if row["kind"] == "other_question":
            assert row["question"].removeprefix("What is ").removesuffix("?") not in row["context"]


@pytest.mark.parametrize("most", [0, 7])
def test_a_document_gives_no_more_than_asked_for(most: int) -> None:
    """Besides the unaltered sentences; scarce kinds come first."""
    rows = perturbed(PROBES, SEED, most)
    counts = Counter(row["document_id"] for row in rows if row["kind"] != UNALTERED)
    assert dict.fromkeys(counts, most) == counts
    assert most == 0 or {("truncated", 4), ("broken_off", 4)} <= set(Counter(row["kind"] for row in rows).items())


def test_the_teacher_judges_five_of_a_document(rows: list[Row]) -> None:
    """Three of them with an instruction, until there are enough; what they are held against comes on top, and null is all."""
    drawn = sample(rows, 8, SEED)
    altered = [row for row in drawn if row["kind"] != UNALTERED]
    assert [3, 5] == sorted(Counter(row["document_id"] for row in altered).values())
    assert 6 == sum(row["language"] is not None for row in altered)
    wanted = {row["statement_id"] for row in altered} & {row["perturbed_id"] for row in rows}
    assert wanted == {row["perturbed_id"] for row in drawn if row["kind"] == UNALTERED}
    assert rows == sample(rows, None, SEED)
