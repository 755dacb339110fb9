"""llama.cpp, by llama-cpp-python, beside ours: verdicts and answers of the chat model from the same file of 4-bit weights.

The package index has no wheel of llama-cpp-python: `pip install -r bench/requirements.lock` compiles it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from bench import rows, table, turns
from bench.effort import Effort, loaded_once, option
from bench.table import Line
from bench.turns import Contender, Work
from bench.works import answers, teachers, verdicts
from judge.dataset.local_generator import HuggingFace
from judge.models import pinned
from judge.models.language_models import ModelSettings
from judge.tables.items import Item
from judge.teachers import asked
from judge.teachers.asked import Prompt
from judge.teachers.local_chat import LocalChat

if TYPE_CHECKING:
    from llama_cpp import Llama

WORK = "llama-cpp"
GENERATOR = "qwen2.5-1.5b-own-words"
_VERDICTS, _ANSWERS, _OUR_ANSWERS = 9, 9, 32
_WINDOW = 2048
_WARMING = 10**6
_NAME = "llama.cpp, 4-bit weights"


def measure(effort: Effort, model: ModelSettings | None = None) -> list[Line]:
    """Rows a second of the asked teacher, and answers a second of the generator, against llama.cpp with one prompt at a time.

    It keeps what it has read of the prompt before, so that a passage is read once for the answers to it that follow each other.
    Another model than the options name can be given, for all of them.
    """
    judging = verdicts.asked(model)
    writing: HuggingFace = TypeAdapter(HuggingFace).validate_python(option(f"generator/{GENERATOR}"))
    writing = writing.model_copy(update={"model": judging.prompt.model})
    with loaded_once(), _loaded(str(judging.prompt.model.pinned_name)) as llama:
        ours = teachers.contender(effort, judging)
        peer = _verdicts(effort, llama, judging)
        seconds = turns.take([ours, peer], effort.repeats, f"{WORK}, verdicts")
        found = [table.line(WORK, f"a verdict on a row, {judging.name}", ours, peer, seconds, effort.machine)]
        ours = answers.ours(effort, writing, effort.rows(_OUR_ANSWERS))
        peer = _answers(effort, llama, writing, ours.n)
        seconds = turns.take([ours, peer], effort.repeats, f"{WORK}, answers")
        return [*found, table.line(WORK, f"write answers with {writing.name}", ours, peer, seconds, effort.machine)]


@contextmanager
def _loaded(name: str) -> "Iterator[Llama]":
    import torch
    from llama_cpp import Llama

    (file,) = pinned.FILES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(pinned.read(file))
        threads = torch.get_num_threads()
        yield Llama(str(path), n_ctx=_WINDOW, n_threads=threads, n_threads_batch=threads, verbose=False)


def _verdicts(effort: Effort, llama: "Llama", teacher: LocalChat) -> Contender:
    count = effort.rows(_VERDICTS)
    (question,) = (one.prompt for one in teacher.questions.values() if one.needs != "reference")

    def judge(items: Sequence[Item]) -> None:
        for item in items:
            _ask(llama, _messages(teacher.prompt, item, question), 1)

    judge(rows.items(effort.source, _WARMING, 1))

    def prepare(turn: int) -> Work:
        items = rows.items(effort.source, turn * count, count)
        return lambda: judge(items)

    return Contender(_NAME, count, prepare)


def _answers(effort: Effort, llama: "Llama", generator: HuggingFace, ours: int) -> Contender:
    count = effort.rows(_ANSWERS)

    def write(items: Sequence[Item]) -> None:
        for prompt in answers.prompts(generator, items):
            _ask(llama, [{"role": "user", "content": prompt}], generator.decoding.max_new_tokens, generator.decoding.stop)

    def prepare(turn: int) -> Work:
        items = rows.items(effort.source, turn * ours, count)
        return lambda: write(items)

    return Contender(_NAME, count, prepare)


def _messages(prompt: Prompt, item: Item, question: str) -> list[dict[str, str]]:
    text = asked.conversation(prompt, item, question).text
    return [{"role": "system", "content": prompt.system or ""}, {"role": "user", "content": text}]


def _ask(llama: "Llama", messages: list[dict[str, str]], tokens: int, stop: Sequence[str] = ()) -> None:
    made: Any = messages
    llama.create_chat_completion(made, max_tokens=tokens, temperature=0.0, stop=list(stop))
