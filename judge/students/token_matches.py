"""How the tokens of an answer match those of its evidence: late interaction, as numbers for a small network.

Each token of the answer is held against its best match in the evidence, as ColBERT does with a query and a document (Khattab
and Zaharia 2020), but on several layers of the encoder, from the bare word to the word in context, and the matches
are not summed: the lowest ones point at what the evidence does not say.
Import this module only where a student is trained or loaded: it loads torch.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from judge.models.text_reader import TokenVectors
from judge.probes import overlap
from judge.students import references, support
from judge.students.options import Evidence, Features
from judge.tables.items import Item

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Array = npt.NDArray[np.float32]

LAYERS = ("word", "early", "middle", "last")
POOLS = ("mean", "minimum", "lowest", "quartile")
_LOWEST = 3
# Steps between the positions of neighbouring tokens' matches are cut here: what lies farther away is just elsewhere.
_FARTHEST = 20
_ALL, _LAST = slice(None), slice(-1, None)

FEATURES = (
    *(f"match_{layer}_{pool}" for layer in LAYERS for pool in POOLS),
    *(f"own_{layer}_{pool}" for layer in LAYERS for pool in POOLS),
    "own_share",
    "own_count",
    "margin",
    *(f"{name}_{layer}" for layer in ("word", "last") for name in ("in_order", "backwards", "distance")),
    "new_pairs",
    "new_triples",
    "relevance_of_matches",
    "relevance_of_evidence",
    "cosine_answer_evidence",
    "cosine_answer_question",
    "cosine_question_evidence",
    "overlap_score",
    *(f"overlap_{name}" for name in overlap.FEATURES),
)
# Whatever begins otherwise needs the encoder.
_KIND_OF: dict[str, Features] = {"overlap": "overlap", "reference": "overlap", "support": "support"}


def names(kinds: Collection[Features], evidence: Evidence) -> list[str]:
    """The features of some kinds, in order.

    An answer that is held against a passage has those of `support.FEATURES`, and one that is held against references those of
    `references.FEATURES`, which are of shared words and so of the kind overlap.
    """
    there = [*FEATURES, *(support.FEATURES if evidence != "reference" else ()), *(references.FEATURES if evidence != "context" else ())]
    return [name for name in there if _KIND_OF.get(name.partition("_")[0], "encoder") in kinds]


def measure(item: Item, kind: Evidence, question: TokenVectors, answer: TokenVectors, evidence: TokenVectors) -> Array:
    """The features of an answer: (features,), in the order of `names`.

    The item is narrowed: its `context` is the evidence, of whatever kind.

    `match_*` pool over all tokens of the answer, `own_*` over those that the question does not have (over all where there are no others).
    `overlap_*` but for `overlap_score` hold the answer against evidence and question: what the question gave it, it has not invented.
    Pools are the mean, the minimum, the mean of the three lowest, and the lower quartile.
    An answer or an evidence without a single token matches nothing: its similarities are 0.
    """
    similarities = _similarities(answer, evidence)
    matches = similarities.max(axis=2)
    asked = frozenset(question.ids.tolist())
    said_ids, shown_ids = answer.ids.tolist(), evidence.ids.tolist()
    own = np.array([id_ not in asked for id_ in said_ids], dtype=bool)
    is_own = own if own.any() else np.ones(len(own) or 1, dtype=bool)
    in_evidence = _similarities(question, evidence, _LAST)[-1].max(axis=0)
    last = similarities[-1]
    best = np.argmax(last, axis=1)
    two_best = np.sort(last, axis=1)[:, -2:]
    said, shown = item.answer or "", item.context or ""
    features = [
        *_pooled(matches),
        *_pooled(matches[:, is_own]),
        own.mean() if len(own) else 0.0,
        np.log1p(own.sum()),
        (two_best[:, -1] - two_best[:, 0]).mean(),
        *_order(np.argmax(similarities[0], axis=1)),
        *_order(best),
        _share_of_new(said_ids, shown_ids, 2),
        _share_of_new(said_ids, shown_ids, 3),
        in_evidence[best].mean(),
        in_evidence.mean(),
        answer.mean @ evidence.mean,
        answer.mean @ question.mean,
        question.mean @ evidence.mean,
        overlap.overlap_score(item.question, said, shown),
        *overlap.measure(said, f"{shown}\n{item.question}").values(),
        *(support.measure(item.question, said, shown) if kind != "reference" else ()),
        *(references.measure(item.question, said, item.references) if kind != "context" else ()),
    ]
    return np.array(features, dtype=np.float32)


def of_words(
    places: Sequence[tuple[int, int]], offsets: Sequence[tuple[int, int]], answer: TokenVectors, evidence: TokenVectors
) -> list[float]:
    """The best match of each word of an answer in the evidence, on the last layer: the mean over the word's tokens of their cosines.

    Args:
        places: where the words stand in the answer, (start, end) each.
        offsets: where its tokens do, as `offsets` has them.
        answer: those tokens.
        evidence: the tokens of the evidence.

    Returns:
        A cosine for each word; 0 for one without a token that the encoder knows, and where the evidence has no token.
    """
    best = _similarities(answer, evidence, _LAST)[-1].max(axis=1)
    found = []
    for start, end in places:
        own = [index for index, (first, last) in enumerate(offsets) if max(start, first) < min(end, last)]
        found.append(float(best[own].mean()) if own else 0.0)
    return found


def offsets(tokenizer: "PreTrainedTokenizerBase", text: str, tokens: TokenVectors) -> list[tuple[int, int]]:
    """Where the tokens that `TextReader` gave of a text stand in it: (start, end) each, in order.

    A token for what the encoder does not know says nothing of it, and stands nowhere: its start is its end.
    """
    whole = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    # Which tokens are read hangs on what they are, so a token is read wherever it stands or nowhere.
    read = frozenset(tokens.ids.tolist())
    placed = zip(whole["input_ids"], whole["offset_mapping"], strict=True)
    return [(start, start if id_ == tokenizer.unk_token_id else end) for id_, (start, end) in placed if id_ in read]


def _similarities(text: TokenVectors, evidence: TokenVectors, layers: slice = _ALL) -> Array:
    """Cosines of all pairs of tokens: (layers, tokens of the text, tokens of the evidence), at least one of each."""
    if not len(text.ids) or not len(evidence.ids):
        return np.zeros((len(LAYERS[layers]), max(1, len(text.ids)), max(1, len(evidence.ids))), dtype=np.float32)
    # torch rather than numpy, whose threads cannot be limited from here: see judge.models.threads.
    product: Array = (torch.from_numpy(text.vectors[layers]) @ torch.from_numpy(evidence.vectors[layers]).transpose(1, 2)).numpy()
    return product


def _pooled(matches: Array) -> list[float]:
    """Layer by layer the pools of (layers, tokens)."""
    ordered = np.sort(matches, axis=1)
    pools = [ordered.mean(axis=1), ordered[:, 0], ordered[:, :_LOWEST].mean(axis=1), ordered[:, ordered.shape[1] // 4]]
    return np.stack(pools, axis=1).ravel().tolist()


def _order(positions: npt.NDArray[np.int64]) -> Sequence[float]:
    """How neighbouring tokens' matches follow each other in the evidence: next to each other, backwards, how far apart."""
    steps = np.diff(positions)
    if not len(steps):
        return 1.0, 0.0, 0.0
    return float((steps == 1).mean()), float((steps < 0).mean()), float(np.minimum(np.abs(steps - 1), _FARTHEST).mean() / _FARTHEST)


def _share_of_new(answer: Sequence[int], evidence: Sequence[int], size: int) -> float:
    """The share of the answer's runs of `size` tokens that the evidence does not have; 0 where the answer has none."""
    seen = set(zip(*(evidence[start:] for start in range(size)), strict=False))
    said = list(zip(*(answer[start:] for start in range(size)), strict=False))
    return sum(run not in seen for run in said) / len(said) if said else 0.0
