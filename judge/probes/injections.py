"""Texts that statements are perturbed with, read from perturbations.yaml, and instructions to the judge put into an answer.

An answer that tells its judge what to say is a prompt injection (Greshake and others 2023, "Not what you've signed up for"); that judges
that are language models follow such texts is measured by Raina, Liusie and Gales 2024, "Is LLM-as-a-Judge Robust?".
"""

from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field

from judge.settings import Settings, check

LANGUAGES = ("en", "de", "zh")


class Injection(Settings):
    """An instruction to the judge: its text in each of `LANGUAGES`, and where it stands."""

    at: Literal["before", "after"] = Field(description="the answer")
    between: str = Field(default="", description="what stands between the letters of the text")
    en: str = Field(min_length=1, description="English")
    de: str = Field(min_length=1, description="German")
    zh: str = Field(min_length=1, description="Chinese")


class Filler(Settings):
    """What can stand around an answer and says nothing about its subject."""

    before: str = Field(min_length=1)
    after: str = Field(min_length=1)


class Texts(Settings):
    """What perturbations.yaml holds."""

    injections: dict[str, Injection] = Field(min_length=1, description="by kind")
    filler: list[Filler] = Field(min_length=1)
    other_scripts: list[str] = Field(min_length=1, description="sentences that say nothing about any subject")
    look_alikes: dict[str, str] = Field(min_length=1, description="letters of another script by those that they look like")
    wordless: list[str | None] = Field(min_length=1, description="answers without a letter or digit; null for none at all")


@cache
def texts() -> Texts:
    """The texts of perturbations.yaml."""
    import yaml

    return check(Texts, yaml.safe_load(resources.files("judge.probes").joinpath("perturbations.yaml").read_text(encoding="utf-8")))


def inject(answer: str, kind: str, language: str) -> str:
    """An answer with the instruction of a kind, a key of `texts().injections`, on a line of its own before or after it."""
    injection = texts().injections[kind]
    text = injection.between.join(getattr(injection, language))
    return f"{text}\n{answer}" if injection.at == "before" else f"{answer}\n{text}"
