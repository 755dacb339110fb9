"""A student that is an open language model with a low-rank adapter, fine-tuned on verdicts in words.

Its levels are read exactly: the log-probability of each of the 11 verdicts with the end of the turn after it, whatever number of
tokens that takes, normalised over the 11.

Import this module only where such a student is trained or loaded: it loads torch.
"""

import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from judge.errors import StudentError
from judge.models import language_models
from judge.models.chat import Message
from judge.students import adapters
from judge.students.conversation import VERDICTS, conversation
from judge.students.options import CausalLM
from judge.students.student import AnyStudent, incompatible
from judge.tables.items import Item, Judge, has_words
from judge.tables.levels import Judgment

_FILE, _ADAPTER, _ADAPTER_CONFIG = "train.jsonl", "adapter_model.safetensors", "adapter_config.json"


class Reader:
    """Reads the verdicts' log-probabilities off a language model.

    It takes the model's head for a plain linear map; where a model scales its logits besides, training and judging leave that out alike.
    """

    def __init__(self, model: Any, tokenizer: Any, option: CausalLM) -> None:
        self.tokenizer = tokenizer
        self._option = option
        self._model = model
        head = model.get_output_embeddings()
        # bfloat16 keeps 8 bits of a logit: too few for a probability.
        self._head = head.weight.detach().float()
        self._bias = None if getattr(head, "bias", None) is None else head.bias.detach().float()
        self._verdicts = [self._ids(text) for text in self._endings()]

    def encode(self, item: Item) -> list[int]:
        """The token ids of an item's prompt; where it is too long, the end of the evidence goes.

        Raises:
            StudentError: the evidence is missing, or even without it the prompt is too long.
        """
        while True:
            ids = self._prompt_ids(conversation(self._option, item))
            surplus = len(ids) - self._option.max_tokens
            if surplus <= 0:
                return ids
            item = self._shortened(item, surplus)

    def __call__(self, prompt: Sequence[int]) -> Tensor:
        """The log-probabilities, in nats and float32, of the 11 verdicts after a prompt, each with the end of its turn; shape (11,).

        All verdicts share one row, in which each sees the prompt and itself only, at the positions right after the prompt.
        """
        ids, positions, segments, predicted_at, targets = list(prompt), list(range(len(prompt))), [0] * len(prompt), [], []
        for segment, verdict in enumerate(self._verdicts, start=1):
            # A token is predicted at the one before it, and a verdict's first one at the end of the prompt.
            predicted_at += [len(prompt) - 1, *range(len(ids), len(ids) + len(verdict) - 1)]
            targets += verdict
            ids += verdict
            positions += range(len(prompt), len(prompt) + len(verdict))
            segments += [segment] * len(verdict)
        segment_of = torch.tensor(segments)
        visible = ((segment_of[:, None] == segment_of) | (segment_of == 0)).tril()
        device = self._head.device
        hidden = self._model.get_decoder()(
            input_ids=torch.tensor([ids], device=device),
            attention_mask=visible[None, None].to(device),
            position_ids=torch.tensor([positions], device=device),
            use_cache=False,
        ).last_hidden_state[0]
        places, place_of = torch.unique(torch.tensor(predicted_at), return_inverse=True)
        logits = functional.linear(hidden[places.to(device)].float(), self._head, self._bias)
        chosen = torch.log_softmax(logits, dim=1)[place_of.to(device), torch.tensor(targets, device=device)]
        return torch.stack([part.sum() for part in torch.split(chosen, [len(verdict) for verdict in self._verdicts])])

    def _prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        # A text that holds a special token, such as the end of a turn, must not be read as one.
        special = [token.content for token in self.tokenizer.added_tokens_decoder.values() if token.special]
        plain = []
        for message in messages:
            content = message["content"]
            for mark in special:
                content = content.replace(mark, f"{mark[0]} {mark[1:]}")
            plain.append({**message, "content": content})
        if self.tokenizer.chat_template is None:
            text = "\n\n".join(message["content"] for message in plain) + "\n"
            return self._ids(text, start=True)
        return self._ids(self._in_chat_format(plain, open_turn=True))

    def _endings(self) -> list[str]:
        """What follows a prompt, for each verdict: the verdict as the model's chat format writes it, and the end of the turn."""
        if self.tokenizer.chat_template is None:
            return [f"{verdict}{self.tokenizer.eos_token}" for verdict in VERDICTS]
        asked = [{"role": "user", "content": "?"}]
        before = self._in_chat_format(asked, open_turn=True)
        whole = [self._in_chat_format([*asked, {"role": "assistant", "content": verdict}], open_turn=False) for verdict in VERDICTS]
        if not all(text.startswith(before) for text in whole):
            return [f"{verdict}{self.tokenizer.eos_token}" for verdict in VERDICTS]
        return [text[len(before) :].rstrip() for text in whole]

    def _in_chat_format(self, messages: Sequence[Message], *, open_turn: bool) -> str:
        from jinja2 import TemplateError

        try:
            text: str = self.tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=open_turn)
        except TemplateError as error:
            raise StudentError(
                f"The chat format of {self._option.model.hub or self._option.model.embedded} refuses the prompt: {error}\n"
                "Next: if it has no system's messages, put the text of `system` into `prompt` and null in its place (conf/student).",
            ) from None
        return text

    def _ids(self, text: str, *, start: bool = False) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=start)["input_ids"]
        return ids

    def _shortened(self, item: Item, surplus: int) -> Item:
        name = "reference" if self._option.evidence == "reference" else "context"
        text = str(getattr(item, name))
        ends = [end for _, end in self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]]
        if len(ends) <= surplus:
            raise StudentError(
                f"The prompt for the question {item.question[:80]!r} has more than {self._option.max_tokens} tokens without its {name}.\n"
                "Next: raise `max_tokens` in the option file of conf/student.",
            )
        return item._replace(**{name: text[: ends[len(ends) - surplus - 1]]})


class _Reading:
    """A judge that reads its levels off a model, with its adapter or without."""

    def __init__(self, model: Any, tokenizer: Any, option: CausalLM, *, adapted: bool) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._option = option
        self._adapted = adapted

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order, one after the other, so that no judgment depends on another's length."""
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        said = [place for place, item in enumerate(items) if has_words(item.answer)]
        reader = Reader(self._model.base_model.model, self._tokenizer, self._option)
        prompts = [reader.encode(items[place]) for place in said]
        self._model.eval()
        with torch.inference_mode(), nullcontext() if self._adapted else self._model.disable_adapter():
            for place, prompt in zip(tqdm(said, unit="judgment", disable=None, file=sys.stderr), prompts, strict=True):
                judgments[place] = Judgment(levels_of(reader(prompt)))
        return judgments


class CausalLMStudent(AnyStudent):
    """A language model with a trained adapter; the folder holds the adapter, and names the model that it belongs to."""

    option: CausalLM

    def __init__(
        self, option: CausalLM, threshold: float, training: dict[str, Any], model: Any, tokenizer: Any, training_file: str
    ) -> None:
        super().__init__(option, threshold, training)
        self.model = model
        self.tokenizer = tokenizer
        self.training_file = training_file

    @classmethod
    def restore(
        cls, option: CausalLM, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path
    ) -> "CausalLMStudent":
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
        return cls(option, threshold, training, adapted, loaded.tokenizer, (folder / _FILE).read_text(encoding="utf-8"))

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """As every student."""
        return _Reading(self.model, self.tokenizer, self.option, adapted=True).judge(items)

    def baseline(self) -> Judge:
        """The same model without its adapter."""
        return _Reading(self.model, self.tokenizer, self.option, adapted=False)

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
        self.tokenizer.save_pretrained(folder)
        (folder / _FILE).write_text(self.training_file, encoding="utf-8")


def levels_of(log_probabilities: Tensor) -> tuple[float, ...]:
    """The verdicts' log-probabilities, shape (11,), as a distribution over the levels."""
    # In double precision, so that a table's rows sum to 1.
    return tuple(torch.softmax(log_probabilities.double(), dim=0).tolist())
