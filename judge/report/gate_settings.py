"""The settings of the gate: the section `gate` of params.yaml, what a judge has to reach before it ships."""

import operator
from collections.abc import Callable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from judge.evaluation.definitions import FIGURES
from judge.evaluation.figures import TEACHER, name_of
from judge.settings import Settings

End = Literal["low", "value", "high"]
COMPARED = {name_of("student", TEACHER, "all", figure): figure for figure in FIGURES}
"""What a base revision can be held against: the figures of the student against its teacher, by the name that a rule spells."""


_BOUNDS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "at_least": (operator.ge, "at least"),
    "at_most": (operator.le, "at most"),
    "above": (operator.gt, "above"),
    "below": (operator.lt, "below"),
}


class Rule(Settings):
    """A bound of one figure."""

    figure: str = Field(min_length=1, description="a figure of metrics/figures.csv, such as student.kappa")
    end: End = Field(description="what the bound is for: the figure itself (value), or the lower or upper end of its interval")
    at_least: float | None = Field(default=None, allow_inf_nan=False, description="the smallest number that passes")
    at_most: float | None = Field(default=None, allow_inf_nan=False, description="the largest number that passes")
    above: float | None = Field(default=None, allow_inf_nan=False, description="what a number has to exceed to pass")
    below: float | None = Field(default=None, allow_inf_nan=False, description="what a number has to stay under to pass")
    minimum_rows: int | None = Field(default=None, ge=1, description="for this rule, instead of gate.minimum_rows")

    @model_validator(mode="after")
    def _one_bound(self) -> "Rule":
        if sum(getattr(self, name) is not None for name in _BOUNDS) != 1:
            raise ValueError(f"a rule with one of {', '.join(_BOUNDS)}")
        return self

    @property
    def bound(self) -> float:
        """The number of the bound."""
        return float(getattr(self, self._kind))

    @property
    def worse_end(self) -> bool:
        """Whether the rule is for the end of the interval that keeps its bound less well than the figure itself."""
        return self.end == ("low" if self._kind in ("at_least", "above") else "high")

    def holds(self, number: float) -> bool:
        """Whether a number keeps the bound; the bound itself does, unless the rule says above or below."""
        return _BOUNDS[self._kind][0](number, self.bound)

    def __str__(self) -> str:
        return f"{self.end} {_BOUNDS[self._kind][1]} {self.bound:.12g}"

    @property
    def _kind(self) -> str:
        return next(name for name in _BOUNDS if getattr(self, name) is not None)


def _compared(name: str) -> str:
    if name not in COMPARED:
        near = get_close_matches(name, COMPARED, n=1, cutoff=0.0)
        raise ValueError(f"a figure of the student against its teacher; near it is {near[0]}, and there are {', '.join(COMPARED)}")
    return name


class NotWorse(Settings):
    """A figure that may be worse than on the base by a margin at most, and has to be shown to be: non-inferiority."""

    figure: Annotated[str, AfterValidator(_compared)] = Field(description="a figure of the student against its teacher")
    margin: float = Field(gt=0.0, allow_inf_nan=False, description="the loss that you would accept")

    @model_validator(mode="before")
    @classmethod
    def _has_a_margin(cls, values: Any) -> Any:
        if isinstance(values, str):
            raise ValueError(  # noqa: TRY004 - pydantic reports a ValueError under the full key
                f"a figure with the loss that you would accept, such as {{figure: {values}, margin: 0.05}}"
            )
        return values

    @property
    def lower_is_better(self) -> bool:
        """Whether the figure is worse the larger it is."""
        return FIGURES[COMPARED[self.figure]].lower_is_better


class GateSettings(Settings):
    """What a judge has to reach before it ships."""

    minimum_rows: int = Field(ge=1, description="a figure from fewer rows decides nothing")
    rules: list[Rule] = Field(min_length=1, description="the bounds, all of which have to hold")
    base: str | None = Field(min_length=1, description="the git revision or experiment that this one is held against; null for none")
    not_worse: list[NotWorse] = Field(
        min_length=1, description="the figures that have to be shown to be worse than those of base by their margin at most"
    )
