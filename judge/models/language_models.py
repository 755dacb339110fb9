"""Load causal language models: from the packages of the index, from a local folder, or from the Hugging Face hub."""

import io
import sys
from contextlib import nullcontext, redirect_stderr
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, model_validator

from judge.errors import ModelError
from judge.models import folders, pinned
from judge.settings import Settings
from judge.tables import atomic

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class ModelSettings(Settings):
    """Which language model, and where it may come from.

    `embedded` (files from the package index) is used where its packages are installed, else `hub`.
    """

    embedded: str | None = Field(description="name of an entry of judge.models.pinned.FILES, or null")
    hub: str | None = Field(description="Hugging Face id or a local folder, or null")
    revision: str | None = Field(description="commit of the hub repository, or null")
    dtype: Literal["bfloat16", "float16", "float32"]

    @model_validator(mode="after")
    def _has_a_source(self) -> "ModelSettings":
        if self.embedded is None and self.hub is None:
            message = "a name under `embedded`, an id under `hub`, or both"
            raise ValueError(message)
        if self.embedded is not None and self.embedded not in pinned.FILES:
            message = f"for `embedded` one of {', '.join(sorted(pinned.FILES))}"
            raise ValueError(message)
        return self

    @property
    def identity(self) -> str:
        """What tells this model's replies from another's: a hash of its files, or id and revision."""
        if self.embedded is not None and pinned.is_installed(self.embedded):
            return f"sha256:{pinned.joint_hash(self.embedded)}:{self.dtype}"
        return f"{self.hub}@{self.revision}:{self.dtype}"


class LanguageModel(NamedTuple):
    """A model in evaluation mode with its tokenizer."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"


def load(settings: ModelSettings) -> LanguageModel:
    """Load the model and its tokenizer, on a GPU where there is one.

    Raises:
        PinError: an embedded model's file is missing or differs from its pinned hash.
        ModelError: the hub cannot be reached, or what is there cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if settings.embedded is not None and pinned.is_installed(settings.embedded):
        source, revision = str(_converted(settings.embedded)), None
    elif settings.hub is not None:
        source, revision = settings.hub, settings.revision
    else:
        source, revision = str(_converted(str(settings.embedded))), None
    dtype = getattr(torch, settings.dtype)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        model = AutoModelForCausalLM.from_pretrained(source, revision=revision, dtype=dtype)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model {source} could not be loaded: {error}\n"
            "Next: check the network and the id, log in to the hub if it is gated, "
            "put a local folder under `hub` of the option file, or choose an option that is embedded.",
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # The decorator around `to` hides its signature from the type checker.
    return LanguageModel(model.to(device).train(mode=False), tokenizer)  # type: ignore[arg-type]


def _converted(name: str) -> Path:
    """The embedded GGUF file as a folder of safetensors and tokenizer, converted once for each hash."""
    (file,) = pinned.FILES[name]

    def convert(target: Path) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        scratch = target / "gguf"
        scratch.mkdir()
        (scratch / file.name).write_bytes(pinned.read(file))
        # The loader draws a bar of its own whether or not anybody watches, and warns about speed that saving once makes moot.
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        quiet = nullcontext() if sys.stderr.isatty() else redirect_stderr(io.StringIO())
        with quiet:
            tokenizer = AutoTokenizer.from_pretrained(scratch, gguf_file=file.name)
            model = AutoModelForCausalLM.from_pretrained(scratch, gguf_file=file.name, dtype=torch.bfloat16)
        # The weights are plain after loading, but the loader leaves its quantiser behind and saving refuses it.
        setattr(model, "hf_quantizer", None)  # noqa: B010 - no attribute that its type knows
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(target)
        tokenizer.save_pretrained(target)
        (scratch / file.name).unlink()
        scratch.rmdir()

    return atomic.make_once(folders.models_folder() / file.sha256, convert)
