"""The settings of the gate: the section `gate` of params.yaml, what a judge has to reach before it ships."""

from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from judge.evaluation.figures import FIGURES, TEACHER, name_of
from judge.settings import Settings

End = Literal["low", "value", "high"]
COMPARED = {name_of("student", TEACHER, "all", figure): figure for figure in FIGURES}
"""What a base revision can be held against: the figures of the student against its teacher, by the name that a rule spells."""


class Rule(Settings):
    """A bound of one figure."""

    figure: str = Field(min_length=1, description="a figure of metrics/figures.csv, such as student.kappa")
    end: End = Field(description="what the bound is for: the figure itself (value), or the lower or upper end of its interval")
    at_least: float | None = Field(default=None, allow_inf_nan=False, description="the smallest number that passes")
    at_most: float | None = Field(default=None, allow_inf_nan=False, description="the largest number that passes")
    minimum_rows: int | None = Field(default=None, ge=1, description="for this rule, instead of gate.minimum_rows")

    @model_validator(mode="after")
    def _one_bound(self) -> "Rule":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a rule with either at_least or at_most")
        return self

    @property
    def bound(self) -> float:
        """The number of the bound."""
        return next(bound for bound in (self.at_least, self.at_most) if bound is not None)

    def holds(self, number: float) -> bool:
        """Whether a number keeps the bound; the bound itself does."""
        return number <= self.bound if self.at_least is None else number >= self.bound

    def __str__(self) -> str:
        return f"{self.end} at {'most' if self.at_least is None else 'least'} {self.bound:.12g}"


def _compared(name: str) -> str:
    if name not in COMPARED:
        near = get_close_matches(name, COMPARED, n=1, cutoff=0.0)
        raise ValueError(f"a figure of the student against its teacher; near it is {near[0]}, and there are {', '.join(COMPARED)}")
    return name


class GateSettings(Settings):
    """What a judge has to reach before it ships."""

    minimum_rows: int = Field(ge=1, description="a figure from fewer rows decides nothing")
    rules: list[Rule] = Field(min_length=1, description="the bounds, all of which have to hold")
    base: str | None = Field(min_length=1, description="the git revision or experiment that this one is held against; null for none")
    not_worse: list[Annotated[str, AfterValidator(_compared)]] = Field(
        min_length=1, description="the figures that may not be significantly worse than those of base"
    )
