"""Token log-likelihoods of answers with and without the passage they should rest on.

What a passage supports becomes likelier by it: the contrast log p(token | passage) - log p(token) is the pointwise mutual
information of a token and the passage (van der Poel et al. 2022), and its lowest values point at what is not supported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from judge.models import local, prompt_tree
from judge.models.language_models import LanguageModel, ModelSettings, load
from judge.models.prompt_tree import Node
from judge.models.replies import Json

# What an answer follows after, with and without a passage before it.
_CUE = "Answer:"
# Every answer of a row costs attention over the whole row, so a passage with very many answers is read more than once.
_ROW_ANSWERS = 16
# Raised whenever the prompts or the numbers below change what a stored reply means.
_VERSION = 2


@dataclass(frozen=True)
class TokenLikelihoods:
    """What the model says of the tokens of one answer; every tuple has one entry a token.

    `starts` are character offsets into the answer.
    Log-probabilities are natural logarithms, rounded to five digits; `best_with_passage` is that of the token
    which the model holds likeliest at that point, so it is never below the token's own.
    """

    starts: tuple[int, ...]
    with_passage: tuple[float, ...]
    best_with_passage: tuple[float, ...]
    without_passage: tuple[float, ...]


def measure(settings: ModelSettings, texts: Sequence[tuple[str, str]]) -> list[TokenLikelihoods]:
    """Measure answers under a language model.

    The question takes no part: a statement and an answer are measured alike, and a passage is read once for all its answers.

    Args:
        settings: the language model.
        texts: (passage, answer) each; no answer is empty.

    Returns:
        One `TokenLikelihoods` for each, in order.

    Raises:
        ModelError: the model cannot be loaded, or a passage with its answers does not fit into memory.
    """
    groups: dict[str, list[str]] = {}
    for passage, answer in sorted(set(texts)):
        groups.setdefault(passage, []).append(answer)
    # An answer's last bits depend on what shares its row, so the rows have to be the same however the texts were ordered.
    requests = [
        {"passage": passage, "answers": answers[start : start + _ROW_ANSWERS]}
        for passage, answers in groups.items()
        for start in range(0, len(answers), _ROW_ANSWERS)
    ]
    replies = local.ask(
        requests,
        _Runner(settings),
        identity={"task": "likelihood", "version": _VERSION, "model": settings.identity},
        length=lambda request: len(request["passage"]) + sum(map(len, request["answers"])),
        # A row of several answers keeps the processor busy by itself, and without padding no row's bytes depend on another.
        batch_size=1,
        what="likelihood",
    )
    measured = {
        (request["passage"], answer): TokenLikelihoods(**{name: tuple(values) for name, values in reply.items()})
        for request, row in zip(requests, replies, strict=True)
        for answer, reply in zip(request["answers"], row, strict=True)
    }
    return [measured[text] for text in texts]


class _Runner:
    """Answers batches; the model is loaded for the first one that is not in the store yet."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._loaded: LanguageModel | None = None

    def __call__(self, batch: list[local.Request]) -> list[Json]:
        import torch

        if self._loaded is None:
            self._loaded = load(self._settings)
        with torch.inference_mode():
            return [_run(self._loaded, request) for request in batch]


def _run(loaded: LanguageModel, request: local.Request) -> Json:
    """The reply to one request: for each of its answers the columns of `TokenLikelihoods` by name."""
    encoded = [_encode(loaded, answer) for answer in request["answers"]]
    ids = [answer_ids for answer_ids, _ in encoded]
    own, best = _read(loaded, f"Passage: {request['passage']}\n\n{_CUE}", ids)
    own_alone, _ = _read(loaded, _CUE, ids)
    reply, start = [], 0
    for _, starts in encoded:
        part = slice(start, start + len(starts))
        columns = {"with_passage": own, "best_with_passage": best, "without_passage": own_alone}
        reply.append({"starts": starts} | {name: column[part] for name, column in columns.items()})
        start = part.stop
    return reply


def _encode(loaded: LanguageModel, answer: str) -> tuple[list[int], list[int]]:
    """Token ids of an answer after a space, and where each token starts in the answer."""
    encoded: Any = loaded.tokenizer(f" {answer}", add_special_tokens=False, return_offsets_mapping=True)
    return encoded["input_ids"], [max(0, start - 1) for start, _ in encoded["offset_mapping"]]


def _read(loaded: LanguageModel, prompt: str, answers: Sequence[list[int]]) -> tuple[list[float], list[float]]:
    """Log-probabilities of all answers' tokens in order, own and best; each answer sees the prompt and itself only."""
    start: Any = loaded.tokenizer(prompt, add_special_tokens=False)["input_ids"]
    row = prompt_tree.read(loaded, [Node(None, start), *(Node(0, answer) for answer in answers)])
    predicted_at = [position for node in range(1, len(answers) + 1) for position in row.predictors(node)]
    model: Any = loaded.model
    return prompt_tree.log_probabilities(row.states[predicted_at], model.get_output_embeddings().weight, row.ids[len(start) :])
