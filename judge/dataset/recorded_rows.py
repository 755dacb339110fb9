"""From a file of judgments that were made before to rows of the recorded table; nothing is asked of a model."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from judge.dataset import file_formats
from judge.dataset.recorded_file import NAME, RecordedFile, plain
from judge.dataset.recorded_values import alternatives, each, means_nothing, score, text
from judge.errors import DocumentError
from judge.tables.identity import content_id
from judge.tables.items import has_words
from judge.tables.levels import average, from_scale, interpolate
from judge.tables.schema import Row

_TITLE_WORDS = 8
_FAULTS_SHOWN = 10
# The difference of two decimal numbers ends in noise, such as 3.2000000000000006, which must not lift a score above a threshold.
_DECIMALS = 12


class RecordedRows(NamedTuple):
    """Rows of the recorded table, and what was left out: how many of what, with the reason."""

    rows: list[Row]
    skipped: list[tuple[str, str]]


@dataclass
class _Entry:
    """A row of the recorded table while its scores are gathered; `levels` holds a distribution a score."""

    row: Row
    levels: list[tuple[float, ...]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    out_of_range: int = 0


class _Notes(NamedTuple):
    """What was left out, by unit and reason, and which values nobody knows."""

    left_out: Counter[tuple[str, str]]
    unknown: Counter[str]


def read(corpus: RecordedFile) -> RecordedRows:
    """Read a file of judgments into rows of the recorded table.

    A score is mapped from its scale onto 0 to 1 and shared by the two levels next to it, so that its mean stays exact;
    the scores of an answer, and of equal rows, make one histogram. What people say is put to the vote, and a tie is no label.
    A row without a question, or with neither answer nor verdict nor label, is left out and counted. An answer without text
    has the reason no_verdict; one with no score on the scale has out_of_range, or no_verdict where there is none at all.

    Raises:
        DocumentError: the file is missing or not of its format, a field is missing, a value is in no mapping, a regular
            expression matches no row, or no row is left.
    """
    records = file_formats.load(Path(corpus.file), corpus.format)
    _require_fields(corpus, records)
    notes = _Notes(Counter(), Counter())
    entries: dict[str, _Entry] = {}
    for record in _usable(corpus, records, notes):
        for name in corpus.unpivot or [""]:
            entry = _entry(corpus, record, name, notes)
            if entry is None:
                continue
            first = entries.setdefault(entry.row["answer_id"], entry)
            if first is not entry:
                notes.left_out["row", "an answer that stands there already, whose verdicts they are added to"] += 1
                first.levels += entry.levels
                first.labels += entry.labels
                first.out_of_range += entry.out_of_range
    if notes.unknown:
        shown = "".join(f"\n  {what} ({count} times)" for what, count in notes.unknown.most_common(_FAULTS_SHOWN))
        raise DocumentError(
            f"{corpus.file} holds values that corpus {corpus.name} has no meaning for:{shown}\n"
            f"Next: add them to verdicts or human in conf/corpus/{corpus.name}.yaml, with null where a value says nothing."
        )
    rows = [_row(entry, notes) for entry in entries.values()]
    skipped = [(f"{count} {unit}" + "s" * (count != 1), reason) for (unit, reason), count in sorted(notes.left_out.items())]
    if not rows:
        reasons = "".join(f"\n  {what}: {reason}" for what, reason in skipped)
        raise DocumentError(f"{corpus.file} has no row that can be used.{reasons}\nNext: check conf/corpus/{corpus.name}.yaml against it.")
    return RecordedRows(rows, skipped)


def document_rows(rows: Sequence[Row], source: str) -> list[Row]:
    """The distinct passages of recorded rows as rows of the documents table; there may be none.

    The passages of one document follow each other in the order of the rows, with a blank line between.
    """
    passages: dict[str, dict[str, None]] = {}
    for row in rows:
        if row["context"] is not None:
            passages.setdefault(row["document_id"], {})[row["context"]] = None
    texts = {key: "\n\n".join(contexts) for key, contexts in passages.items()}
    return [{"document_id": key, "title": _title(text), "text": text, "source": source} for key, text in texts.items()]


def _require_fields(corpus: RecordedFile, records: Sequence[Row]) -> None:
    """Refuse a field that no row has."""
    there = {key for record in records for key in record}
    groups = {group for pattern in corpus.extract.values() for group in re.compile(pattern).groupindex}
    columns = corpus.columns
    named = [columns.question, columns.answer, columns.context, columns.reference, columns.generator, columns.human, columns.group]
    wanted = [column.replace(NAME, name) for column in (*named, *columns.scores) if column is not None for name in corpus.unpivot or [""]]
    missing = {name: None for name in wanted if name not in there | groups}
    missing |= {name: None for name in (*corpus.skip_where, *corpus.extract) if name not in there}
    if missing:
        raise DocumentError(
            f"No row of {corpus.file} has the field {', '.join(missing)}; there are {', '.join(sorted(there))}.\n"
            f"Next: correct conf/corpus/{corpus.name}.yaml; a column that the file does not have is null."
        )


def _usable(corpus: RecordedFile, records: Sequence[Row], notes: _Notes) -> Iterator[Row]:
    """The rows that are not to be skipped, with the fields that the regular expressions take out of them."""
    patterns = {name: re.compile(pattern) for name, pattern in corpus.extract.items()}
    matched = Counter[str]()
    for original in records:
        skipped = [f"{name} is {value}" for name, value in corpus.skip_where.items() if plain(original.get(name)) == value]
        if skipped:
            notes.left_out["row", skipped[0]] += 1
            continue
        matches = {name: pattern.search(text(original.get(name)) or "") for name, pattern in patterns.items()}
        matched.update(name for name, match in matches.items() if match)
        if all(matches.values()):
            groups = {group: text for match in matches.values() if match for group, text in match.groupdict().items()}
            yield {**original, **groups}
        else:
            lost = [name for name, match in matches.items() if not match]
            notes.left_out["row", f"the regular expression does not match {lost[0]}"] += 1
    barren = [name for name in patterns if not matched[name]]
    if barren:
        raise DocumentError(
            f"corpus.extract: the regular expression for {', '.join(barren)} matches no row of {corpus.file}.\n"
            f"Next: correct it in conf/corpus/{corpus.name}.yaml; `.` matches a line's end only after (?s)."
        )


def _entry(corpus: RecordedFile, record: Row, name: str, notes: _Notes) -> _Entry | None:
    """One answer of a row of the file; None where there is nothing to judge."""

    def value(column: str | None) -> Any:
        return None if column is None else record.get(column.replace(NAME, name))

    columns = corpus.columns
    question, answer, context = (text(value(column)) for column in (columns.question, columns.answer, columns.context))
    generator, references = text(value(columns.generator)), alternatives(value(columns.reference), corpus.reference_separator)
    grades = [grade for column in columns.scores for grade in each(value(column)) if not means_nothing(grade, corpus.verdicts)]
    labels = [label for label in each(value(columns.human)) if not means_nothing(label, corpus.human)]
    if question is None or not has_words(question):
        notes.left_out["row", "no question"] += 1
        return None
    if answer is None and not grades and not labels:
        notes.left_out["row", "neither an answer nor a verdict"] += 1
        return None
    generator = generator or name or "recorded"
    passage = document = content_id(question) if context is None else content_id(_title(context), context)
    group = text(value(columns.group))
    if group is not None:
        document = content_id("group", group)
        # The same answer to the same passage in two groups is two rows.
        passage = content_id(document, passage)
    entry = _Entry(
        {
            "answer_id": content_id(passage, generator, question, "\n".join(references) or None, answer),
            "question_id": content_id(passage, question),
            "document_id": document,
            "generator": generator,
            "question": question,
            "context": context,
            "reference": references or None,
            "answer": answer,
        }
    )
    for grade in grades:
        number = corpus.verdicts.get(plain(grade), score(grade))
        if number is None:
            notes.unknown[f"score {str(grade)[:60]!r}"] += 1
        elif corpus.lowest <= number <= corpus.highest:
            entry.levels.append(interpolate(round(from_scale(number, corpus.lowest, corpus.highest), _DECIMALS)))
        else:
            notes.left_out["score", f"not on the scale from {corpus.lowest} to {corpus.highest}"] += 1
            entry.out_of_range += 1
    for label in labels:
        meaning = corpus.human.get(plain(label))
        if meaning is None:
            notes.unknown[f"human label {str(label)[:60]!r}"] += 1
        else:
            entry.labels.append(meaning)
    return entry


def _row(entry: _Entry, notes: _Notes) -> Row:
    """An entry as a row of the table: the histogram of its scores, the class that most people gave."""
    votes = Counter(entry.labels).most_common()
    tied = len(votes) > 1 and votes[0][1] == votes[1][1]
    if tied:
        notes.left_out["human label", "as many say acceptable as unacceptable"] += 1
    levels = average(entry.levels) if entry.levels and entry.row["answer"] is not None else None
    reason = "out_of_range" if entry.out_of_range and entry.row["answer"] is not None else "no_verdict"
    return {
        **entry.row,
        "human_class": votes[0][0] if votes and not tied else None,
        "levels": None if levels is None else list(levels),
        "reason": reason if levels is None else None,
    }


def _title(text: str) -> str:
    """The first words of a passage."""
    words = text.split()
    return " ".join(words[:_TITLE_WORDS]) + (" …" if len(words) > _TITLE_WORDS else "")
