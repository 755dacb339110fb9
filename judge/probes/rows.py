"""Statements of known truth as rows of the probes table."""

from collections.abc import Sequence

from judge.probes import statements
from judge.probes.donors import Passage
from judge.tables.identity import content_id
from judge.tables.schema import Row


def probes(chunks: Sequence[Row], seed: int) -> list[Row]:
    """Statements of known truth from rows of the chunks table, as rows of the probes table."""
    return [
        {
            "probe_id": content_id(made.context, made.kind, made.question, made.statement),
            "document_id": made.document_id,
            "kind": made.kind,
            "question": made.question,
            "context": made.context,
            "answer": made.statement,
            "truth": made.truth,
        }
        for made in statements.construct([passage_of(row) for row in chunks], seed)
    ]


def passage_of(chunk: Row) -> Passage:
    """A row of the chunks table as what statements are made from."""
    return Passage(chunk["document_id"], chunk["title"], chunk["text"])
