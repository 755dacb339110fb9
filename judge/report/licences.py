"""Under which terms the models and texts stand that a judge was made from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

_APACHE, _LLAMA_2, _GEMMA = "Apache-2.0", "Llama 2 Community License", "Gemma Terms of Use"
# By their ids on the hub.
_OPEN = {
    "sentence-transformers/all-MiniLM-L6-v2": _APACHE,
    "Qwen/Qwen2.5-Coder-1.5B-Instruct": _APACHE,
    "Qwen/Qwen2.5-7B-Instruct": _APACHE,
    "HuggingFaceTB/SmolLM2-135M-Instruct": _APACHE,
    "tiiuae/falcon-7b-instruct": _APACHE,
    "mistralai/Mistral-7B-Instruct-v0.1": _APACHE,
    "lmsys/vicuna-13b-v1.5": _LLAMA_2,
    "google/gemma-3-270m": _GEMMA,
}
# By the option of conf/corpus.
_CORPORA = {
    "wikipedia-summaries": "CC BY-SA",
    "wikipedia": "CC BY-SA",
    "evouna-nq": _APACHE,
    "vicuna-eval": _APACHE,
    "begin": "CC-BY-4.0; CDLA-Sharing-1.0 for its file tc",
}
# What an option calls the model that it asks or loads.
_KEYS = ("hub", "model")


class Used(NamedTuple):
    """A model, by its id, or a corpus: what it is there as, such as teacher and generator, and its licence."""

    name: str
    uses: list[str]
    licence: str


def used(options: Iterable[tuple[str, Mapping[str, Any]]], corpus: str) -> list[Used]:
    """The models of some options, each once, in the order in which they come up; then the corpus.

    Args:
        options: what an option is there as, such as teacher, and the values of its file.
        corpus: the option of conf/corpus.
    """
    uses: dict[str, list[str]] = {}
    for use, values in options:
        for model in _models(values):
            found = uses.setdefault(model, [])
            if use not in found:
                found.append(use)
    models = [Used(model, found, _licence(model)) for model, found in uses.items()]
    return [*models, Used(corpus, ["corpus"], _CORPORA.get(corpus, "yours to say"))]


def _models(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _models(value)
        elif key in _KEYS and isinstance(value, str):
            yield value


def _licence(model: str) -> str:
    if model in _OPEN:
        return _OPEN[model]
    return "see its page on the hub" if "/" in model else "the terms of the service that runs it"
