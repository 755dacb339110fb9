"""The student that is a language model with an adapter: how it judges, is saved and loaded."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from judge.errors import StudentError
from judge.models import language_models
from judge.students import adapters
from judge.students.causal_lm import CausalLMStudent
from judge.students.saved import load, save
from judge.students.verdict_reader import VerdictReader
from judge.tables.items import Item
from judge.tables.levels import Judgment
from tests.conftest import ROOT
from tests.students.examples import VIOLA, causal_lm, items


@pytest.fixture(scope="module")
def student() -> CausalLMStudent:
    """A student whose adapter says something, though nothing sensible: its matrices are drawn at random."""
    loaded = language_models.load(causal_lm().model)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = adapters.add(loaded, causal_lm())
        adapters.put(model, {name: 0.05 * torch.randn_like(tensor) for name, tensor in adapters.tensors_of(model).items()})
    return CausalLMStudent(causal_lm(), 0.8, {"teacher": "rule"}, model, loaded.tokenizer, "{}\n")


@pytest.fixture
def folder(student: CausalLMStudent, tmp_path: Path) -> Path:
    """The same, saved."""
    save(student, tmp_path / "student", "a card")
    return tmp_path / "student"


def change(folder: Path, section: str, **values: Any) -> None:
    """Change values of a section of config.json."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config[section] |= values
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def test_every_judgment_is_a_distribution(student: CausalLMStudent) -> None:
    """Eleven probabilities that sum to 1; without words there is no verdict."""
    judged, empty = student.judge([VIOLA, Item("Why?", "...", "Because.")])
    assert judged.levels is not None
    assert len(judged.levels) == 11
    assert sum(judged.levels) == pytest.approx(1.0, abs=1e-9)
    assert Judgment(None, "no_verdict") == empty


def test_untuned_it_is_the_model_without_its_adapter(student: CausalLMStudent) -> None:
    """Without the adapter it judges as the base model does; with it, otherwise."""
    (adapted,), (before,) = student.judge([VIOLA]), student.untuned().judge([VIOLA])
    base = language_models.load(causal_lm().model)
    reader = VerdictReader(base.model, base.tokenizer, causal_lm())
    with torch.inference_mode():
        expected = torch.softmax(reader(reader.encode(VIOLA)), dim=0).tolist()
    assert expected == pytest.approx(before.levels, abs=0.05)
    assert adapted.levels != before.levels


def test_loaded_it_gives_the_same_levels(student: CausalLMStudent, folder: Path) -> None:
    """Saving and loading changes no level of any judgment."""
    assert student.judge(items()[:3]) == load(folder).judge(items()[:3])


def test_the_folder_holds_the_adapter_and_not_the_model(folder: Path) -> None:
    """Its files are few, small, without a path of this machine."""
    files = {path.name: path for path in folder.iterdir()}
    assert [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "chat_template.jinja",
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "train.jsonl",
    ] == sorted(files)
    assert files["adapter_model.safetensors"].stat().st_size < 3_000_000
    for name in ("README.md", "adapter_config.json", "config.json", "tokenizer_config.json"):
        text = files[name].read_text(encoding="utf-8")
        assert ".cache" not in text
        assert str(ROOT) not in text


# peft asks transformers for an attribute by the name that it had before.
@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
def test_peft_loads_the_folder(student: CausalLMStudent, folder: Path) -> None:
    """Its files are in peft's own format, so the student is of use elsewhere too."""
    from peft import PeftModel

    loaded = language_models.load(causal_lm().model)
    model = PeftModel.from_pretrained(loaded.model, str(folder))
    elsewhere = CausalLMStudent(causal_lm(), 0.8, student.training, model, loaded.tokenizer, "")
    assert student.judge([VIOLA]) == elsewhere.judge([VIOLA])


def test_another_base_model_is_refused(folder: Path) -> None:
    """An adapter is nothing without its own model."""
    change(folder, "model", base="sha256:other:bfloat16")
    with pytest.raises(StudentError, match="it was trained on sha256:other:bfloat16"):
        load(folder)


def test_a_cut_off_adapter_is_refused(folder: Path) -> None:
    """With the name of its file."""
    adapter = folder / "adapter_model.safetensors"
    adapter.write_bytes(adapter.read_bytes()[:1000])
    with pytest.raises(StudentError, match=r"adapter_model\.safetensors is cut off"):
        load(folder)


def test_an_adapter_that_does_not_fit_is_refused(folder: Path) -> None:
    """As when config.json was edited."""
    change(folder, "option", lora={"rank": 8, "alpha": 8, "dropout": 0.05, "target_modules": ["q_proj", "v_proj"]})
    with pytest.raises(StudentError, match="does not fit the option"):
        load(folder)
