"""Rows of the table of perturbed statements: what a judge may be fooled by, made of the statements of known truth."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import Field

from judge.probes.donors import hash_of
from judge.probes.injections import LANGUAGES, inject, texts
from judge.probes.overlap import words
from judge.probes.perturbations import PAIRED, Base, broken_off
from judge.probes.rewording import statable_sentences
from judge.probes.statements import HOLLOW_KINDS, QUESTION_KINDS
from judge.settings import Settings
from judge.tables.identity import content_id
from judge.tables.schema import Row

T = TypeVar("T")

# A sentence of the passage as it stands, where no statement of the document can be altered in some way.
UNALTERED = "unaltered"
# What stands around these would be what they lack: a hollow one says something then, one that misses its question may answer it.
# A fragment says nothing without its question, so nothing can be put between both.
_UNFIT = frozenset({*HOLLOW_KINDS, *QUESTION_KINDS, "fragment", "other_fragment"})
_ASKS = "What is "


# Kinds that few documents have a statement for: where not all are wanted, these are kept first.
_SCARCE = ("paraphrased", "truncated", "broken_off")
# A teacher reads a passage once for so many.
_OF_A_PASSAGE = 5


class PerturbSettings(Settings):
    """What the judges are tried to be fooled with."""

    per_document: int | None = Field(ge=0, description="perturbed statements of a test document, at most; null: all")
    teacher_rows: int | None = Field(
        ge=0, description="of these the teacher judges so many, at most, five of a document; three of them have an injection; null: all"
    )


def perturbed(probes: Sequence[Row], seed: int, most: int | None) -> list[Row]:
    """Perturb statements of known truth.

    For each document and kind of `PAIRED` one true and one false statement is altered, and for each kind of injection one false one gets
    an instruction; of the other kinds one is made. Statements and texts are drawn by hashing.

    Args:
        probes: rows of the probes table.
        seed: another seed draws other ones.
        most: how many of a document, at most: those of scarce kinds, and of the others a draw; None: all. The unaltered sentences that
            some are held against come on top.

    Returns:
        Rows of the perturbed table. A document gives none of a kind that it has no statement for.
    """
    rows: dict[str, Row] = {}
    for document in sorted({str(row["document_id"]) for row in probes}):
        own = [row for row in probes if row["document_id"] == document]
        made = [*_paired(own, seed), *_injected(own, seed), *_false(own, probes, seed)]
        drawn = sorted(_altered(made), key=lambda row: (row["kind"] not in _SCARCE, hash_of(f"{seed}|drawn|{row['perturbed_id']}")))[:most]
        rows |= {row["perturbed_id"]: row for row in _with_unaltered(drawn, made)}
    return list(rows.values())


def sample(rows: Sequence[Row], most: int | None, seed: int) -> list[Row]:
    """Those rows that the teacher judges, at most `most`; None: all.

    Documents and rows are drawn by hashing, of a document five, as a passage is read once for all of them, and of these three with an
    injection where it has them. The unaltered sentences that some are held against come on top.
    """
    if most is None:
        return list(rows)
    drawn = sorted(_altered(rows), key=lambda row: hash_of(f"{seed}|sample|{row['perturbed_id']}"))
    chosen: list[Row] = []
    for document in sorted({str(row["document_id"]) for row in rows}, key=lambda name: hash_of(f"{seed}|sample|{name}")):
        own = [row for row in drawn if row["document_id"] == document]
        injected = [row for row in own if row["language"] is not None][: _OF_A_PASSAGE // 2 + 1]
        chosen += [*injected, *(row for row in own if row["language"] is None)][:_OF_A_PASSAGE]
    return _with_unaltered(chosen[:most], rows)


def _altered(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] != UNALTERED]


def _with_unaltered(chosen: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """The chosen rows, and of all rows the unaltered sentences that they are held against."""
    wanted = {row["statement_id"] for row in chosen}
    return [*chosen, *(row for row in rows if row["kind"] == UNALTERED and row["perturbed_id"] in wanted)]


def _paired(own: Sequence[Row], seed: int) -> Iterator[Row]:
    """Altered statements of a document, whose truth stays as it was."""
    fit = [row for row in own if row["kind"] not in _UNFIT]
    for kind, alter in PAIRED.items():
        key = f"{seed}|{kind}"
        true, false = (_shuffled([row for row in fit if row["truth"] is truth], key) for truth in (True, False))
        for candidates in ([*true, *_shuffled(_unaltered(fit), key)], false):
            for of in candidates:
                answer = alter(Base(of["answer"], of["truth"], of["question"], of["context"]), f"{key}|{of['probe_id']}")
                if answer is not None:
                    if of["kind"] == UNALTERED:
                        yield _row(of, UNALTERED, of["answer"])
                    yield _row(of, kind, answer, statement_id=of["probe_id"])
                    break


def _unaltered(fit: Sequence[Row]) -> list[Row]:
    """The sentences of the statements' passages as true statements; the id of each is that of its row in the perturbed table."""
    rows = [
        of | {"kind": UNALTERED, "answer": sentence, "truth": True}
        for of in {of["context"]: of for of in fit}.values()
        for sentence in statable_sentences(of["context"])
    ]
    return [of | {"probe_id": _row(of, UNALTERED, of["answer"])["perturbed_id"]} for of in rows]


def _injected(own: Sequence[Row], seed: int) -> Iterator[Row]:
    """False statements of a document with an instruction to the judge; the languages take turns."""
    false = [row for row in own if not row["truth"]]
    for number, kind in enumerate(texts().injections if false else ()):
        of = _shuffled(false, f"{seed}|{kind}")[0]
        language = LANGUAGES[(hash_of(f"{seed}|language|{of['document_id']}") + number) % len(LANGUAGES)]
        yield _row(of, kind, inject(of["answer"], kind, language), statement_id=of["probe_id"], language=language)


def _false(own: Sequence[Row], probes: Sequence[Row], seed: int) -> Iterator[Row]:
    """What is false, or no answer at all, under a question about the passage's subject; and a true statement under another question."""
    true = [row for row in own if row["truth"] and row["kind"] not in _UNFIT and row["question"].startswith(_ASKS)]
    for of in _shuffled(true, f"{seed}|false")[:1]:
        known = set(words(f"{of['context']} {of['question'].removeprefix(_ASKS)}"))
        asked = {row["question"] for row in probes if row["kind"] not in QUESTION_KINDS and row["question"].startswith(_ASKS)}
        questions = sorted(question for question in asked if known.isdisjoint(words(question.removeprefix(_ASKS))))
        false = of | {"truth": False}
        for kind, answers in (
            ("broken_off", broken_off(of["context"])),
            ("other_script", texts().other_scripts),
            ("wordless", texts().wordless),
        ):
            if answers:
                yield _row(false, kind, _drawn(answers, f"{seed}|{kind}|{of['document_id']}"))
        if questions:
            yield _row(false | {"question": _drawn(questions, f"{seed}|question|{of['document_id']}")}, "other_question", of["answer"])


def _shuffled(rows: Sequence[Row], key: str) -> list[Row]:
    return sorted(rows, key=lambda row: hash_of(f"{key}|{row['probe_id']}"))


def _drawn(items: Sequence[T], key: str) -> T:
    return items[hash_of(key) % len(items)]


def _row(of: Row, kind: str, answer: str | None, *, statement_id: str | None = None, language: str | None = None) -> Row:
    """A row of the perturbed table: question, passage, document and truth are those of the row `of`."""
    return {
        "perturbed_id": content_id(of["context"], kind, language or "", of["question"], answer or "", statement_id or ""),
        "statement_id": statement_id,
        "document_id": of["document_id"],
        "kind": kind,
        "language": language,
        "question": of["question"],
        "context": of["context"],
        "answer": answer,
        "truth": of["truth"],
    }
