"""What a language model is told of an item, in training and in judging alike."""

from typing import Any

from judge.models import prompts
from judge.models.chat import Message
from judge.students.evidence import require
from judge.students.options import WordedStudent
from judge.tables.items import Item
from judge.tables.levels import LEVELS

# The verdict of each level. Whole tenths, because the tokenizers of GPT have each of them as a single token.
VERDICTS: tuple[str, ...] = tuple(str(step) for step in range(len(LEVELS)))

# Where a student keeps the conversations that it was trained on.
TRAINING_FILE = "train.jsonl"


def conversation(option: WordedStudent, item: Item) -> list[Message]:
    """The messages about an item with an answer, up to where the verdict is due.

    Raises:
        StudentError: the evidence that the option needs is missing.
    """
    require(item, option.evidence)
    text = prompts.fill(option.prompt, item.texts, "lines")
    system = [] if option.system is None else [{"role": "system", "content": option.system.strip()}]
    return [*system, {"role": "user", "content": text.strip()}]


def copies_text(option: WordedStudent, training: dict[str, Any]) -> str:
    """The sentences of a model card that say what such a student was trained for, and on how many conversations."""
    return (
        f"The objective is α·CE + (1 - α)·KL with α = {training['alpha']}, reached through the data: of each row's {option.copies} copies "
        "a share α carries the\nlevel that the teacher reported, the others carry levels drawn from its distribution. "
        f"`{TRAINING_FILE}` holds them, {training['examples']} examples."
    )
