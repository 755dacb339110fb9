"""What a local chat model is asked of an answer, as option files write it, and how the question is put to it.

The prompt comes in three pieces, so that what many answers share is read once: the passage, the answer, and what is asked of it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from judge.models import local_chat, prompts
from judge.models.contests import Contest
from judge.models.language_models import ModelSettings
from judge.models.local_chat import Conversation, Reading, Shared
from judge.settings import Settings
from judge.tables.items import Item

FIELDS = ("question", "context", "reference", "answer", "claim")
# Words of an answer that says nothing without its question, such as a name or a year, at most.
_FRAGMENT = 5
# What stands in the prompt where an item has no passage or no reference: the judge is told, rather than shown an empty section.
_NONE = "(none given)"


class Prompt(Settings):
    """The pieces of the user's message before what is asked, and the model that gets it."""

    model: ModelSettings
    system: str | None = Field(description="the system's message; null for none")
    passage: str = Field(description="how the message begins, with {context} within a tag of its own; read once for all answers")
    answer: str = Field(
        description="then {answer}, or {claim}, which is the answer, after its question where it has five words at most; and, if all that "
        "is asked shall see them, {question} and {reference}; each within its tag"
    )
    window: int = Field(
        ge=256, le=131072, description="tokens of a prompt, at most; a longer passage is judged on its first part, and counted"
    )

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        if "{context}" not in self.passage or not re.search(r"\{(?:answer|claim)\}", self.answer):
            message = "{context} in `passage`, {answer} or {claim} in `answer`"
            raise ValueError(message)
        _require_tags(self.passage)
        _require_tags(self.answer)
        return self


class Question(Settings):
    """A question that is answered with Yes or No."""

    prompt: str = Field(
        description="what asks for Yes or No; {question} and {reference} may stand in it, each within its tag; empty where the pieces "
        "before it ask already"
    )
    needs: Literal["context", "reference"] | None = Field(description="asked only where the item has this; null: always")

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        _require_tags(self.prompt)
        return self


YES_NO: Mapping[str, Sequence[str]] = {"yes": ("Yes", " Yes", "yes", " yes", "YES"), "no": ("No", " No", "no", " no", "NO")}


def conversation(prompt: Prompt, item: Item, asked: str, cue: str = "", contests: Sequence[Contest] = ()) -> Conversation:
    """The conversation about one item, in which no text of the item can open or close a section of the prompt.

    `contests` are pieces of the answer; they are left out where the answer had to be altered for the prompt.
    """
    texts = item.texts | {"claim": _claim(item)}
    whole = f"{prompt.passage}{prompt.answer}{asked}"
    before, _, after = prompt.passage.partition("{context}")
    material, own, said = (prompts.fill(piece, texts, "tags", _NONE, whole) for piece in ("{context}", prompt.answer, asked))
    # The answer ends its claim, and what follows both is the prompt's own.
    answer = item.answer or ""
    at = own.rfind(answer, 0, len(own) - len(re.split(r"\{(?:answer|claim)\}", prompt.answer)[-1]))
    moved = tuple(one._replace(start=one.start + at, end=one.end + at) for one in contests) if at >= 0 else ()
    return Conversation(Shared(prompt.system, before, material, after), own, said.strip(), cue, moved)


def _claim(item: Item) -> str | None:
    """What an answer says: "1877" says something only after its question."""
    if item.answer is None or len(item.answer.split()) > _FRAGMENT:
        return item.answer
    return f"{item.question} {item.answer}"


def _require_tags(text: str) -> None:
    """Refuse a piece of a prompt in which an item's text could pose as the judge's own words: tags are what no text can write."""
    for field in re.findall(r"\{(" + "|".join(FIELDS) + r")\}", text):
        if not re.search(rf"<(\w+)>\s*\{{{field}\}}\s*</\1>", text):
            message = f"a prompt in which {{{field}}} stands within a tag of its own, as in <{field}>{{{field}}}</{field}>"
            raise ValueError(message)


def ask(
    prompt: Prompt,
    items: Sequence[Item],
    questions: Mapping[str, Question],
    cues: Sequence[str] | None = None,
    contests: Sequence[Sequence[Contest]] | None = None,
) -> list[dict[str, Reading]]:
    """Ask each question of each item that has what it needs.

    Args:
        prompt: how they are put.
        items: with answers.
        questions: by name.
        cues: how the model's turn begins, for each item; None: with the verdict itself.
        contests: for each item the pieces of its answer that other texts could stand in the place of; None: none.

    Returns:
        For each item the readings of "yes" and "no" by the question's name, in order.

    Raises:
        PinError, ModelError, Planned: as `local_chat.read` raises them.
    """
    wanted = [
        (index, name)
        for index, item in enumerate(items)
        for name, question in questions.items()
        if question.needs is None or getattr(item, question.needs)
    ]
    conversations = [
        conversation(
            prompt,
            items[index],
            questions[name].prompt,
            "" if cues is None else cues[index],
            () if contests is None else contests[index],
        )
        for index, name in wanted
    ]
    readings: list[dict[str, Reading]] = [{} for _ in items]
    for (index, name), reading in zip(wanted, local_chat.read(prompt.model, conversations, YES_NO, prompt.window), strict=True):
        readings[index][name] = reading
    return readings
