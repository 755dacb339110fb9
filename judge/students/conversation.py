"""What a language model is told of an item, in training and in judging alike."""

from judge.models import prompts
from judge.models.chat import Message
from judge.students.evidence import texts_of
from judge.students.options import WordedStudent
from judge.tables.items import Item
from judge.tables.levels import LEVELS


def conversation(option: WordedStudent, item: Item) -> list[Message]:
    """What a language model is told of an item with an answer, in training and in judging alike.

    Raises:
        StudentError: the evidence that the option needs is missing.
    """
    texts_of(item, option.evidence)
    text = prompts.fill(option.prompt, item._asdict(), "lines")
    system = [] if option.system is None else [{"role": "system", "content": option.system.strip()}]
    return [*system, {"role": "user", "content": text.strip()}]


# The verdict of each level. Whole tenths, because the tokenizers of GPT have each of them as a single token.
VERDICTS: tuple[str, ...] = tuple(str(step) for step in range(len(LEVELS)))
