"""Texts that share their beginnings in one row: a passage is read once for all its answers, an answer once for all its questions.

A node of the tree is a piece of text; it sees itself and what leads to it, at the positions right behind that, as if it stood
in a row of its own. Several leaves in one row keep the processor busy, and no padding joins them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.models.language_models import LanguageModel

if TYPE_CHECKING:
    import torch

_DIGITS = 5
# Tokens whose logits over the whole vocabulary are held at once: more only costs memory.
_LOGIT_ROWS = 128


class Node(NamedTuple):
    """Token ids, and the index of the node that they follow; None for the root."""

    parent: int | None
    ids: Sequence[int]


@dataclass(frozen=True)
class Row:
    """A tree that a model has read.

    `states` is (tokens, width), the last layer's output at each token; `firsts` has the index of each node's first token,
    `before` that of the token which a node follows (of the root: itself).
    """

    states: "torch.Tensor"
    ids: "torch.Tensor"
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    before: tuple[int, ...]

    def predictors(self, node: int) -> list[int]:
        """Where each token of a node is predicted: its first at the end of what it follows."""
        return [self.before[node], *range(self.firsts[node], self.lasts[node])]


def read(loaded: LanguageModel, nodes: Sequence[Node]) -> Row:
    """Let a model read a tree in one row.

    Args:
        loaded: a causal language model.
        nodes: parents before their children; the first is the root, and none is empty.
    """
    import torch

    ids: list[int] = []
    positions: list[int] = []
    node_of: list[int] = []
    firsts: list[int] = []
    starts: list[int] = []
    sees = torch.zeros(len(nodes), len(nodes), dtype=torch.bool)
    for index, (parent, own) in enumerate(nodes):
        starts.append(0 if parent is None else starts[parent] + len(nodes[parent].ids))
        if parent is not None:
            sees[index] = sees[parent]
        sees[index, index] = True
        firsts.append(len(ids))
        ids += own
        positions += range(starts[index], starts[index] + len(own))
        node_of += [index] * len(own)
    row, nodes_of = torch.tensor(ids), torch.tensor(node_of)
    visible = sees[nodes_of][:, nodes_of].tril()
    model: Any = loaded.model
    # Added to the scores, which every implementation of attention takes; a mask of truth values only some do.
    mask = torch.zeros(visible.shape, dtype=model.dtype).masked_fill_(~visible, torch.finfo(model.dtype).min)
    states = model.get_decoder()(
        input_ids=row[None].to(model.device),
        attention_mask=mask[None, None].to(model.device),
        position_ids=torch.tensor(positions, device=model.device)[None],
        use_cache=False,
    ).last_hidden_state[0]
    lasts = [first + len(own) - 1 for first, (_, own) in zip(firsts, nodes, strict=True)]
    before = [0 if parent is None else lasts[parent] for parent, _ in nodes]
    return Row(states, row.to(model.device), tuple(firsts), tuple(lasts), tuple(before))


def log_probabilities(states: "torch.Tensor", head: "torch.Tensor", targets: "torch.Tensor") -> tuple[list[float], list[float]]:
    """Natural log-probabilities of the targets, and of the likeliest token at each position, rounded to five digits.

    Args:
        states: (tokens, width), the last layer's output where each token is predicted.
        head: (vocabulary, width).
        targets: (tokens,) ids.
    """
    import torch

    own: list[float] = []
    best: list[float] = []
    for start in range(0, len(targets), _LOGIT_ROWS):
        part = states[start : start + _LOGIT_ROWS]
        logits = (part @ head.T).float()
        candidates = torch.stack([targets[start : start + _LOGIT_ROWS], logits.argmax(dim=-1)], dim=1)
        # bfloat16 keeps 8 bits of a logit, so the two that matter are computed again in full.
        exact = (part.float()[:, None] * head[candidates].float()).sum(dim=-1)
        logits.scatter_(1, candidates, exact)
        top = logits.amax(dim=-1, keepdim=True)
        total = (logits.sub_(top).exp_().sum(dim=-1, keepdim=True).log_() + top).squeeze(1)
        own += [round(value, _DIGITS) for value in (exact[:, 0] - total).tolist()]
        best += [round(value, _DIGITS) for value in (exact.amax(dim=1) - total).tolist()]
    return own, best
