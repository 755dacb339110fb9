"""What questioners and generators share: on what terms a model is asked, and the form of the prompt."""

from typing import NamedTuple

from judge.models import prompts


class Asking(NamedTuple):
    """What a stage grants to whoever asks a model; a model that runs here needs the seed alone, a hosted one the rest.

    `seed` is of sampling, where the option samples; `budget_usd` bounds the dollars that all runs with this cache may pay together, and
    None is no limit; `max_failed_share`, in [0, 1], is the largest share of requests that may fail for good.
    """

    seed: int
    budget_usd: float | None = None
    max_failed_share: float = 0.0


def prompt_of(prompt: str, **texts: str) -> str:
    """A prompt with its texts on one line each, without white space at its end: a base model goes on best from there."""
    return prompts.fill(prompt, texts, "lines").rstrip(" \n")
