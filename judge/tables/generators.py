"""The setting that says whose answers are judged."""

from typing import Annotated

from pydantic import AfterValidator, Field


def _no_twice(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        message = "each generator once"
        raise ValueError(message)
    return names


Generators = Annotated[
    list[str],
    Field(min_length=1, description="the options of conf/generator that answer every question"),
    AfterValidator(_no_twice),
]
"""The setting `generators`: whose answers are judged."""
