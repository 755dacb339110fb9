"""The questioner of kind `few-shot`: a base model that goes on after worked examples."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from judge.dataset.asking import Asking, prompt_of
from judge.dataset.candidates import Attempt, parse_pair
from judge.models.language_models import ModelSettings
from judge.models.local_llm import DecodingSettings, LocalLLM
from judge.settings import Option


class FewShot(Option):
    """A base model goes on after worked examples, with `Question: … Answer: …`."""

    kind: Literal["few-shot"]
    model: ModelSettings
    decoding: DecodingSettings
    prompt: str = Field(min_length=1, description="the worked examples; {context} and {opener} are filled in")
    openers: list[str] = Field(min_length=1, description="how the first, second, … question of a passage begins; may be empty")

    def attempts(self, passages: Sequence[str], count: int, asking: Asking) -> list[list[Attempt]]:
        """What became of `count` questions about each passage, in order.

        Raises:
            PinError, ModelError: the model cannot be loaded, or a single prompt does not fit into memory.
        """
        llm = LocalLLM(self.model, self.decoding, is_chat=False, seed=asking.seed)
        openers = [self.openers[number % len(self.openers)] for number in range(count)]
        prompts = [prompt_of(self.prompt, context=passage, opener=opener) for passage in passages for opener in openers]
        completions = iter(llm.complete(prompts, "question"))
        return [[Attempt(parse_pair(next(completions), opener), None) for opener in openers] for _ in passages]
