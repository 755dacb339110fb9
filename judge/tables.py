r"""The tables: their columns, types, keys and meaning, stated once; the only reader and writer of them.

A table is a UTF-8 file with one JSON object a line, sorted by key, `\n` at the end of each line, floats in full precision, no NaN.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from judge import atomic
from judge.errors import TableError
from judge.levels import LEVELS, Judgment
from judge.usage import Usage, total

Row = dict[str, Any]


class Column(NamedTuple):
    """A column: the type of its values, what they mean, and whether null may stand there."""

    name: str
    type: str
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Table:
    """A kind of table: where it lies, what one row is, the column that is its key, and all its columns in order."""

    name: str
    path: str
    row: str
    key: str
    columns: tuple[Column, ...]


_QUESTION = Column("question", "text", "the question asked of the passage")
_CONTEXT = Column("context", "text", "the passage, as a retriever would have returned it")
_CONTEXT_IF_ANY = Column("context", "text", "the passage; null where recorded judgments have none", nullable=True)
_REFERENCE = Column("reference", "text", "the answer that the questioner gave", nullable=True)
_LEVELS = Column("levels", "levels", "the probability of each level 0.0, 0.1, … 1.0", nullable=True)
_SCORE = Column("score", "unit", "the mean of the levels", nullable=True)
_CALLS = (
    Column("calls", "count", "replies of a hosted model behind the row; null for a model that runs here", nullable=True),
    Column("prompt_tokens", "count", "tokens sent for it", nullable=True),
    Column("completion_tokens", "count", "tokens that came back", nullable=True),
    Column("usd", "amount", "dollars for them, at the option's prices", nullable=True),
)
_HUMAN = Column(
    "human_class", "text", "what people say of the answer, acceptable or unacceptable; null where nobody was asked", nullable=True
)
_REASON = Column("reason", "text", "why there is no score: no_verdict, out_of_range, refused or error", nullable=True)

DOCUMENTS = Table(
    "documents",
    "data/documents.jsonl",
    "a document",
    "document_id",
    (
        Column("document_id", "text", "hash of title and text"),
        Column("title", "text", "its title"),
        Column("text", "text", "its plain text"),
        Column("source", "text", "the corpus, with its version, or the file that it came from"),
    ),
)
BACKGROUND = Table("background", "data/background.jsonl", "a document that no question is asked of", "document_id", DOCUMENTS.columns)
CHUNKS = Table(
    "chunks",
    "data/chunks.jsonl",
    "a passage",
    "chunk_id",
    (
        Column("chunk_id", "text", "hash of document_id, position and text"),
        Column("document_id", "text", "the document that it is cut from"),
        Column("position", "count", "its place in the document, from 0"),
        Column("title", "text", "the title of the document"),
        Column("text", "text", "the passage"),
    ),
)
QUESTIONS = Table(
    "questions",
    "data/questions.jsonl",
    "a question with its reference answer",
    "question_id",
    (
        Column("question_id", "text", "hash of chunk_id and question"),
        Column("chunk_id", "text", "the passage that it is asked of"),
        _QUESTION,
        _REFERENCE,
        *_CALLS,
    ),
)
ANSWERS = Table(
    "answers",
    "data/answers/GENERATOR.jsonl",
    "one generator's answer",
    "answer_id",
    (
        Column("answer_id", "text", "hash of question_id, generator and answer"),
        Column("question_id", "text", "the question that it answers"),
        Column("generator", "text", "the option of conf/generator that wrote it"),
        Column("answer", "text", "the answer; null where the model returned nothing", nullable=True),
        *_CALLS,
    ),
)

RECORDED = Table(
    "recorded",
    "data/recorded/answers.jsonl",
    "an answer that was given and judged before this project; the table is empty unless the corpus is a recorded one",
    "answer_id",
    (
        Column("answer_id", "text", "hash of document_id, generator, question, reference and answer"),
        Column("question_id", "text", "hash of document_id and question"),
        Column("document_id", "text", "hash of the passage; of the question where there is none"),
        Column("generator", "text", "who wrote the answer; `recorded` where that is not known"),
        _QUESTION,
        _CONTEXT_IF_ANY,
        _REFERENCE,
        Column("answer", "text", "the answer itself", nullable=True),
        _HUMAN,
        Column("levels", "levels", "the histogram of the recorded scores over the levels", nullable=True),
        Column("reason", "text", "why there are no levels: no_verdict or out_of_range", nullable=True),
    ),
)


def _no_twice(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        message = "each generator once"
        raise ValueError(message)
    return names


Generators = Annotated[
    list[str],
    Field(min_length=1, description="the options of conf/generator that answer every question"),
    AfterValidator(_no_twice),
]
"""The setting `generators`: which answer tables there are."""


def answers_of(generator: str) -> Table:
    """The answers table of one generator."""
    return replace(ANSWERS, path=ANSWERS.path.replace("GENERATOR", generator))


JUDGMENTS = Table(
    "judgments",
    "data/scores/JUDGE.jsonl, data/scores/probes/JUDGE.jsonl",
    "one judge's judgment of an answer or of a probe",
    "item_id",
    (
        Column("item_id", "text", "the answer_id or probe_id that is judged"),
        _LEVELS,
        _SCORE,
        _REASON,
        Column("source", "text", "where the levels are from: logprobs, samples, verdict, decision, recorded, or model: one of ours"),
        Column("rationale", "text", "what the judge wrote besides its verdict", nullable=True),
        *_CALLS,
    ),
)
TEACHER_SCORES = replace(JUDGMENTS, path="data/scores/teacher.jsonl")
STUDENT_SCORES = replace(JUDGMENTS, path="data/scores/student.jsonl")
BASELINE_SCORES = replace(JUDGMENTS, path="data/scores/baseline.jsonl")


def probe_scores(judge: str) -> Table:
    """The judgments table of one judge on the probes."""
    return replace(JUDGMENTS, path=f"data/scores/probes/{judge}.jsonl")


DATASET = Table(
    "dataset",
    "data/dataset.jsonl",
    "a question, an answer and what the teacher says of it",
    "answer_id",
    (
        Column("answer_id", "text", "the answer"),
        Column("question_id", "text", "its question"),
        Column("document_id", "text", "the document of its passage"),
        Column("generator", "text", "who wrote the answer"),
        _QUESTION,
        _CONTEXT_IF_ANY,
        _REFERENCE,
        Column("answer", "text", "the answer itself", nullable=True),
        _HUMAN,
        Column("teacher_levels", "levels", "the teacher's probability of each level", nullable=True),
        Column("teacher_score", "unit", "the mean of those levels", nullable=True),
        Column("teacher_class", "text", "acceptable: score strictly above label.threshold; else unacceptable", nullable=True),
        Column("reason", "text", "why there is no score", nullable=True),
    ),
)
TRAIN = replace(DATASET, name="train", path="data/train.jsonl")
TEST = replace(DATASET, name="test", path="data/test.jsonl")
TEST_DOCUMENTS = Table(
    "test_documents",
    "data/test_documents.jsonl",
    "a document that has rows in test",
    "document_id",
    (Column("document_id", "text", "the document"),),
)
PROBES = Table(
    "probes",
    "data/probes.jsonl",
    "a statement whose truth is known by construction",
    "probe_id",
    (
        Column("probe_id", "text", "hash of document, kind, question and statement"),
        Column("document_id", "text", "the document of its passage"),
        Column("kind", "text", "how it was made: sentence, replaced_number, exchanged_names, …"),
        _QUESTION,
        _CONTEXT,
        Column("answer", "text", "the statement, judged as an answer"),
        Column("truth", "flag", "true where the passage says it"),
    ),
)

ALL: tuple[Table, ...] = (
    DOCUMENTS,
    BACKGROUND,
    CHUNKS,
    QUESTIONS,
    ANSWERS,
    RECORDED,
    JUDGMENTS,
    DATASET,
    TRAIN,
    TEST,
    TEST_DOCUMENTS,
    PROBES,
)


def read(table: Table) -> list[Row]:
    """Read and check a table from its path.

    Raises:
        TableError: the file is missing or not UTF-8, or a line is no JSON object, lacks a column, has one too many,
            holds null where none may be or a value of another type, or repeats a key. The message names file and line.
    """
    path = Path(table.path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `dvc repro` makes it, `dvc pull` fetches it.") from None
    except UnicodeDecodeError as error:
        raise _corrupt(table.path, _line_at(path, error.start), f"byte {error.start} is not UTF-8") from None
    return parse(table, text, str(path))


def read_answers(generators: Sequence[str]) -> list[Row]:
    """The answers of several generators, one after the other; raises as `read` does."""
    return [row for generator in generators for row in read(answers_of(generator))]


def judgment_rows(ids: Sequence[str], judgments: Sequence[Judgment]) -> list[Row]:
    """Judgments as rows of a judgments table, each under the id of what is judged."""
    return [
        {
            "item_id": item_id,
            "levels": None if judgment.levels is None else list(judgment.levels),
            "score": judgment.score,
            "reason": judgment.reason,
            "source": judgment.source,
            "rationale": judgment.rationale,
            **calls(judgment.usage),
        }
        for item_id, judgment in zip(ids, judgments, strict=True)
    ]


def calls(usage: Usage | None) -> Row:
    """The columns that say what a row took of a hosted model; all null for a model that runs here."""
    if usage is None:
        return dict.fromkeys(column.name for column in _CALLS)
    return {column.name: getattr(usage, column.name) for column in _CALLS}


def usage_of(rows: Iterable[Row]) -> Usage | None:
    """The sum of those columns; None where no row has any."""
    found = [Usage(*(row[column.name] for column in _CALLS)) for row in rows if row["calls"] is not None]
    return total(found)


def parse(table: Table, text: str, path: str) -> list[Row]:
    """Check the text of a table that comes from `path`; raises as `read` does."""
    rows: list[Row] = []
    first_lines: dict[str, int] = {}
    # Only \n ends a row: str.splitlines would also break at characters that models write inside a text.
    lines = text.split("\n")
    if lines[-1]:
        raise _corrupt(path, len(lines), "the line has no end; the file was cut off")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            row = json.loads(line, parse_constant=_refuse_constant)
        except ValueError as error:
            raise _corrupt(path, number, f"no valid JSON ({error})") from None
        fault = _fault(table, row)
        if fault:
            raise _corrupt(path, number, fault)
        key = row[table.key]
        if key in first_lines:
            raise _corrupt(path, number, f"{table.key} {key!r} stands on line {first_lines[key]} already")
        first_lines[key] = number
        rows.append(row)
    return rows


def write(table: Table, rows: Iterable[Row]) -> None:
    """Write a table to its path, sorted by its key, whole or not at all.

    Raises:
        TableError: a row breaks the table's rules, or two rows share a key; nothing is written.
        JudgeError: the disk is full or the folder cannot be written.
    """
    ordered = sorted(rows, key=lambda row: str(row.get(table.key)))
    for number, row in enumerate(ordered, start=1):
        fault = _fault(table, row)
        if not fault and number > 1 and ordered[number - 2][table.key] == row[table.key]:
            fault = f"{table.key} {row[table.key]!r} stands there twice"
        if fault:
            raise TableError(f"{table.path} was not written: in row {number}, {fault}. This is a fault of the stage that makes it.")
    names = [column.name for column in table.columns]
    lines = [json.dumps({name: row[name] for name in names}, ensure_ascii=False, allow_nan=False) + "\n" for row in ordered]
    atomic.write_text(Path(table.path), "".join(lines))


def _line_at(path: Path, offset: int) -> int:
    return path.read_bytes()[:offset].count(b"\n") + 1


def as_markdown(tables: Iterable[Table] = ALL) -> str:
    """The README's table of tables."""
    lines = ["| table | a row is | key | columns |", "|---|---|---|---|"]
    for table in tables:
        columns = ", ".join(f"`{column.name}`" for column in table.columns)
        lines.append(f"| {table.path} | {table.row} | `{table.key}` | {columns} |")
    return "\n".join(lines) + "\n"


def _fault(table: Table, row: Any) -> str | None:
    """What is wrong with a row, or None."""
    if not isinstance(row, dict):
        return f"a JSON object is needed, got {type(row).__name__}"
    names = {column.name for column in table.columns}
    missing = [column.name for column in table.columns if column.name not in row]
    if missing:
        return f"the column {', '.join(missing)} is missing"
    extra = sorted(set(row) - names)
    if extra:
        return f"there is no column {', '.join(extra)} in this table"
    for column in table.columns:
        value = row[column.name]
        if value is None:
            if not column.nullable:
                return f"{column.name} is null, and may not be"
        elif not _TYPES[column.type](value):
            return f"{column.name} has to be {_TYPE_WORDS[column.type]}, got {str(value)[:60]!r}"
    return None


def _is_unit(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= 1.0


def _is_levels(value: Any) -> bool:
    tolerance = 1e-6
    return (
        isinstance(value, list | tuple)
        and len(value) == len(LEVELS)
        and all(_is_unit(mass) for mass in value)
        and abs(math.fsum(value) - 1.0) <= tolerance
    )


_TYPES = {
    "text": lambda value: isinstance(value, str) and value != "",
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "amount": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0,
    "flag": lambda value: isinstance(value, bool),
    "unit": _is_unit,
    "levels": _is_levels,
}
_TYPE_WORDS = {
    "text": "a text that is not empty",
    "count": "a whole number from 0",
    "amount": "a number from 0",
    "flag": "true or false",
    "unit": "a number from 0 to 1",
    "levels": f"{len(LEVELS)} probabilities that sum to 1",
}


def _refuse_constant(name: str) -> Any:
    message = f"{name} is no JSON number"
    raise ValueError(message)


def _corrupt(path: str, line: int, what: str) -> TableError:
    return TableError(
        f"{path}, line {line}: {what}.\n"
        "Next: tables are made by the stages and not edited by hand; `dvc checkout --force` restores it, `dvc repro` makes it again.",
    )
