"""Statements of known truth as rows of the probes table, none of them seen by the teacher before."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from judge.probes import statements
from judge.probes.donors import Passage
from judge.probes.mentions import sentences
from judge.probes.seen import Seen, hash_of_words, hashes_of_sentences
from judge.probes.statements import Statement
from judge.settings import Settings
from judge.tables.identity import content_id
from judge.tables.levels import Judgment
from judge.tables.schema import Row


def judged_statements(made: Sequence[Statement], judgments: Sequence[Judgment], document_of: Mapping[str, str]) -> list[Row]:
    """Statements with a teacher's judgments, one each, as rows of the statements table; one that failed is left out.

    `document_of` gives the document of each statement's unit, which is a passage where the documents were too few to be told apart.
    """
    return [
        {
            "statement_id": _id(statement),
            **_columns(statement),
            "document_id": document_of[statement.document_id],
            "teacher_levels": list(judgment.levels),
            "teacher_score": judgment.score,
        }
        for statement, judgment in zip(made, judgments, strict=True)
        if judgment.levels is not None
    ]


class ComposeSettings(Settings):
    """How many statements of known truth the student learns from."""

    per_passage: int = Field(
        ge=0, description="statements of a passage of train, at most: those of scarce kinds, and of the others a draw; 0: none"
    )


def constructed(chunks: Sequence[Row], seed: int, settings: ComposeSettings) -> list[Row]:
    """Statements of known truth about passages as rows of the constructed table; each different one once.

    Args:
        chunks: rows of the chunks table.
        seed: of the statements.
        settings: how many.
    """
    if not settings.per_passage:
        return []
    made = statements.construct([passage_of(row) for row in chunks], seed, most=settings.per_passage)
    return list({_id(one): {"statement_id": _id(one), **_columns(one)} for one in made}.values())


class ProbeSettings(Settings):
    """How many statements of known truth the judges are probed with."""

    per_passage: int | None = Field(
        ge=1, description="statements of a passage, at most: those of scarce kinds, and of the others a draw; null: all"
    )


class Probes(NamedTuple):
    """Rows of the probes table, and how much was left out because the teacher was calibrated on it."""

    rows: list[Row]
    passages: int
    """Whole passages."""
    sentences: int
    """Sentences of the other passages, which a calibrated passage has as well: a neighbour that overlaps, or a near duplicate."""
    statements: int
    """Statements of what was left."""


def probes(chunks: Sequence[Row], seed: int, seen: Seen, most: int | None = None) -> Probes:
    """Make statements of known truth of what the teacher has not seen.

    A passage that the teacher was calibrated on gives none.
    The others lose the sentences that stand in such a passage too, so that no statement is made of these, and what is left decides
    the truth. A statement that was among those of the calibration is left out whatever its kind, a true one also where
    a sentence of it stands in a calibrated passage.

    Args:
        chunks: rows of the chunks table.
        seed: of the statements.
        seen: what the teacher was calibrated on.
        most: statements of a passage, at most, as `statements.construct` draws them; None: all.
    """
    calibrated, told, shown = set(seen.passages), set(seen.statements), set(seen.sentences)
    passages, taken = [], 0
    for passage in (passage_of(row) for row in chunks if row["chunk_id"] not in calibrated):
        text, count = _without(passage.text, shown)
        taken += count
        if text:
            passages.append(Passage(passage.document_id, passage.title, text))
    made = statements.construct(passages, seed, most=most)
    fresh = [
        one
        for one in made
        if hash_of_words(one.statement) not in told and not (one.truth and shown.intersection(hashes_of_sentences(one.statement)))
    ]
    rows = [{"probe_id": _id(one), **_columns(one)} for one in fresh]
    return Probes(rows, sum(row["chunk_id"] in calibrated for row in chunks), taken, len(made) - len(fresh))


def passage_of(chunk: Row, unit: Literal["document_id", "chunk_id"] = "document_id") -> Passage:
    """A row of the chunks table as what statements are made from; those of one `unit` lend each other nothing."""
    return Passage(chunk[unit], chunk["title"], chunk["text"])


def _id(statement: Statement) -> str:
    return content_id(statement.context, statement.kind, statement.question, statement.statement)


def _columns(statement: Statement) -> Row:
    """What the tables of probes and of statements have in common, but for the id."""
    return {
        "document_id": statement.document_id,
        "kind": statement.kind,
        "question": statement.question,
        "context": statement.context,
        "answer": statement.statement,
        "truth": statement.truth,
    }


def _without(text: str, shown: set[str]) -> tuple[str, int]:
    """The text without the sentences whose hash is in `shown`, and how many those were; as it was where there are none."""
    kept, count, start = [], 0, 0
    for sentence in sentences(text):
        end = text.index(sentence, start) + len(sentence)
        if shown.isdisjoint(hashes_of_sentences(sentence)):
            kept.append(text[start:end])
        else:
            count += 1
        start = end
    return ("".join(kept).strip(), count) if count else (text, 0)
