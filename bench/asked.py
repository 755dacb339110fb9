"""How many verdicts a second an asked chat model gives, beside llama-index's HuggingFaceLLM with one prompt at a time.

`python bench/asked.py` judges statements of known truth about a few background articles with the questions of `conf/teacher/joined.yaml`:
packed in rows with 8-bit layers, the same with bfloat16, and by HuggingFaceLLM in bfloat16, which writes one token for each prompt.
Each way has its model loaded and has judged one passage before its clock starts; they take turns, `--repeat` times. No reply is kept.
Printed are the medians, and how the log-odds of the ways agree.
"""

import argparse
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import yaml
from pydantic import TypeAdapter

from judge.dataset.summaries import Summaries
from judge.models import language_models
from judge.models.language_models import ModelSettings
from judge.probes import statements
from judge.probes.donors import Passage
from judge.tables.items import Item
from judge.teachers import asked, local_chat
from judge.teachers.joined import Joined

ROOT = Path(__file__).resolve().parent.parent
SEED = 17


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=3, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    options = parser.parse_args()
    os.environ.setdefault("JUDGE_MODELS", str(ROOT / ".cache" / "models"))
    teacher: Joined = TypeAdapter(Joined).validate_python({**_option("teacher/joined.yaml"), "name": "joined"})
    items = _items(options.passages)
    ways: dict[str, Callable[[Sequence[Item]], list[float]]] = {
        "packed, 8-bit layers": _packed(teacher, "int8"),
        "packed, bfloat16": _packed(teacher, "bfloat16"),
        "HuggingFaceLLM, one at a time": _one_at_a_time(teacher),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    verdicts: dict[str, list[float]] = {}
    for way in ways.values():
        way([item for item in items if item.context == items[0].context][:2])
    for _ in range(options.repeat):
        for name, way in ways.items():
            start = time.perf_counter()
            verdicts[name] = way(items)
            times[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    slowest = medians["HuggingFaceLLM, one at a time"]
    print(f"{len(items)} statements of {options.passages} passages, {len(teacher.questions)} questions each; medians of {options.repeat}\n")
    print("| way | seconds | verdicts a second | times as fast | r of its log-odds with packed bfloat16 |\n|---|---|---|---|---|")
    for name, seconds in medians.items():
        rate = len(items) * len(teacher.questions) / seconds
        values = verdicts[name]
        agreement = statistics.correlation(values, verdicts["packed, bfloat16"]) if values else None
        print(f"| {name} | {seconds:.1f} | {rate:.2f} | {slowest / seconds:.1f} | {'' if agreement is None else f'{agreement:.4f}'} |")


def _packed(teacher: Joined, dtype: str) -> Callable[[Sequence[Item]], list[float]]:
    model = ModelSettings.model_validate({**teacher.prompt.model.model_dump(), "dtype": dtype})
    prompt = teacher.prompt.model_copy(update={"model": model})
    loaded = language_models.load(model)

    def judge(items: Sequence[Item]) -> list[float]:
        # A cache of its own each time, so that everything is computed; the model is at hand, as in a long run.
        with tempfile.TemporaryDirectory() as cache:
            os.environ["JUDGE_CACHE"] = cache
            with mock.patch("judge.models.local_chat.load", return_value=loaded):
                readings = asked.ask(prompt, items, teacher.questions)
        return [local_chat.logit(one) for reading in readings for one in reading.values()]

    return judge


def _one_at_a_time(teacher: Joined) -> Callable[[Sequence[Item]], list[float]]:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.huggingface import HuggingFaceLLM

    loaded = language_models.load(ModelSettings.model_validate({**teacher.prompt.model.model_dump(), "dtype": "bfloat16"}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        llm = HuggingFaceLLM(model=loaded.model, tokenizer=loaded.tokenizer, max_new_tokens=1, generate_kwargs={"do_sample": False})

    def judge(items: Sequence[Item]) -> list[float]:
        for item in items:
            for question in teacher.questions.values():
                text = asked.conversation(teacher.prompt, item, question.prompt).text
                llm.chat([ChatMessage(role="system", content=teacher.prompt.system or ""), ChatMessage(role="user", content=text)])
        return []

    return judge


def _items(passages: int) -> list[Item]:
    corpus: Summaries = TypeAdapter(Summaries).validate_python(
        {**_option("corpus/wikipedia-summaries.yaml"), "name": "wikipedia-summaries"}
    )
    rows = corpus.read(SEED).background[:passages]
    made = statements.construct([Passage(row["document_id"], row["title"], row["text"]) for row in rows], SEED)
    return [Item(one.question, one.statement, one.context) for one in made]


def _option(name: str) -> dict[str, object]:
    values: dict[str, object] = yaml.safe_load((ROOT / "conf" / name).read_text(encoding="utf-8"))
    return values


if __name__ == "__main__":
    main()
