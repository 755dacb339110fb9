"""Answers written by a generator that runs here, beside llama-index's HuggingFaceLLM with one prompt at a time."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from bench import rows, table, turns
from bench.effort import Effort, loaded_once, option
from bench.table import Line
from bench.turns import Contender, Work
from judge.dataset.local_generator import HuggingFace
from judge.models import language_models
from judge.models.language_models import ModelSettings
from judge.models.local_llm import LocalLLM
from judge.tables.items import Item

if TYPE_CHECKING:
    from llama_index.llms.huggingface import HuggingFaceLLM

WORK = "answers"
GENERATORS = ("smollm2-passage", "qwen2.5-1.5b-own-words")
# Answers of ours in a turn, about as many as the default run writes, and of the peer, which takes the first of the same prompts: one at a
# time, its rate depends on no other.
_ROWS = {"smollm2-passage": (96, 12), "qwen2.5-1.5b-own-words": (96, 6)}
_TO_REACH = 5.0
_WARMING = 10**6


def measure(effort: Effort, names: Sequence[str] = GENERATORS) -> list[Line]:
    """Answers a second of each generator, one of three answers to a passage of about 230 tokens, against the peer's."""
    found = []
    for name in names:
        generator: HuggingFace = TypeAdapter(HuggingFace).validate_python(option(f"generator/{name}"))
        most, peers = (effort.rows(usual) for usual in _ROWS[name])
        with loaded_once():
            own, peer = ours(effort, generator, most), _peer(effort, generator, most, peers)
            seconds = turns.take([own, peer], effort.repeats, f"{WORK}, {name}")
        found.append(table.line(WORK, f"write answers with {name}", own, peer, seconds, effort.machine, _TO_REACH))
    return found


def prompts(generator: HuggingFace, items: Sequence[Item]) -> list[str]:
    """What the generator is asked."""
    return [generator.prompt.format(context=item.context, question=item.question) for item in items]


def ours(effort: Effort, generator: HuggingFace, count: int) -> Contender:
    """A generator of ours, its model loaded and warm; its n is `count`."""
    llm = LocalLLM(generator.model, generator.decoding, is_chat=generator.is_chat, seed=0)
    llm.complete(prompts(generator, rows.items(effort.source, _WARMING, 1)), "answer")

    def prepare(turn: int) -> Work:
        asked = prompts(generator, rows.items(effort.source, turn * count, count))
        return lambda: llm.complete(asked, "answer")

    return Contender(f"ours, {generator.model.dtype}", count, prepare)


def _peer(effort: Effort, generator: HuggingFace, ours: int, count: int) -> Contender:
    llm, dtype = one_at_a_time(generator.model, generator.decoding.max_new_tokens, generator.decoding.stop)
    _complete(llm, prompts(generator, rows.items(effort.source, _WARMING, 1)))

    def prepare(turn: int) -> Work:
        asked = prompts(generator, rows.items(effort.source, turn * ours, count))
        return lambda: _complete(llm, asked)

    return Contender(f"HuggingFaceLLM one at a time, {dtype}", count, prepare)


def one_at_a_time(settings: ModelSettings, max_new_tokens: int, stop: Sequence[str] = ()) -> "tuple[HuggingFaceLLM, str]":
    """llama-index's HuggingFaceLLM of a model, in bfloat16 where ours computes in bytes, which transformers does not; and its dtype.

    Args:
        settings: the model.
        max_new_tokens: tokens of a reply, at most.
        stop: texts at which a reply ends; it ends after a token that has one of them.
    """
    from llama_index.llms.huggingface import HuggingFaceLLM

    dtype = "bfloat16" if settings.dtype == "int8" else settings.dtype
    loaded = language_models.load(settings.model_copy(update={"dtype": dtype}))
    tokenizer: Any = loaded.tokenizer
    ends = [id_ for id_ in range(len(tokenizer)) if any(text in tokenizer.decode([id_]) for text in stop)] if stop else []
    with warnings.catch_warnings():
        # pydantic warns about llama-index's own field names.
        warnings.simplefilter("ignore")
        llm = HuggingFaceLLM(
            model=loaded.model,
            tokenizer=tokenizer,
            max_new_tokens=max_new_tokens,
            context_window=int(getattr(loaded.model.config, "max_position_embeddings", 2048)),
            generate_kwargs={"do_sample": False, "pad_token_id": tokenizer.pad_token_id},
            stopping_ids=[*ends, tokenizer.eos_token_id],
            is_chat_model=True,
        )
    return llm, dtype


def _complete(llm: "HuggingFaceLLM", asked: Sequence[str]) -> list[str]:
    from llama_index.core.llms import ChatMessage

    return [str(llm.chat([ChatMessage(role="user", content=prompt)]).message.content) for prompt in asked]
