"""Reads verdicts off a language model, exactly.

The log-probability of each of the 11 verdicts with the end of the turn after it, whatever number of tokens that takes;
normalised over the 11 they are the levels.

Import this module only where such a student is trained or loaded: it loads torch.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from judge.errors import StudentError
from judge.models.chat import Message
from judge.students.conversation import VERDICTS, conversation
from judge.students.options import CausalLM
from judge.tables.items import Item


class VerdictReader:
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
        used, row_of = torch.unique(torch.tensor(predicted_at), return_inverse=True)
        logits = functional.linear(hidden[used.to(device)].float(), self._head, self._bias)
        chosen = torch.log_softmax(logits, dim=1)[row_of.to(device), torch.tensor(targets, device=device)]
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
                "Next: if it has no system's messages, put the text of `system` into `prompt`, and null for it (conf/student).",
            ) from None
        return text

    def _ids(self, text: str, *, start: bool = False) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=start)["input_ids"]
        return ids

    def _shortened(self, item: Item, surplus: int) -> Item:
        name = "reference" if self._option.evidence == "reference" else "context"
        text = str(item.texts[name])
        ends = [end for _, end in self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]]
        if len(ends) <= surplus:
            raise StudentError(
                f"The prompt for the question {item.question[:80]!r} has more than {self._option.max_tokens} tokens without its {name}.\n"
                "Next: raise `max_tokens` in the option file of conf/student.",
            )
        return item._replace(**{name: text[: ends[len(ends) - surplus - 1]]})


def levels_of(log_probabilities: Tensor) -> tuple[float, ...]:
    """The verdicts' log-probabilities, shape (11,), as a distribution over the levels."""
    # In double precision, so that a table's rows sum to 1.
    return tuple(torch.softmax(log_probabilities.double(), dim=0).tolist())
