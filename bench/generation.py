"""Answers of a local model: this project's batches beside llama-index's HuggingFaceLLM, one prompt at a time, on the same texts.

    python bench/generation.py [generator=qwen2.5-1.5b-own-words] [texts=32] [repeats=3] [threads=1]

Needs the tables of a run (data/questions.jsonl, data/chunks.jsonl) and the models of the option. Both read the same prompts and end at
the same stop texts; the peer computes in bfloat16, as a user would load it, ours as the option says. They run in turn. The figure is
processor time, and with one thread no other work on the machine lengthens it by waiting.
"""

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
import yaml
from llama_index.core.llms import ChatMessage
from llama_index.llms.huggingface import HuggingFaceLLM

from judge import tables
from judge.dataset.asking import prompt_of
from judge.dataset.local_generator import HuggingFace
from judge.models import language_models
from judge.models.batched_llm import padded_length
from judge.models.local_llm import LocalLLM


def _options() -> dict[str, str]:
    given = {"generator": "qwen2.5-1.5b-own-words", "texts": "32", "repeats": "3", "threads": "1"}
    return given | dict(argument.split("=", 1) for argument in sys.argv[1:])


def _generator(name: str) -> HuggingFace:
    with open(f"conf/generator/{name}.yaml", encoding="utf-8") as file:  # noqa: PTH123 - a name, not a path of the user's
        return HuggingFace.model_validate({**yaml.safe_load(file), "name": name})


def _prompts(generator: HuggingFace, count: int) -> list[str]:
    passages = {row["chunk_id"]: row["text"] for row in tables.read(tables.CHUNKS)}
    rows = tables.read(tables.QUESTIONS)[:count]
    return [prompt_of(generator.prompt, context=passages[row["chunk_id"]], question=row["question"]) for row in rows]


def _peer(generator: HuggingFace) -> Callable[[list[str]], list[str]]:
    loaded = language_models.load(generator.model.model_copy(update={"dtype": "bfloat16"}))
    tokenizer: Any = loaded.tokenizer
    stop = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in generator.decoding.stop]
    llm = HuggingFaceLLM(
        model=loaded.model,
        tokenizer=tokenizer,
        max_new_tokens=generator.decoding.max_new_tokens,
        generate_kwargs={"do_sample": False},
        # Those that are a token: the parent class knows no others.
        stopping_ids=[ids[0] for ids in stop if len(ids) == 1],
        is_chat_model=generator.is_chat,
    )

    def answer(prompts: list[str]) -> list[str]:
        if generator.is_chat:
            return [str(llm.chat([ChatMessage(role="user", content=prompt)]).message.content).strip() for prompt in prompts]
        return [llm.complete(prompt, formatted=True).text.strip() for prompt in prompts]

    return answer


def _ours(generator: HuggingFace) -> Callable[[list[str]], list[str]]:
    local = LocalLLM(generator.model, generator.decoding, is_chat=generator.is_chat, seed=1)
    llm, rows = local.llm(), generator.decoding.batch_size

    def answer(prompts: list[str]) -> list[str]:
        # As `judge.models.local` makes batches, without its cache of replies.
        formatted = [local.formatted({"prompt": prompt}) for prompt in prompts]
        groups: dict[int, list[int]] = {}
        for index, text in enumerate(formatted):
            groups.setdefault(padded_length(llm.tokenizer, text), []).append(index)
        answers: dict[int, str] = {}
        for group in groups.values():
            for start in range(0, len(group), rows):
                batch = group[start : start + rows]
                filled = [formatted[index] for index in (*batch, *batch[-1:] * (rows - len(batch)))]
                answers |= dict(zip(batch, llm.complete_batch(filled, generator.decoding.stop)[: len(batch)], strict=True))
        return [answers[index] for index in range(len(prompts))]

    return answer


def main() -> None:
    """Print the processor seconds of each repeat, and the ratio of their medians."""
    options = _options()
    torch.set_num_threads(int(options["threads"]))
    # pydantic warns about llama-index's own field names.
    warnings.simplefilter("ignore")
    generator = _generator(options["generator"])
    prompts = _prompts(generator, int(options["texts"]))
    peer, ours = _peer(generator), _ours(generator)
    seconds: dict[str, list[float]] = {"HuggingFaceLLM, one at a time": [], "ours": []}
    said: dict[str, list[str]] = {}
    for _ in range(int(options["repeats"])):
        for name, answer in zip(seconds, (peer, ours), strict=True):
            start = time.process_time()
            said[name] = answer(prompts)
            seconds[name].append(time.process_time() - start)
            print(f"{name}: {len(prompts)} answers in {seconds[name][-1]:.1f} s of processor time", flush=True)
    theirs, own = (statistics.median(values) for values in seconds.values())
    same = sum(one == other for one, other in zip(*said.values(), strict=True))
    print(f"answers a second {len(prompts) / theirs:.3f} and {len(prompts) / own:.3f}: {theirs / own:.2f} times; {same} texts are the same")


if __name__ == "__main__":
    main()
