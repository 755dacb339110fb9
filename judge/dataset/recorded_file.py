"""The description of a file of judgments made before, which `judge.dataset.recorded_rows` reads by it.

It says which field is what, the scale of the scores, what the file's words for a verdict mean, how a text that holds several
things is taken apart (`extract`), and how a row with the answers of several systems becomes several rows (`unpivot`).
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from judge.dataset.file_formats import Format
from judge.settings import Option, Settings

NAME = "{name}"
"""Stands in a column for each name of `unpivot`."""


def plain(value: Any) -> str:
    """A value as the mappings of an option spell it: true, 1 (for 1.0 as well), or a text in small letters; null is ''."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip().casefold()


def _plain_keys(values: Any) -> Any:
    return {plain(key): value for key, value in values.items()} if isinstance(values, dict) else values


def _plain_values(values: Any) -> Any:
    return {key: plain(value) for key, value in values.items()} if isinstance(values, dict) else values


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        message = f"a regular expression ({error})"
        raise ValueError(message) from None
    if not groups:
        message = "a regular expression with named groups, (?P<name>...)"
        raise ValueError(message)
    return text


class Columns(Settings):
    """Which field of the file is what; null where the file has none, `{name}` where `unpivot` puts its names."""

    question: str = Field(min_length=1, description="the question, or the instruction")
    answer: str = Field(min_length=1, description="the answer that is judged")
    context: str | None = Field(description="the passage; a list of passages is joined")
    reference: str | None = Field(description="the reference answer; a list of them are alternatives, each right alone")
    generator: str | None = Field(description="who wrote the answer; null: the name of `unpivot`, else `recorded`")
    human: str | None = Field(description="what people say of the answer")
    # Younger than the others: option files without it stay valid.
    group: str | None = Field(default=None, description="what the row comes from; rows of one source are never torn apart by the split")
    scores: list[str] = Field(description="fields with a score, or with a list of scores; all scores of an answer make its histogram")


class RecordedFile(Option):
    """What a file of judgments made before is like."""

    file: str = Field(min_length=1, description="the file; DVC sees changes of files in data/raw")
    format: Format = Field(description="jsonl: an object a line; json: a list of objects; csv and tsv: with a header")
    columns: Columns
    # Younger than the others, as `columns.group` is.
    reference_separator: str | None = Field(
        default=None, min_length=1, description="what stands between alternatives within the text of a reference; null: it is one answer"
    )
    lowest: float = Field(description="the lowest score of the scale, which becomes 0.0")
    highest: float = Field(description="the highest score of the scale, which becomes 1.0")
    verdicts: Annotated[dict[str, float | None], BeforeValidator(_plain_keys)] = Field(
        description="the score that a value stands for, where it is no number; null: no verdict"
    )
    human: Annotated[dict[str, Literal["acceptable", "unacceptable"] | None], BeforeValidator(_plain_keys)] = Field(
        description="the class that a value of columns.human stands for; null: no label"
    )
    skip_where: Annotated[dict[str, str], BeforeValidator(_plain_values)] = Field(
        description="field to value: rows that have it are left out"
    )
    extract: dict[str, Annotated[str, AfterValidator(_pattern)]] = Field(
        description="field to regular expression, searched in it; its named groups become fields"
    )
    unpivot: list[str] = Field(description="names that stand for {name} in the columns: one row becomes one row a name")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.lowest >= self.highest:
            message = f"a lowest score (got {self.lowest}) below the highest (got {self.highest})"
            raise ValueError(message)
        outside = {key: value for key, value in self.verdicts.items() if value is not None and not self.lowest <= value <= self.highest}
        if outside:
            message = f"verdicts on the scale from {self.lowest} to {self.highest} (got {outside})"
            raise ValueError(message)
        if self.unpivot and NAME not in self.columns.answer:
            message = f"unpivot together with a columns.answer that has {NAME} (got {self.columns.answer!r})"
            raise ValueError(message)
        return self
