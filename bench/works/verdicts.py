"""The asked teacher beside what else gives a verdict with the same chat model: llama-index's evaluators and transformers' pipeline."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from bench import rows, table, turns
from bench.effort import Effort, loaded_once, option
from bench.table import Line
from bench.turns import Contender, Work
from bench.works import answers, teachers
from judge.models import language_models
from judge.models.language_models import ModelSettings
from judge.tables.items import Item
from judge.teachers.local_chat import LocalChat

if TYPE_CHECKING:
    from transformers import Pipeline

WORK = "verdicts"
TEACHER = "qwen2.5-1.5b-verdicts"
_FAITHFULNESS_ROWS, _CORRECTNESS_ROWS, _DECISIONS = 6, 2, 9
# Correctness is told in a score and a reason: where the reason does not end by itself, it ends here.
_VERDICT_TOKENS, _REASON_TOKENS = 16, 128
_WARMING = 10**6


def measure(effort: Effort, model: ModelSettings | None = None) -> list[Line]:
    """Rows a second of the asked teacher against each, on rows of the same kind.

    Args:
        effort: how much.
        model: another model than the option names, for all of them; the peers have it in bfloat16 where it computes in bytes.
    """
    teacher = asked(model)
    chosen = teacher.prompt.model
    with loaded_once():
        ours = teachers.contender(effort, teacher)
        peers = [_faithfulness(effort, chosen), _correctness(effort, chosen), _decisions(effort, chosen)]
        seconds = turns.take([ours, *peers], effort.repeats, WORK)
    return [table.line(WORK, f"a verdict on a row, {TEACHER}", ours, peer, seconds, effort.machine) for peer in peers]


def asked(model: ModelSettings | None = None) -> LocalChat:
    """The asked teacher, with another model than its option names where one is given."""
    teacher: LocalChat = TypeAdapter(LocalChat).validate_python(option(f"teacher/{TEACHER}"))
    return teacher if model is None else teacher.model_copy(update={"prompt": teacher.prompt.model_copy(update={"model": model})})


def _one_by_one(effort: Effort, name: str, count: int, judge: Callable[[Item], Any]) -> Contender:
    for item in rows.items(effort.source, _WARMING, 1):
        judge(item)

    def prepare(turn: int) -> Work:
        items = rows.items(effort.source, turn * count, count)
        return lambda: [judge(item) for item in items]

    return Contender(name, count, prepare)


def _faithfulness(effort: Effort, model: ModelSettings) -> Contender:
    from llama_index.core.evaluation import FaithfulnessEvaluator

    llm, dtype = answers.one_at_a_time(model, _VERDICT_TOKENS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        evaluator = FaithfulnessEvaluator(llm=llm)
    return _one_by_one(
        effort,
        f"llama-index's FaithfulnessEvaluator, HuggingFaceLLM, {dtype}",
        effort.rows(_FAITHFULNESS_ROWS),
        lambda item: evaluator.evaluate(query=item.question, response=item.answer, contexts=[item.context or ""]),
    )


def _correctness(effort: Effort, model: ModelSettings) -> Contender:
    from llama_index.core.evaluation import CorrectnessEvaluator

    llm, dtype = answers.one_at_a_time(model, _REASON_TOKENS)
    # Its parser fails on a reply without a second line; the time is that of the reply.
    evaluator = CorrectnessEvaluator(llm=llm, parser_function=lambda reply: (None, reply))
    return _one_by_one(
        effort,
        f"llama-index's CorrectnessEvaluator, HuggingFaceLLM, {dtype}",
        effort.rows(_CORRECTNESS_ROWS),
        lambda item: evaluator.evaluate(query=item.question, response=item.answer, reference=item.context),
    )


def _decisions(effort: Effort, model: ModelSettings) -> Contender:
    dtype = "bfloat16" if model.dtype == "int8" else model.dtype
    loaded = language_models.load(model.model_copy(update={"dtype": dtype}))
    decide = _pipeline(loaded.model, loaded.tokenizer)
    instructions = "Is the statement fully supported by the passage?"

    def judge(item: Item) -> Any:
        state = f"Passage: {item.context}\n\nStatement: {item.answer}"
        return decide({"state": state, "questions": {"supported": {"type": "noul", "instructions": instructions}}})

    return _one_by_one(effort, f"transformers' DecisionPipeline, {dtype}", effort.rows(_DECISIONS), judge)


def _pipeline(model: Any, tokenizer: Any) -> "Pipeline":
    from transformers.pipelines.decision import DecisionPipeline

    return DecisionPipeline(model=model, tokenizer=tokenizer)
