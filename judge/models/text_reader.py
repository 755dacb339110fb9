"""Turn texts into vectors with an encoder: of their tokens, layer by layer, or of the whole.

Each text is read by itself, without padding, so that its vectors do not depend on what is read with it; a GPU alone reads several at once.
Import this module only where texts are read: it loads torch.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import tee
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from judge.models.encoders import Encoder
from judge.models.kept_vectors import SHORTEST, KeptVectors
from judge.tables.items import has_words

Array = npt.NDArray[np.float32]
States = Sequence[Array]
"""What an encoder makes of a piece of text: the outputs of a third and two thirds of its layers, and of the last, (tokens, width) each."""

ReadPieces = Callable[[Iterable[list[int]]], Iterator[States]]
"""Pieces as token ids in, their states out, in order; what it yields may be overwritten when the next is asked for."""

# Longer texts are read in pieces, as sentence-transformers does from this length on with the default encoder.
_LONGEST_PIECE = 254
_GPU_BATCH = 32
_ENCODED_AT_ONCE = 64


@dataclass(frozen=True)
class TokenVectors:
    """The tokens of one text, without those that have no letter or digit.

    `ids` has shape (tokens,), `vectors` (layers, tokens, width): the word embeddings before any context, the outputs of a
    third and of two thirds of the layers, and that of the last; every vector has length 1.
    `mean` has shape (width,): the mean of the last layer over all tokens, as sentence-transformers pools it, with length 1.
    """

    ids: npt.NDArray[np.int64]
    vectors: Array
    mean: Array


class _Encoded(NamedTuple):
    """A text, its pieces as token ids, and what is kept of it, if anything."""

    text: str
    pieces: list[list[int]]
    kept: Array | None


class TextReader:
    """An encoder that reads texts.

    Args:
        encoder: its model, which computes the states unless `read_pieces` is given, and its tokenizer.
        read_pieces: what computes the states in the model's place.

    Attributes:
        kept: what long texts gave that were read before.
    """

    def __init__(self, encoder: Encoder, read_pieces: ReadPieces | None = None) -> None:
        self.kept = KeptVectors()
        self._encoder = encoder
        on_gpu = encoder.model.device.type == "cuda"
        self._read_pieces = read_pieces or (self._together if on_gpu else self._one_by_one)

    def read(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Read texts, in order; equal ones are read once, and long ones in pieces, so that nothing is cut off."""
        return list(self.read_each(texts))

    def read_each(self, texts: Sequence[str]) -> Iterator[TokenVectors]:
        """As `read`, one after the other, while those to come are computed already where `read_pieces` does that."""
        # What is computed runs ahead of what is asked for; both meet the texts in one order.
        ahead, asked = tee(self._encoded(list(dict.fromkeys(texts))))
        states = self._read_pieces(piece for each in ahead if each.kept is None for piece in each.pieces)
        known: dict[str, TokenVectors] = {}
        for text in texts:
            if text not in known:
                known[text] = self._token_vectors(next(asked), states)
            yield known[text]

    def _encoded(self, texts: Sequence[str]) -> "Iterator[_Encoded]":
        """Some texts at a time, so that the first are computed while the next are encoded."""
        for start in range(0, len(texts), _ENCODED_AT_ONCE):
            some = texts[start : start + _ENCODED_AT_ONCE]
            # What the tokenizer would say of long texts is that they are cut; here the rest is another piece.
            encoded = self._encoder.tokenizer(
                list(some), truncation=True, max_length=_LONGEST_PIECE, return_overflowing_tokens=True, return_attention_mask=False
            )
            pieces: list[list[list[int]]] = [[] for _ in some]
            for ids, index in zip(encoded["input_ids"], encoded["overflow_to_sample_mapping"], strict=True):
                pieces[index].append(ids)
            for text, own in zip(some, pieces, strict=True):
                yield _Encoded(text, own, self.kept.get(text))

    def _token_vectors(self, encoded: "_Encoded", states: Iterator[States]) -> TokenVectors:
        """What is kept of a text, or what the next states give, a piece each."""
        text, pieces, kept = encoded
        if kept is None:
            tokens = _join([self._vectors(np.array(ids), next(states)) for ids in pieces])
            if len(text) < SHORTEST:
                return tokens
            # One array, in which each layer ends with the mean: what is kept is a single file.
            mean = np.broadcast_to(tokens.mean, (len(tokens.vectors), 1, len(tokens.mean)))
            kept = np.concatenate([tokens.vectors, mean], axis=1)
            self.kept.put(text, kept)
        ids = np.concatenate([np.array(piece) for piece in pieces])
        return TokenVectors(ids[self._is_word[ids]], kept[:, :-1], kept[0, -1])

    def _vectors(self, ids: npt.NDArray[np.int64], states: States) -> TokenVectors:
        kept = self._is_word[ids]
        words = ids[kept]
        vectors = np.empty((len(states) + 1, len(words), states[-1].shape[1]), dtype=np.float32)
        vectors[0] = self._embeddings[words]
        for layer, each in enumerate(states, start=1):
            vectors[layer] = _unit(each[kept])
        return TokenVectors(words, vectors, states[-1].mean(axis=0))

    @cached_property
    def _is_word(self) -> npt.NDArray[np.bool_]:
        """Of each token of the vocabulary whether it is read: it has a letter or digit, or stands for what the encoder does not know."""
        tokenizer = self._encoder.tokenizer
        special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
        names = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
        return np.array([index not in special and has_words(name) for index, name in enumerate(names)])

    @cached_property
    def _embeddings(self) -> Array:
        """The word embeddings with length 1, (vocabulary, width), which are read once the encoder's weights are loaded."""
        embeddings: torch.nn.Embedding = self._encoder.model.get_input_embeddings()  # type: ignore[assignment]
        return _unit(embeddings.weight.detach().float().cpu().numpy())

    def _one_by_one(self, pieces: Iterable[list[int]]) -> Iterator[States]:
        for ids in pieces:
            (states,) = self._states([ids])
            yield states

    def _together(self, pieces: Iterable[list[int]]) -> Iterator[States]:
        """Pieces of similar length share a batch, so that little is computed for padding."""
        whole = list(pieces)
        order = sorted(range(len(whole)), key=lambda index: len(whole[index]))
        found: list[States] = [()] * len(whole)
        for start in range(0, len(order), _GPU_BATCH):
            batch = order[start : start + _GPU_BATCH]
            for index, states in zip(batch, self._states([whole[index] for index in batch]), strict=True):
                found[index] = states
        yield from found

    def _states(self, batch: list[list[int]]) -> Iterator[States]:
        model, tokenizer = self._encoder.model, self._encoder.tokenizer
        inputs = tokenizer.pad({"input_ids": batch}, return_tensors="pt").to(model.device)
        if "token_type_ids" in tokenizer.model_input_names:
            inputs["token_type_ids"] = torch.zeros_like(inputs["input_ids"])
        with torch.inference_mode():
            states = model(**inputs, output_hidden_states=True).hidden_states
            count = len(states) - 1
            stacked = torch.stack([states[count // 3], states[count * 2 // 3], states[count]], dim=1).float().cpu().numpy()
        for ids, row in zip(batch, stacked, strict=True):
            yield row[:, -len(ids) :] if tokenizer.padding_side == "left" else row[:, : len(ids)]


def _unit(vectors: Array) -> Array:
    """Vectors along the last axis with length 1."""
    lengths = np.sqrt(np.einsum("...w,...w->...", vectors, vectors))
    unit: Array = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)[..., None]
    return unit


def _join(parts: Sequence[TokenVectors]) -> TokenVectors:
    """The pieces of a text as one."""
    if len(parts) == 1:
        return TokenVectors(parts[0].ids, parts[0].vectors, _unit(parts[0].mean))
    return TokenVectors(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.vectors for part in parts], axis=1),
        _unit(np.mean([part.mean for part in parts], axis=0)),
    )
