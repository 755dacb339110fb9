"""The training file of a chat model: one conversation a line, each ending with a verdict; written, and checked, here.

A server checks a file only after it was uploaded, and says little; so its rules are checked before (OpenAI's guide to
supervised fine-tuning, November 2026).
"""

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import reported
from judge.distillation.verdict_copies import counts
from judge.errors import StudentError
from judge.models import wires
from judge.models.chat import Message
from judge.students.conversation import VERDICTS, conversation
from judge.students.options import WordedStudent
from judge.tables.identity import shuffled
from judge.tables.items import Item
from judge.tables.schema import Row

FEWEST_EXAMPLES = 10
# Of the gpt-4o and gpt-4.1 families; a longer example would be cut, and its end is the verdict.
MOST_EXAMPLE_TOKENS = 65_536
MOST_BYTES = 512 * 1024**2
_FAULTS_SHOWN = 10


class Example(NamedTuple):
    """A training row as a conversation without its verdict, and how many copies carry each of the 11 verdicts."""

    row_id: str
    messages: list[Message]
    counts: tuple[int, ...]


class Facts(NamedTuple):
    """What a training file holds: examples, and about how many tokens, each example once."""

    examples: int
    tokens: int


def examples(rows: Sequence[Row], option: WordedStudent, settings: DistilSettings, seed: int) -> list[Example]:
    """Rows of the dataset table that the teacher has judged, as examples, in order.

    Where people's class is learnt and a row has none, all its copies carry levels drawn from the teacher's distribution.

    Raises:
        StudentError: the evidence that the option needs is missing.
    """

    def verdicts(row: Row) -> tuple[int, ...]:
        said = reported(row, settings.target)
        score, alpha = (0.0, 0.0) if said is None else (said, settings.alpha)
        return counts(row["teacher_levels"], score, alpha, option.copies, seed, row["answer_id"])

    return [Example(row["answer_id"], conversation(option, Item.of(row)), verdicts(row)) for row in rows]


def write(taught: Sequence[Example], seed: int) -> str:
    """The text of a training file: each example as often as it has copies, all of them shuffled."""
    lines = {
        f"{example.row_id} {verdict} {copy}": json.dumps(
            {"messages": [*example.messages, {"role": "assistant", "content": verdict}]}, ensure_ascii=False
        )
        for example in taught
        for verdict, count in zip(VERDICTS, example.counts, strict=True)
        for copy in range(count)
    }
    return "".join(f"{lines[name]}\n" for name in shuffled(lines, seed, "examples"))


def check(text: str, name: str, fewest: int = FEWEST_EXAMPLES) -> Facts:
    """Check a training file as its server would.

    Args:
        text: the file.
        name: what the message calls it.
        fewest: examples that it has to have.

    Raises:
        StudentError: a line is no example, or the file is too short or too large; each fault with its line.
    """
    faults: list[str] = []
    tokens = 0
    counted: dict[str, int] = {}
    lines = text.split("\n")
    if lines[-1]:
        faults.append(f"line {len(lines)}: it has no end; the file was cut off")
    for number, line in enumerate(lines[:-1], start=1):
        fault, texts = _read(line)
        if fault is None:
            length = _tokens(texts, counted)
            tokens += length
            if length > MOST_EXAMPLE_TOKENS:
                fault = f"it has about {length} tokens, {MOST_EXAMPLE_TOKENS} are read at most"
        if fault is not None:
            faults.append(f"line {number}: {fault}")
    count = len(lines) - 1
    if count < fewest:
        faults.append(f"it has {count} examples, at least {fewest} are needed")
    size = len(text.encode())
    if size > MOST_BYTES:
        faults.append(f"it has {size} bytes, {MOST_BYTES} are taken at most")
    if faults:
        shown = "\n".join(faults[:_FAULTS_SHOWN]) + (f"\n... and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else "")
        raise StudentError(
            f"{name} cannot be used for fine-tuning:\n{shown}\n"
            "Next: more rows or more `copies` make a longer file, a lower chunk.size makes shorter examples (conf/student, params.yaml)."
        )
    return Facts(count, tokens)


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    role: Literal["system", "user", "assistant"]
    content: str = Field(pattern=r"\S")


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    messages: list[_Message]


def _read(line: str) -> tuple[str | None, list[str]]:
    """What is wrong with a line, or None; and the texts of its messages."""
    try:
        messages = _Line.model_validate_json(line).messages
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        return f"{where}: {fault['msg']}" if where else fault["msg"], []
    roles = [message.role for message in messages]
    turns = roles[roles[:1] == ["system"] :]
    if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
        return "after a system's message, if any, user and assistant have to take turns, and the assistant has to be the last", []
    return None, [message.content for message in messages]


def _tokens(texts: Sequence[str], counted: dict[str, int]) -> int:
    """About how many tokens an example has: each message its text and four for its frame, and three at the end."""
    for text in texts:
        if text not in counted:
            counted[text] = wires.count_tokens(text)
    return sum(counted[text] + 4 for text in texts) + 3
