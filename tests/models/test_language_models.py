"""Language models: where they may come from, and what is said when they cannot be had."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from judge.errors import ModelError
from judge.models import language_models
from judge.models.language_models import ModelSettings


def _settings(embedded: str | None, hub: str | None) -> ModelSettings:
    return ModelSettings(embedded=embedded, hub=hub, revision=None, dtype="float32")


def test_a_model_without_a_source_is_refused() -> None:
    """Neither pinned files nor the hub: the message says that one of them is needed."""
    with pytest.raises(ValidationError, match="a name under `embedded`, an id under `hub`, or both"):
        _settings(None, None)


def test_an_unknown_name_of_pinned_files_is_refused_with_those_there_are() -> None:
    """The names that there are stand in the message."""
    with pytest.raises(ValidationError, match="gemma-3-270m"):
        _settings("gpt-2", None)


def test_a_model_that_cannot_be_reached_is_a_clear_error(tmp_path: Path) -> None:
    """An empty folder holds no model: what, and what to do next."""
    with pytest.raises(ModelError, match=r"could not be loaded[\s\S]*Next:"):
        language_models.load(_settings(None, str(tmp_path)))


def test_a_local_folder_serves_as_well_as_the_hub() -> None:
    """A converted model's own folder under `hub` loads the same weights."""
    import torch

    pinned_model = language_models.load(_settings("smollm2-135m-instruct", None))
    folder = language_models.load(_settings(None, pinned_model.model.name_or_path))
    weights, same = pinned_model.model.state_dict(), folder.model.state_dict()
    assert weights.keys() == same.keys()
    assert all(torch.equal(weights[name], same[name]) for name in weights)


def test_another_dtype_is_another_model_to_the_cache() -> None:
    """The identity holds all that changes a reply: the files' hash and the precision."""
    settings = _settings("smollm2-135m-instruct", None)
    assert settings.identity != settings.model_copy(update={"dtype": "bfloat16"}).identity
    assert "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53" in settings.identity


def test_a_file_is_parsed_once_while_it_is_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens it meanwhile shares what was parsed; afterwards the reader is what it was."""
    gguf: Any = import_module("gguf")
    parsed: list[str] = []

    def reader(path: str) -> list[str]:
        parsed.append(path)
        return [path]

    monkeypatch.setattr(gguf, "GGUFReader", reader)
    with language_models._parsed_once():
        assert gguf.GGUFReader("a.gguf") is gguf.GGUFReader("a.gguf")
    assert (["a.gguf"], reader) == (parsed, gguf.GGUFReader)
