"""Load text encoders, and turn texts into vectors: of their tokens, layer by layer, or of the whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from judge.errors import ModelError
from judge.models import folders
from judge.models.model_source import ModelSource
from judge.tables.items import has_words

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


_BATCH_SIZE = 32
# Longer texts are read in pieces, as sentence-transformers does from this length on with the default encoder.
_LONGEST_PIECE = 254


class EncoderSettings(ModelSource):
    """Which text encoder, and where it may come from."""


class Encoder(NamedTuple):
    """A model in evaluation mode with its tokenizer."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"


@dataclass(frozen=True)
class TokenVectors:
    """The tokens of one text, without those that have no letter or digit.

    `ids` has shape (tokens,), `vectors` (layers, tokens, width): the word embeddings before any context, the outputs of a
    third and of two thirds of the layers, and that of the last; every vector has length 1.
    `mean` has shape (width,): the mean of the last layer over all tokens, as sentence-transformers pools it, with length 1.
    """

    ids: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]
    mean: npt.NDArray[np.float32]


def load(settings: EncoderSettings, labels: int | None = None) -> Encoder:
    """Load an encoder, on a GPU where there is one; as a classifier with an untrained head where a number of labels is given.

    One that is only read with is in bfloat16, which takes a third of the time on a processor made for it; a classifier, which
    is to be trained, is in single precision.

    Raises:
        PinError: a pinned file is missing or differs from its hash.
        ModelError: the hub cannot be reached, or what is there cannot be loaded.
    """
    import torch
    from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if settings.pinned_name is not None:
        source, revision = str(folders.folder(settings.pinned_name)), None
    else:
        source, revision = str(settings.hub), settings.revision
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        if labels is None:
            model = AutoModel.from_pretrained(source, revision=revision, dtype=torch.bfloat16)
        else:
            # The loader would warn that the head is not trained yet, which is why it is loaded.
            logging.set_verbosity_error()  # type: ignore[no-untyped-call]
            model = AutoModelForSequenceClassification.from_pretrained(source, revision=revision, dtype=torch.float32, num_labels=labels)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The encoder {source} could not be loaded: {error}\n"
            "Next: check the network and the id, log in to the hub if it is gated, "
            "put a local folder under `hub` of the option file, or choose an option whose files the package index carries.",
        ) from error
    return Encoder(model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer)


def describe(encoder: Encoder) -> dict[str, Any]:
    """The architecture, in transformers' terms, without where it came from."""
    config = encoder.model.config.to_dict()
    return {key: value for key, value in config.items() if key not in ("_name_or_path", "transformers_version")}


def blank(config: dict[str, Any], folder: Path, *, is_classifier: bool) -> Encoder:
    """An encoder of a saved architecture with weights still to be loaded, and the tokenizer that lies in `folder`.

    Raises:
        OSError, ValueError, KeyError: the architecture is unknown here, or the tokenizer is unreadable.
    """
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoTokenizer

    described = AutoConfig.for_model(**config)
    kind = AutoModelForSequenceClassification if is_classifier else AutoModel
    model = kind.from_config(described, dtype=torch.float32 if is_classifier else torch.bfloat16)  # type: ignore[no-untyped-call]
    return Encoder(model.eval().to("cuda" if torch.cuda.is_available() else "cpu"), AutoTokenizer.from_pretrained(folder))


def read(encoder: Encoder, texts: Sequence[str]) -> list[TokenVectors]:
    """Read texts, in order; equal ones are read once, and long ones in pieces, so that nothing is cut off."""
    pieces: dict[str, list[TokenVectors]] = {text: [] for text in texts}
    unique = list(pieces)
    # Texts of similar length share a batch, so that little is computed for padding.
    order = sorted(unique, key=len)
    for start in range(0, len(order), _BATCH_SIZE):
        for text, tokens in _read_batch(encoder, order[start : start + _BATCH_SIZE]):
            pieces[text].append(tokens)
    joined = {text: _join(parts) for text, parts in pieces.items()}
    return [joined[text] for text in texts]


def _read_batch(encoder: Encoder, texts: Sequence[str]) -> Iterator[tuple[str, TokenVectors]]:
    import torch
    from torch.nn.functional import normalize

    inputs = encoder.tokenizer(
        list(texts),
        padding=True,
        truncation=True,
        max_length=_LONGEST_PIECE,
        return_overflowing_tokens=True,
        return_tensors="pt",
    )
    text_of = inputs.pop("overflow_to_sample_mapping").tolist()
    inputs = inputs.to(encoder.model.device)
    with torch.inference_mode():
        states = encoder.model(**inputs, output_hidden_states=True).hidden_states
        embeddings = encoder.model.get_input_embeddings()(inputs["input_ids"])
        count = len(states) - 1
        stacked = torch.stack([embeddings, states[count // 3], states[count * 2 // 3], states[count]], dim=1).float()
        layers, mask = normalize(stacked, dim=-1).cpu(), inputs["attention_mask"][..., None]
        means = ((stacked[:, -1] * mask).sum(dim=1) / mask.sum(dim=1)).cpu()
    special = set(encoder.tokenizer.all_special_ids) - {encoder.tokenizer.unk_token_id}
    for index, row in enumerate(inputs["input_ids"].cpu()):
        names = encoder.tokenizer.convert_ids_to_tokens(row.tolist())
        kept = torch.tensor([id_ not in special and has_words(name) for id_, name in zip(row.tolist(), names, strict=True)])
        yield texts[text_of[index]], TokenVectors(row[kept].numpy(), layers[index][:, kept].numpy(), means[index].numpy())


def _join(parts: Sequence[TokenVectors]) -> TokenVectors:
    mean = np.mean([part.mean for part in parts], axis=0)
    return TokenVectors(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.vectors for part in parts], axis=1),
        mean / np.linalg.norm(mean),
    )
