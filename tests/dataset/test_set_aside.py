"""Which of its own passages a run calibrates its teacher on."""

import pytest

from judge.dataset.set_aside import own_passages
from judge.dataset.splits import SplitSettings, split
from judge.tables.schema import Row


def _chunks(documents: int, passages: int) -> list[Row]:
    return [{"chunk_id": f"c{d}-{p}", "document_id": f"d{d}"} for d in range(documents) for p in range(passages)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("fraction", [0.5, 0.7, 0.9])
def test_no_document_of_test_is_chosen(seed: int, fraction: float) -> None:
    """Whatever the train fraction is from a half on; about half of the documents are chosen, each with all of its passages."""
    chunks = _chunks(60, 3)
    rows = [{**row, "teacher_class": name} for row in chunks for name in ("acceptable", "unacceptable")]
    test = split(rows, SplitSettings(train_fraction=fraction, group_by="document"), seed).test
    chosen, unit = own_passages(chunks, seed)
    documents = {row["document_id"] for row in chosen}
    assert not documents & {row["document_id"] for row in test}
    assert 15 < len(documents) < 45
    assert ("document_id", 3 * len(documents)) == (unit, len(chosen))


def test_another_document_moves_no_other_one() -> None:
    """The choice hangs on a document's own id."""
    before, after = (own_passages(_chunks(count, 1), 1).chunks for count in (30, 31))
    assert [row for row in after if row["document_id"] != "d30"] == before


@pytest.mark.parametrize("seed", range(5))
def test_one_document_is_cut_by_passage(seed: int) -> None:
    """Some of its passages are left, and each stands for a document."""
    chunks = _chunks(1, 30)
    chosen, unit = own_passages(chunks, seed)
    assert unit == "chunk_id"
    assert 5 < len(chosen) < 25


@pytest.mark.parametrize("seed", range(12))
def test_documents_that_are_all_on_one_side_are_cut_by_passage(seed: int) -> None:
    """Of two documents a half is too few to fit on, and both leave none to probe."""
    chosen, unit = own_passages(_chunks(2, 20), seed)
    assert unit == "chunk_id"
    assert 5 < len(chosen) < 35


@pytest.mark.parametrize(("documents", "passages"), [(2, 1), (1, 2), (1, 1)])
def test_where_passages_are_too_few_all_are_taken(documents: int, passages: int) -> None:
    """A fit needs two, and then none is left: the teacher comes before its probes."""
    chunks = _chunks(documents, passages)
    assert (chunks, "chunk_id") == own_passages(chunks, 1)


def test_nothing_is_chosen_of_nothing() -> None:
    """Recorded judgments may have no passage."""
    assert own_passages([], 1).chunks == []
