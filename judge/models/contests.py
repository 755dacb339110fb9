"""Whether another text would be likelier in the place of a piece of an answer: another name of the passage, say, or another number.

The model has read the answer already, so this costs a few products of vectors: a piece and its rival are compared at the first
token in which they differ, where what stands before both is the same. A name that a passage has, but says something else of, is
what neither word overlap nor a verdict on the whole answer sees well.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from judge.models.chat_format import without_specials
from judge.models.language_models import LanguageModel
from judge.models.prompt_tree import Row

_DIGITS = 4


class Contest(NamedTuple):
    """A piece of a text, from character `start` to before `end`, and what else could stand there."""

    start: int
    end: int
    others: tuple[str, ...]


def margins(
    loaded: LanguageModel, row: Row, node: int, ids: Sequence[int], text: str, contests: Sequence[Sequence[Any]]
) -> list[float | None]:
    """How much likelier the likeliest other text is than the piece, at the first token in which they differ.

    Args:
        loaded: the model that read the row.
        row: what it read.
        node: the node of the text.
        ids: its tokens.
        text: what they spell.
        contests: as `Contest` has them, or as JSON gives those back.

    Returns:
        For each contest the largest difference of natural log-probabilities; None where no other text can be compared with the
        piece: there is none, one begins with the other, or the text was cut or altered so as not to break the chat format.
    """
    tokenizer: Any = loaded.tokenizer
    model: Any = loaded.model
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True) if contests else None
    if encoded is None or list(ids) != encoded["input_ids"] or without_specials(tokenizer, text) != text:
        return [None] * len(contests)
    head, predictors, offsets = model.get_output_embeddings().weight, row.predictors(node), encoded["offset_mapping"]
    found: list[float | None] = []
    for start, end, others in contests:
        piece = [index for index, (first, last) in enumerate(offsets) if first < end and last > start]
        # A token may begin with the space before a word: then that of the other text does too.
        lead = text[offsets[piece[0]][0] : start] if piece else ""
        gains = []
        for rival in tokenizer([f"{lead}{other}" for other in others], add_special_tokens=False)["input_ids"] if others else []:
            differs = [index for index, token in zip(piece, rival, strict=False) if token != ids[index]]
            if differs:
                other, own = rival[differs[0] - piece[0]], ids[differs[0]]
                gains.append(float(row.states[predictors[differs[0]]].float() @ (head[other].float() - head[own].float())))
        found.append(round(max(gains), _DIGITS) if gains else None)
    return found
