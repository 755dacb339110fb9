"""Ask a local chat model for a verdict and read how likely each one is, instead of sampling one.

A conversation has a part that many share (rubric and passage), a part of its own (the answer), and what is asked of it. The
shared part is read once for all that follow it, in rows of `judge.models.prompt_tree`. Nothing is generated: the model has to
say a verdict next, and its probabilities of what it may say are the verdict.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.models import contests, local, prompt_tree
from judge.models.chat_format import frame, without_specials
from judge.models.contests import Contest
from judge.models.language_models import LanguageModel, ModelSettings, load
from judge.models.prompt_tree import Node, Row
from judge.models.replies import Json

if TYPE_CHECKING:
    import torch

# A passage is read once for so many, and each costs attention over the whole row: rows of 1000 tokens are a tenth slower than of 400.
_ROW_CONVERSATIONS = 12
_DIGITS = 5
# Positions whose logits over the whole vocabulary are held at once: more only costs memory.
_LOGIT_ROWS = 128
# Raised whenever the code below changes what a stored reply means.
_VERSION = 4


class Shared(NamedTuple):
    """What many conversations begin with: the system's message, and of the user's the text around the material and the material."""

    system: str | None
    before: str
    material: str
    after: str


class Conversation(NamedTuple):
    """One verdict to be read: what is shared, what is its own, what is asked, and how the model's own turn begins.

    `contests` are pieces of its own text that other texts could stand in the place of.
    """

    shared: Shared
    own: str
    asked: str
    cue: str
    contests: tuple[Contest, ...] = ()

    @property
    def text(self) -> str:
        """The user's message as a whole."""
        return f"{self.shared.before}{self.shared.material}{self.shared.after}{self.own}{self.asked}"


class Reading(NamedTuple):
    """The natural logarithm of the probability of each choice, by name, and whether a text was cut to fit the window.

    `margins` has for each contest how much likelier the likeliest other text was, as `judge.models.contests` measures it.
    """

    log_probabilities: dict[str, float]
    is_cut: bool
    margins: tuple[float | None, ...] = ()

    @property
    def mass(self) -> float:
        """The probability, in [0, 1], that the model says one of the choices at all."""
        return math.fsum(math.exp(value) for value in self.log_probabilities.values())


def read(
    settings: ModelSettings, conversations: Sequence[Conversation], choices: Mapping[str, Sequence[str]], window: int
) -> list[Reading]:
    """Read verdicts.

    Args:
        settings: the chat model; its own chat format is used.
        conversations: what is asked; equal ones are asked once.
        choices: by name, the texts that mean it, as the model would write them right after the cue; none begins with another.
        window: tokens of a conversation, at most. What is too long is judged on what fits, and says so:
            of the material the first part, of an own text of more than half a window all but the middle.

    Returns:
        One reading for each conversation, in order.

    Raises:
        PinError, ModelError: the model cannot be loaded, has no chat format, or a row does not fit into memory.
        Planned: in a dry run, with what would be asked.
    """
    by_shared: dict[Shared, dict[tuple[str, tuple[Contest, ...]], list[tuple[str, str]]]] = {}
    for one in sorted(set(conversations), key=repr):
        by_shared.setdefault(one.shared, {}).setdefault((one.own, one.contests), []).append((one.asked, one.cue))
    requests: list[local.Request] = []
    for shared, owns in by_shared.items():
        items = [{"own": own, "contests": contested, "asked": asked} for (own, contested), asked in owns.items()]
        starts = range(0, len(items), _ROW_CONVERSATIONS)
        requests += [{"shared": shared._asdict(), "items": items[start : start + _ROW_CONVERSATIONS]} for start in starts]
    replies = local.ask(
        requests,
        _Runner(settings, choices, window),
        identity={
            "task": "verdict",
            "version": _VERSION,
            "model": settings.identity,
            "choices": {name: list(texts) for name, texts in choices.items()},
            "window": window,
        },
        length=lambda request: sum(map(len, (text or "" for text in request["shared"].values()))) + len(repr(request["items"])),
        # A row of several conversations keeps the processor busy by itself.
        batch_size=1,
        what="passage",
    )
    readings: dict[Conversation, Reading] = {}
    for request, reply in zip(requests, replies, strict=True):
        shared = Shared(**request["shared"])
        for item, values in zip(request["items"], reply, strict=True):
            for (asked, cue), one in zip(item["asked"], values["readings"], strict=True):
                reading = Reading(one, values["is_cut"], tuple(values["margins"]))
                readings[Conversation(shared, item["own"], asked, cue, item["contests"])] = reading
    return [readings[one] for one in conversations]


@lru_cache(maxsize=1)
def _kept(loader: Callable[[ModelSettings], LanguageModel], settings: ModelSettings) -> LanguageModel:
    """A model that stays loaded for the next reading: a teacher that is calibrated and then adapted reads twice in one process."""
    return loader(settings)


class _Runner:
    """Answers requests; the model is loaded for the first one that is not in the store yet."""

    def __init__(self, settings: ModelSettings, choices: Mapping[str, Sequence[str]], window: int) -> None:
        self._settings = settings
        self._choices = choices
        self._window = window
        self._loaded: LanguageModel | None = None

    def __call__(self, batch: list[local.Request]) -> list[Json]:
        import torch

        if self._loaded is None:
            self._loaded = _kept(load, self._settings)
        with torch.inference_mode():
            return [_run(self._loaded, request, self._choices, self._window) for request in batch]


def _run(loaded: LanguageModel, request: local.Request, choices: Mapping[str, Sequence[str]], window: int) -> Json:
    """For each item of the request its margins, and for each thing asked of it the log-probability of each choice by name."""
    shared = Shared(**request["shared"])
    opening, closing = frame(loaded.tokenizer, shared.system)

    def ids(text: str) -> list[int]:
        encoded: list[int] = loaded.tokenizer(text, add_special_tokens=False)["input_ids"]
        return encoded

    def guarded(text: str) -> list[int]:
        return ids(without_specials(loaded.tokenizer, text))

    whole = [guarded(item["own"]) for item in request["items"]]
    owns = [_shortened(own, window // 2) for own in whole]
    leaves = [[guarded(asked) + ids(closing + cue) for asked, cue in item["asked"]] for item in request["items"]]
    before, after = [*ids(opening), *guarded(shared.before)], guarded(shared.after)
    longest = max(len(own) + len(leaf) for own, own_leaves in zip(owns, leaves, strict=True) for leaf in own_leaves)
    material = guarded(shared.material)
    room = max(0, window - len(before) - len(after) - longest)
    nodes, owns_at, asked_at = [Node(None, [*before, *material[:room], *after])], [], []
    for own, own_leaves in zip(owns, leaves, strict=True):
        owns_at.append(len(nodes))
        nodes.append(Node(0, own))
        for leaf in own_leaves:
            asked_at.append(len(nodes))
            nodes.append(Node(owns_at[-1], leaf))
    written = [[ids(text) for text in texts] for texts in choices.values()]
    row, chosen = _choose(loaded, nodes, asked_at, written)
    read = iter(chosen)
    return [
        {
            "readings": [dict(zip(choices, next(read), strict=True)) for _ in own_leaves],
            "is_cut": len(material) > room or len(nodes[at].ids) < len(before_cut),
            "margins": contests.margins(loaded, row, at, nodes[at].ids, item["own"], item["contests"]),
        }
        for item, own_leaves, at, before_cut in zip(request["items"], leaves, owns_at, whole, strict=True)
    ]


def _shortened(ids: list[int], most: int) -> list[int]:
    """Ids with their middle left out where there are more than `most`; the closing tags at the end stay."""
    return ids if len(ids) <= most else [*ids[: most - 16], *ids[-16:]]


def _choose(
    loaded: LanguageModel, nodes: list[Node], leaves: Sequence[int], written: Sequence[Sequence[list[int]]]
) -> tuple[Row, list[list[float]]]:
    """The row of the nodes, and for each leaf the log-probability of each choice, of which any of its texts may be written."""
    texts = [text for own in written for text in own]
    tree = list(nodes)
    children: list[list[int | None]] = []
    for leaf in leaves:
        # The last token of a text is predicted, not read; one of a single token needs no node.
        row: list[int | None] = []
        for text in texts:
            row.append(len(tree) if len(text) > 1 else None)
            if len(text) > 1:
                tree.append(Node(leaf, text[:-1]))
        children.append(row)
    row_read = prompt_tree.read(loaded, tree)
    predicted = [
        # Where each token of a text is predicted: its first by the leaf, the others by the token before.
        ([row_read.lasts[leaf]] if child is None else [*row_read.predictors(child), row_read.lasts[child]], text)
        for leaf, own in zip(leaves, children, strict=True)
        for text, child in zip(texts, own, strict=True)
    ]
    sums = iter(_log_probabilities(loaded, row_read.states, predicted))
    return row_read, [[_logsumexp([next(sums) for _ in own]) for own in written] for _ in leaves]


def _log_probabilities(
    loaded: LanguageModel, states: "torch.Tensor", predicted: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> list[float]:
    """The log-probability of each text: the sum over its tokens, each predicted from the state at a position of the row."""
    import torch

    model: Any = loaded.model
    head = model.get_output_embeddings().weight
    positions = sorted({position for at, _ in predicted for position in at})
    index_of = {position: index for index, position in enumerate(positions)}
    read = states[positions]
    starts = range(0, len(positions), _LOGIT_ROWS)
    totals = torch.cat([(read[start : start + _LOGIT_ROWS] @ head.T).float().logsumexp(dim=-1) for start in starts])
    at = torch.tensor([index_of[position] for own, _ in predicted for position in own], device=states.device)
    ids = torch.tensor([token for _, text in predicted for token in text], device=states.device)
    # bfloat16 keeps 8 bits of a logit, so those that matter are computed again in full.
    values = (read[at].float() * head[ids].float()).sum(dim=-1) - totals[at]
    ends = list(accumulate(len(text) for _, text in predicted))
    return [float(values[end - len(text) : end].sum()) for end, (_, text) in zip(ends, predicted, strict=True)]


def _logsumexp(values: Sequence[float]) -> float:
    highest = max(values)
    return round(highest + math.log(math.fsum(math.exp(value - highest) for value in values)), _DIGITS)
