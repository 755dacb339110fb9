"""The figures of commits from before metrics/figures.csv.

There metrics/evaluation.json was flat: student.pearson, with student.pearson_low, _high and _reason beside it, and student.n.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES
from judge.evaluation.figures import ALL, NONE, PEOPLE, TEACHER, TRUTH

if TYPE_CHECKING:
    import pandas as pd

_ENDS = ("low", "high", "reason")
# What these count is no judge's rows: their n is a figure of its own, that of a judge stands beside its figures.
_COUNTED = ("test", "probe", "human")


def frame(flat: Mapping[str, Any]) -> "pd.DataFrame":
    """The table of `figures.COLUMNS` that the keys of a flat metrics/evaluation.json make."""
    ends = {f"{key}_{end}" for key in flat for end in _ENDS}
    rows = []
    for key in flat:
        if key in ends or _is_count_beside(key):
            continue
        judge, against, part, figure = _columns(key)
        row = {"judge": judge, "against": against, "slice": part, "figure": figure, "value": _number(flat[key]), "n": _n(flat, key)}
        rows.append(row | {"low": _number(flat.get(f"{key}_low")), "high": _number(flat.get(f"{key}_high"))})
        rows[-1]["reason"] = flat.get(f"{key}_reason")
    return figures.frame(rows)


def _columns(key: str) -> tuple[str, str, str, str]:
    """Judge, against, slice and figure of a key; a generator's name may have dots."""
    first, _, rest = key.partition(".")
    columns = first, NONE, ALL, rest
    match key.split("."):
        case ["probe", judge, "auroc", *kind]:
            columns = judge, TRUTH, ALL if kind == [ALL] else f"kind={'.'.join(kind)}", "auroc"
        case ["probe", judge, figure]:
            columns = judge, TRUTH, ALL, "true_rows" if figure == "n_true" else figure
        case [judge, "by_generator", *generator, figure]:
            columns = judge, TEACHER, f"generator={'.'.join(generator)}", figure
        case [judge, "human", figure]:
            columns = judge, PEOPLE, ALL, figure
        case [judge, "failed_by", *reason]:
            columns = judge, NONE, f"reason={'.'.join(reason)}", "failed"
        case ["human", figure]:
            columns = PEOPLE, NONE, ALL, figure
        case [judge, figure] if figure in FIGURES:
            columns = judge, TEACHER, ALL, figure
    return columns


def _is_count_beside(key: str) -> bool:
    """Whether a key counts the rows behind the figures beside it, which is their n."""
    match key.split("."):
        case [whose, "n"]:
            return whose not in _COUNTED
        case ["probe", _, "n", *_] | [_, "by_generator" | "human", *_, "n"]:
            return True
    return False


def _n(flat: Mapping[str, Any], key: str) -> Any:
    """The count of the rows behind a figure, None where there is none."""
    match key.split("."):
        case ["probe", judge, "auroc", *kind]:
            beside = f"probe.{judge}.n.{'.'.join(kind)}"
        case ["probe", judge, "brier"]:
            beside = f"probe.{judge}.n"
        case [judge, "acceptable_share"]:
            beside = f"{judge}.judged"
        case [_, "judged" | "failed" | "failed_share"]:
            beside = "test.n"
        case [*parts, _]:
            beside = ".".join([*parts, "n"])
        case _:
            return None
    return _number(flat.get(beside))


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
