"""llama-index's CorrectnessEvaluator as teacher: an answer against the reference answer, graded from 1 to 5.

The evaluator asks its LLM one prompt after the other. Here it runs twice: an LLM that knows no reply yet notes the
conversations, they are all asked together, and the second run is given their replies. Its own parser
raises on a reply without a second line, so ours takes its place.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

from judge.errors import JudgmentError
from judge.models import chat, verdicts
from judge.models.chat import ChatModel, Message
from judge.models.chat_replies import ChatReply
from judge.models.verdicts import Verdict
from judge.models.wires import Body, Failure
from judge.tables import levels
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment
from judge.tables.usage import Usage
from judge.teachers.calibration import Calibration
from judge.teachers.teacher import TeacherOption

# The scale of the evaluator's own prompt.
_LOWEST, _HIGHEST = 1.0, 5.0


class Correctness(TeacherOption):
    """llama-index's CorrectnessEvaluator with a chat model.

    It is not probed: the statements of known truth have no reference answer to be held against.
    """

    kind: Literal["correctness"]
    chat: ChatModel

    def judge(
        self,
        items: Sequence[Item],
        calibration: Calibration | None = None,  # noqa: ARG002 - nothing is fitted
        budget_usd: float | None = None,
    ) -> list[Judgment]:
        """Judge answers against their references: 1 to 5 mapped onto [0, 1] and shared between the two neighbouring levels.

        Raises:
            JudgmentError: an item has no reference.
            BudgetError, ModelError, Planned: as `hosted.ask` raises them.
        """
        from judge.models import hosted

        asked = [index for index, item in enumerate(items) if has_words(item.answer)]
        for index in asked:
            _require_reference(items[index], self.name)
        noted: list[list[Message]] = []
        hosted.run(_evaluate([items[index] for index in asked], [None] * len(asked), noted))
        bodies: list[Body] = [chat.body_of(self.chat, messages) for messages in noted]
        outcomes = chat.ask(self.chat, bodies, budget_usd=budget_usd, what="grade")
        judgments = [Judgment(None, "no_verdict", "verdict") for _ in items]
        answered: dict[int, tuple[str, Usage]] = {}
        for index, outcome in zip(asked, outcomes, strict=True):
            if isinstance(outcome, Failure):
                said = outcome.detail if outcome.reason == "refused" else None
                judgments[index] = Judgment(None, outcome.reason, "verdict", said, outcome.usage)
            else:
                answered[index] = (_text(outcome), outcome.usage)
        results = hosted.run(_evaluate([items[index] for index in answered], [text for text, _ in answered.values()], []))
        for index, result in zip(answered, results, strict=True):
            judgments[index] = _read(result, answered[index][1])
        return judgments


def _require_reference(item: Item, teacher: str) -> None:
    if not item.reference:
        raise JudgmentError(
            f"The teacher {teacher} compares an answer with the reference answer; the question {item.question[:80]!r} has none.\n"
            "Next: choose a teacher that judges against the passage, such as likelihood or openai, or a corpus with references.",
        )


def _text(reply: ChatReply) -> str:
    return reply.choices[0].text or ""


async def _evaluate(items: Sequence[Item], replies: Sequence[str | None], noted: list[list[Message]]) -> list[Any]:
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
            query=_plain(item.question), response=_plain(item.answer or ""), reference=_plain(item.texts["reference"] or "")
        )
        for item, reply in zip(items, replies, strict=True)
    ]


def _plain(text: str) -> str:
    """A text that opens no section of the evaluator's prompt, whose headings begin with ##."""
    return re.sub(r"^(\s*)#", r"\1\\#", text, flags=re.MULTILINE)


def _parse(text: str) -> tuple[float | None, str | None]:
    """What the evaluator takes for score and feedback; where there is no score, the feedback is the reason."""
    verdict = verdicts.parse(text, _LOWEST, _HIGHEST)
    return (verdict.value, verdict.rationale) if isinstance(verdict, Verdict) else (None, verdict)


def _read(result: Any, usage: Usage) -> Judgment:
    if result.score is None:
        return Judgment(None, result.feedback, "verdict", None, usage)
    return Judgment(levels.interpolate(levels.from_scale(result.score, _LOWEST, _HIGHEST)), None, "verdict", result.feedback, usage)
