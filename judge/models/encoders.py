"""Load text encoders; `judge.models.text_reader` turns texts into vectors with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.errors import ModelError
from judge.models import folders
from judge.models.model_source import ModelSource

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class EncoderSettings(ModelSource):
    """Which text encoder, and where it may come from."""


class Encoder(NamedTuple):
    """A model in evaluation mode with its tokenizer."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"


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
