"""Save a tokenizer so that the same one has the same files wherever it is saved."""

from pathlib import Path
from typing import Any


def write(tokenizer: Any, folder: Path) -> None:
    """Write a tokenizer of transformers to a folder, as its `save_pretrained` does.

    Loading notes in it whether this machine was told to stay offline (`HF_HUB_OFFLINE`), which is no property of a tokenizer.
    """
    if "local_files_only" in tokenizer.init_kwargs:
        tokenizer.init_kwargs["local_files_only"] = False
    tokenizer.save_pretrained(folder)
