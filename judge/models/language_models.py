"""Load causal language models: from the packages of the index, from a local folder, or from the Hugging Face hub."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from judge.errors import ModelError
from judge.models import folders, memory, pinned
from judge.models.model_source import ModelSource
from judge.tables import atomic

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class ModelSettings(ModelSource):
    """Which language model, from where, and in which precision it computes."""

    dtype: Literal["bfloat16", "float16", "float32", "int8"] = Field(
        description="how it computes; int8 takes bytes in the linear layers where the processor multiplies them, and bfloat16 elsewhere"
    )

    @property
    def identity(self) -> str:
        """What tells this model's replies from another's: a hash of its files, or id and revision."""
        if self.pinned_name is not None:
            return f"sha256:{pinned.joint_hash(self.pinned_name)}:{self.dtype}"
        return f"{self.hub}@{self.revision}:{self.dtype}"


class LanguageModel(NamedTuple):
    """A model in evaluation mode with its tokenizer."""

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"


def load(settings: ModelSettings) -> LanguageModel:
    """Load the model and its tokenizer, on a GPU where there is one.

    Raises:
        PinError: a pinned file is missing or differs from its hash.
        ModelError: the hub cannot be reached, or what is there cannot be loaded.
    """
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if settings.pinned_name in pinned.NEEDED_GB:
        memory.require(settings.pinned_name, pinned.NEEDED_GB[settings.pinned_name])
    source, revision = _source(settings)
    dtype = torch.bfloat16 if settings.dtype == "int8" else getattr(torch, settings.dtype)
    tokenizer = load_tokenizer(settings)
    with _said_where(source):
        model = AutoModelForCausalLM.from_pretrained(source, revision=revision, dtype=dtype)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    # The decorator around `to` hides its signature from the type checker.
    model = model.to(device).train(mode=False)  # type: ignore[arg-type]
    if settings.dtype == "int8":
        from judge.models import attention, int8

        if int8.is_supported(device):
            int8.quantise(model)
            # Rows of 400 to 600 tokens take a tenth to a fifth less time with plain products than with PyTorch's fused attention.
            model.set_attn_implementation(attention.NAME)
    return LanguageModel(model, tokenizer)


def load_tokenizer(settings: ModelSettings) -> "PreTrainedTokenizerBase":
    """Load the model's tokenizer alone.

    Raises:
        PinError, ModelError: as `load`.
    """
    from transformers import AutoTokenizer

    source, revision = _source(settings)
    with _said_where(source):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source, revision=revision)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _source(settings: ModelSettings) -> tuple[str, str | None]:
    """A folder, or an id of the hub, and its revision."""
    if settings.pinned_name is not None:
        return str(_converted(settings.pinned_name)), None
    return str(settings.hub), settings.revision


@contextmanager
def _said_where(source: str) -> Iterator[None]:
    """Let what transformers cannot load while the block runs be a user's error."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model {source} could not be loaded: {error}\n"
            "Next: check the network and the id, log in to the hub if it is gated, "
            "put a local folder under `hub` of the option file, or choose an option whose files the package index carries.",
        ) from error


def _converted(name: str) -> Path:
    """The pinned GGUF file as a folder of safetensors and tokenizer, converted once for each hash."""
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
        with quiet, _parsed_once():
            tokenizer = AutoTokenizer.from_pretrained(scratch, gguf_file=file.name)
            model = AutoModelForCausalLM.from_pretrained(scratch, gguf_file=file.name, dtype=torch.bfloat16)
        # The weights are plain after loading, but the loader leaves its quantiser behind and saving refuses it.
        setattr(model, "hf_quantizer", None)  # noqa: B010 - no attribute that its type knows
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        # In parts, as a file counts as memory while any of its weights is in use: those go whose layers were put into 8 bits.
        model.save_pretrained(target, max_shard_size="400MB")
        tokenizer.save_pretrained(target)
        (scratch / file.name).unlink()
        scratch.rmdir()

    return atomic.make_once(folders.models_folder() / file.sha256, convert)


@contextmanager
def _parsed_once() -> Iterator[None]:
    """Let transformers share one parsed GGUF file while the block runs.

    It parses the file for the settings, for the tokenizer and for the weights anew, and a vocabulary of 49,000 words takes two seconds
    each time, one of 262,000 five times as long.
    """
    # A class may not be replaced, as its types have it.
    gguf: Any = import_module("gguf")
    reader = gguf.GGUFReader
    gguf.GGUFReader = lru_cache(maxsize=1)(reader)
    try:
        yield
    finally:
        gguf.GGUFReader = reader
