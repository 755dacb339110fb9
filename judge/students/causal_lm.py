"""A student that is an open language model with a low-rank adapter, fine-tuned on verdicts in words.

Import this module only where such a student is trained or loaded: it loads torch.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Self

import torch
from tqdm import tqdm

from judge.models import language_models
from judge.students import adapters, tokenizer_files
from judge.students.conversation import TRAINING_FILE, copies_text
from judge.students.options import CausalLM
from judge.students.student import CardTexts, Student, best_epoch, incompatible, judge_worded
from judge.students.verdict_reader import VerdictReader, levels_of
from judge.tables.items import Item, Judge
from judge.tables.levels import Judgment

_ADAPTER, _ADAPTER_CONFIG = "adapter_model.safetensors", "adapter_config.json"


class _VerdictJudge:
    """A judge that reads its levels off a model, with its adapter or without."""

    def __init__(self, model: Any, tokenizer: Any, option: CausalLM, *, adapted: bool) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._option = option
        self._adapted = adapted

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order, one after the other, so that no judgment depends on another's length."""
        return judge_worded(items, self._judge)

    def _judge(self, items: Sequence[Item]) -> list[Judgment]:
        reader = VerdictReader(self._model.base_model.model, self._tokenizer, self._option)
        prompts = [reader.encode(item) for item in items]
        self._model.eval()
        with torch.inference_mode(), nullcontext() if self._adapted else self._model.disable_adapter():
            return [Judgment(levels_of(reader(prompt))) for prompt in tqdm(prompts, unit="judgment", disable=None, file=sys.stderr)]


class CausalLMStudent(Student):
    """A language model with a trained adapter; the folder holds the adapter, and names the model that it belongs to."""

    FILES = (TRAINING_FILE, _ADAPTER, _ADAPTER_CONFIG, "tokenizer.json", "tokenizer_config.json")

    option: CausalLM

    def __init__(
        self, option: CausalLM, threshold: float, training: dict[str, Any], model: Any, tokenizer: Any, training_file: str
    ) -> None:
        super().__init__(option, threshold, training)
        self.model = model
        self.tokenizer = tokenizer
        self.training_file = training_file

    @classmethod
    def restore(cls, option: CausalLM, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """The student of a folder, with its base model from where `judge.models.language_models` finds it.

        Raises:
            StudentError: the adapter is cut off, or the base model is not the one that it was trained on.
            PinError, ModelError: the base model cannot be loaded.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        if model["base"] != option.model.identity:
            raise incompatible(folder, f"it was trained on {model['base']}, and this machine would load {option.model.identity}")
        loaded = language_models.load(option.model)
        adapted = adapters.add(loaded, option)
        try:
            tensors = load_file(folder / _ADAPTER)
        except SafetensorError as error:
            raise incompatible(folder, f"{_ADAPTER} is cut off: {error}") from None
        shapes = {name: tensor.shape for name, tensor in adapters.tensors_of(adapted).items()}
        if {name: tensor.shape for name, tensor in tensors.items()} != shapes:
            raise incompatible(folder, f"{_ADAPTER} does not fit the option in config.json")
        adapters.put(adapted, tensors)
        return cls(option, threshold, training, adapted, loaded.tokenizer, (folder / TRAINING_FILE).read_text(encoding="utf-8"))

    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student."""
        return _VerdictJudge(self.model, self.tokenizer, self.option, adapted=True).judge(items)

    def untuned(self) -> Judge:
        """The same model without its adapter."""
        return _VerdictJudge(self.model, self.tokenizer, self.option, adapted=False)

    def describe(self) -> dict[str, Any]:
        """The base model: a hash of its files, or its id and revision."""
        return {"base": self.option.model.identity}

    def write(self, folder: Path) -> None:
        """The adapter in the format of peft, the tokenizer, and the training file."""
        from safetensors.torch import save as to_bytes

        # safetensors' own writer makes a file that only its owner may read.
        (folder / _ADAPTER).write_bytes(to_bytes(adapters.tensors_of(self.model)))
        # peft would write sets in the order of the day, and the folder that the base model was loaded from.
        config = {
            name: sorted(value) if isinstance(value, set) else value for name, value in adapters.settings(self.option).to_dict().items()
        }
        config["base_model_name_or_path"] = self.option.model.hub
        (folder / _ADAPTER_CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        tokenizer_files.write(self.tokenizer, folder)
        (folder / TRAINING_FILE).write_text(self.training_file, encoding="utf-8")

    def card_texts(self) -> CardTexts:
        """As every student."""
        model, training = self.option.model, self.training
        return CardTexts(
            method=(
                "a language model with a trained low-rank adapter is asked for a verdict from 0 to 10, and the probabilities of the "
                "11 verdicts are those of the levels 0.0, 0.1, … 1.0"
            ),
            model=(
                f"The base model is {model.hub or model.embedded}; this folder holds the adapter alone, and loads with {model.identity}."
            ),
            training=(
                f"{copies_text(self.option, training)}\n{training['trained_parameters']:,} parameters were trained.\n{best_epoch(training)}"
            ),
            target="reported level",
            divergence="divergence",
        )
