"""llama-index's CorrectnessEvaluator as teacher: an answer against the reference answer, graded from 1 to 5.

The evaluator asks its LLM one prompt after the other. Here it runs twice: an LLM that knows no reply yet notes the
conversations, they are all asked together through the one door, and the second run finds their replies. Its own parser
raises on a reply without a second line, so ours takes its place.
"""

import re
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from judge.errors import JudgmentError
from judge.models import chat, verdicts
from judge.models.chat import ChatModel, ChatReply, Message
from judge.models.verdicts import Verdict
from judge.models.wires import Body, Failure
from judge.settings import Option
from judge.tables import levels
from judge.tables.levels import Judgment
from judge.tables.schema import Row
from judge.tables.usage import Usage

# The scale of the evaluator's own prompt.
_LOWEST, _HIGHEST = 1.0, 5.0


class Correctness(Option):
    """llama-index's CorrectnessEvaluator with a chat model."""

    kind: Literal["correctness"]
    chat: ChatModel

    # The statements of known truth have no reference answer to be held against.
    judges_probes: ClassVar[bool] = False


def judge(option: Correctness, items: Sequence[Row], budget_usd: float | None = None) -> list[Judgment]:
    """Judge answers against their references.

    Args:
        option: the teacher.
        items: rows with question, reference and answer; one without an answer is not asked about.
        budget_usd: dollars that all runs with this cache may pay together; None is no limit.

    Returns:
        One judgment for each, in order: 1 to 5 mapped onto [0, 1] and shared between the two neighbouring levels.

    Raises:
        JudgmentError: an item has no reference.
        BudgetError, ModelError, Planned: as `hosted.ask` raises them.
    """
    from judge.models import hosted

    asked = [place for place, item in enumerate(items) if item["answer"]]
    for place in asked:
        if not items[place]["reference"]:
            raise JudgmentError(
                f"The teacher {option.name} compares an answer with the reference answer; the question "
                f"{items[place]['question'][:80]!r} has none.\n"
                "Next: choose a teacher that judges against the passage, such as likelihood or openai, or a corpus with references.",
            )
    noted: list[list[Message]] = []
    hosted.run(_evaluate([items[place] for place in asked], [None] * len(asked), noted))
    bodies: list[Body] = [chat.body_of(option.chat, messages) for messages in noted]
    outcomes = chat.ask(option.chat, bodies, budget_usd=budget_usd, what="grade")
    judgments = [Judgment(None, "no_verdict", "verdict") for _ in items]
    answered: dict[int, tuple[str, Usage]] = {}
    for place, outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, Failure):
            said = outcome.detail if outcome.reason == "refused" else None
            judgments[place] = Judgment(None, outcome.reason, "verdict", said, outcome.usage)
        else:
            answered[place] = (_text(outcome), outcome.usage)
    results = hosted.run(_evaluate([items[place] for place in answered], [text for text, _ in answered.values()], []))
    for place, result in zip(answered, results, strict=True):
        judgments[place] = _read(result, answered[place][1])
    return judgments


def _text(reply: ChatReply) -> str:
    return reply.choices[0].text or ""


async def _evaluate(items: Sequence[Row], replies: Sequence[str | None], noted: list[list[Message]]) -> list[Any]:
    """Run the evaluator on each item with the reply to it; without one, the conversation that it asks is noted."""
    from llama_index.core.evaluation import CorrectnessEvaluator
    from llama_index.core.llms import ChatMessage, ChatResponse, CompletionResponse, CompletionResponseGen, CustomLLM, LLMMetadata

    class Known(CustomLLM):
        """An LLM that says what it is told to, and notes what it is asked."""

        reply: str | None

        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(is_chat_model=True, context_window=1_000_000, model_name="known")

        async def achat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
            noted.append([{"role": message.role.value, "content": message.content or ""} for message in messages])
            return ChatResponse(message=ChatMessage(role="assistant", content=self.reply or ""))

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
            raise NotImplementedError

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponseGen:
            raise NotImplementedError

    return [
        await CorrectnessEvaluator(llm=Known(reply=reply), parser_function=_parse).aevaluate(
            query=_plain(item["question"]), response=_plain(item["answer"]), reference=_plain(item["reference"])
        )
        for item, reply in zip(items, replies, strict=True)
    ]


def _plain(text: str) -> str:
    """A text that opens no section of the evaluator's prompt, whose headings begin with ##."""
    return re.sub(r"^(\s*)#", r"\1\\#", text, flags=re.MULTILINE)


def _parse(text: str) -> tuple[float | None, str | None]:
    """What the evaluator takes for score and feedback; where there is no score, the feedback is the reason."""
    found = verdicts.parse(text, _LOWEST, _HIGHEST)
    return (found.value, found.rationale) if isinstance(found, Verdict) else (None, found)


def _read(result: Any, usage: Usage) -> Judgment:
    if result.score is None:
        return Judgment(None, result.feedback, "verdict", None, usage)
    return Judgment(levels.interpolate(levels.from_scale(result.score, _LOWEST, _HIGHEST)), None, "verdict", result.feedback, usage)
