"""The numbers of metrics/ on both sides of a comparison: the tables of figures joined, then what else the folder counts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.evaluation import figures
from judge.evaluation.bootstrap import PLACES
from judge.evaluation.definitions import FIGURES
from judge.evaluation.figures import ALL, PEOPLE, TEACHER, TRUTH, Estimate
from judge.settings import flatten

if TYPE_CHECKING:
    import pandas as pd

GROUPS = ("student", "baseline", "people", "probes", "other")
_FILE = str(figures.FIGURES_CSV)
_KEYS = ["judge", "against", "slice", "figure"]
_NOTHING = Estimate(None, None, None, None, None)


class Metric(NamedTuple):
    """A number of a file of metrics/ on both sides, its value None where a side has none; `name` is what it is called in print."""

    group: str
    file: str
    key: str
    name: str
    a: Estimate
    b: Estimate

    @property
    def difference(self) -> float | None:
        """The value of B less that of A."""
        return None if self.a.value is None or self.b.value is None else round(self.b.value - self.a.value, PLACES)


def pair_figures(a: "pd.DataFrame", b: "pd.DataFrame") -> list[Metric]:
    """Every figure that one of two tables has, in the order of `GROUPS`, and in that of `definitions.FIGURES` within each.

    Args:
        a: the table of one side, with the columns of `figures.COLUMNS`.
        b: that of the other.
    """
    both = a.merge(b, how="outer", on=_KEYS, suffixes=("_a", "_b"))
    if both.empty:
        return []
    both["key"] = [figures.name_of(*row) for row in both[_KEYS].itertuples(index=False)]
    both["group"], both["name"] = "other", both["key"]
    label = both["figure"].map({name: defined.label for name, defined in FIGURES.items()})
    whole = label.notna() & (both["slice"] == ALL)
    for group, chosen in {
        "student": (both["against"] == TEACHER) & (both["judge"] == "student"),
        "baseline": (both["against"] == TEACHER) & (both["judge"] == "baseline"),
        "people": both["against"] == PEOPLE,
        "probes": both["against"] == TRUTH,
    }.items():
        both.loc[whole & chosen, "group"] = group
        both.loc[whole & chosen, "name"] = label if group in ("student", "baseline") else label + ", " + both["judge"]
    both["rank"] = both["figure"].map({name: rank for rank, name in enumerate(FIGURES)}).fillna(len(FIGURES))
    both["order"] = both["group"].map(GROUPS.index)
    rows = both.sort_values(["order", "rank", "key"]).to_dict("records")
    return [Metric(row["group"], _FILE, row["key"], row["name"], *(_estimate(row, side) for side in ("a", "b"))) for row in rows]


def pair_numbers(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Metric]:
    """Every number in the other files of metrics/, by file and key; what is no number is left out.

    Args:
        a: the values of each file on one side, by its path.
        b: those of the other.
    """
    metrics = []
    for file in sorted(a.keys() | b.keys()):
        old, new = ({key: value for key, value in flatten(side.get(file)).items() if _is_number(value)} for side in (a, b))
        for key in sorted(old.keys() | new.keys()):
            sides = (_NOTHING._replace(value=values.get(key)) for values in (old, new))
            metrics.append(Metric("other", file, key, key, *sides))
    return metrics


def _estimate(row: Mapping[Any, Any], side: str) -> Estimate:
    return figures.estimate({"figure": row["figure"], **{name: row[f"{name}_{side}"] for name in figures.COLUMNS[len(_KEYS) :]}})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
