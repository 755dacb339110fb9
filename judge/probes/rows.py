"""Statements of known truth as rows of the probes table."""

from collections.abc import Sequence

from judge.probes import statements
from judge.tables.identity import content_id
from judge.tables.schema import Row


def probes(chunks: Sequence[Row], seed: int) -> list[Row]:
    """Statements of known truth from passages, as rows of the probes table."""
    return [
        {
            "probe_id": content_id(made.context, made.kind, made.statement),
            "document_id": made.document_id,
            "kind": made.kind,
            "question": made.question,
            "context": made.context,
            "answer": made.statement,
            "truth": made.truth,
        }
        for made in statements.construct([_passage(row) for row in chunks], seed)
    ]


def _passage(chunk: Row) -> statements.Passage:
    return statements.Passage(chunk["document_id"], chunk["title"], chunk["text"])
