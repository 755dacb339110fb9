"""What differs between two revisions: figures with paired intervals, settings, and rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judge.evaluation import bootstrap
from judge.report import compare_metrics
from judge.report.compare_metrics import Metric
from judge.report.paired import Paired, paired
from judge.report.revisions import Answer, Revision
from judge.report.significance import Significance, judge_figures, of_difference
from judge.settings import flatten
from judge.tables.schema import Row


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between A and B.

    `params` and `options` give for each key that differs the values, under "a" and "b", where a side has the key;
    `option_files` names the files of conf/ that no side chose, under added, removed and changed;
    `rows` gives answer ids, those that matter most first, under student_flipped, teacher_flipped, moved, appeared and vanished;
    `tested` says of each paired figure whether its difference is more than chance; `common` counts the answers that both sides have.
    Where a side lacks its answers (`Revision.lacks`), `paired` is None, nothing is tested, and nothing is known of rows.
    """

    a: Revision
    b: Revision
    metrics: list[Metric]
    paired: Paired | None
    tested: dict[str, Significance]
    params: dict[str, Row]
    options: dict[str, Row]
    option_files: dict[str, list[str]]
    common: int
    rows: dict[str, list[str]]


def compare(a: Revision, b: Revision) -> Comparison:
    """Compare two revisions.

    Raises:
        SettingsError: `evaluate` in the params of B, or of A where B has none, does not say how intervals are made.
    """
    known = not (a.lacks or b.lacks)
    common = sorted(a.answers.keys() & b.answers.keys())
    options, option_files = _options(a, b)
    pairs = paired(a, b, common) if known else None
    return Comparison(
        a,
        b,
        [*compare_metrics.pair_figures(a.figures, b.figures), *compare_metrics.pair_numbers(a.metrics, b.metrics)],
        pairs,
        judge_figures(pairs, of_difference(a.figures, b.figures)) if pairs else {},
        _changes(flatten(a.params), flatten(b.params)),
        options,
        option_files,
        len(common),
        _rows(a.answers, b.answers, common) if known else {},
    )


def _options(a: Revision, b: Revision) -> tuple[dict[str, Row], dict[str, list[str]]]:
    """What differs in the option files that a side chose, and the names of the other files that differ."""
    old, new = _chosen(a), _chosen(b)
    chosen = {path for side in (old, new) for path in side.values()}
    values = [flatten({group: revision.options[path] for group, path in side.items()}) for revision, side in ((a, old), (b, new))]
    others = [revision.options.keys() - chosen for revision in (a, b)]
    files = {
        "added": sorted(others[1] - others[0]),
        "removed": sorted(others[0] - others[1]),
        "changed": sorted(path for path in others[0] & others[1] if _written(a.options[path]) != _written(b.options[path])),
    }
    return _changes(*values), files


def _chosen(revision: Revision) -> dict[str, str]:
    """The option files that params.yaml chooses, under their folder, or under their own name where it may choose several."""
    chosen = {}
    for key, value in revision.params.items():
        for name in value if isinstance(value, list) else [value]:
            group = f"conf/{key.removesuffix('s') if isinstance(value, list) else key}"
            if (path := f"{group}/{name}.yaml") in revision.options:
                chosen[f"{group}/{name}" if isinstance(value, list) else group] = path
    return chosen


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Row]:
    """The keys whose values differ, sorted, with the value of each side that has the key."""
    sides = (("a", a), ("b", b))
    values_of = {key: {name: values[key] for name, values in sides if key in values} for key in sorted(a.keys() | b.keys())}
    return {key: change for key, change in values_of.items() if len(change) < len(sides) or _written(change["a"]) != _written(change["b"])}


def _rows(a: Mapping[str, Answer], b: Mapping[str, Answer], common: Sequence[str]) -> dict[str, list[str]]:
    """The ids of answers that differ; the largest moves first, equal ones by id."""
    moves = {
        judge: {answer_id: _move(getattr(a[answer_id], judge).score, getattr(b[answer_id], judge).score) for answer_id in common}
        for judge in ("student", "teacher")
    }
    rows = {}
    for judge, moved in moves.items():
        labels = ((answer_id, getattr(a[answer_id], judge).label, getattr(b[answer_id], judge).label) for answer_id in common)
        flipped = [answer_id for answer_id, old, new in labels if old != new and None not in (old, new)]
        rows[f"{judge}_flipped"] = sorted(flipped, key=lambda answer_id, moved=moved: (-moved[answer_id], answer_id))  # type: ignore[misc]
    student = moves["student"]
    rows["moved"] = sorted(
        (answer_id for answer_id in common if student[answer_id]), key=lambda answer_id: (-student[answer_id], answer_id)
    )
    rows["appeared"] = sorted(b.keys() - a.keys())
    rows["vanished"] = sorted(a.keys() - b.keys())
    return rows


def _move(old: float | None, new: float | None) -> float:
    return 0.0 if old is None or new is None else round(abs(new - old), bootstrap.PLACES)


def _written(value: Any) -> str:
    """A value as JSON: 1 and 1.0 and true differ there."""
    return json.dumps(value, sort_keys=True)
