"""A comparison as JSON, for programs."""

import json

from judge.evaluation.definitions import PRIMARY
from judge.report import compare_words
from judge.report.compare import Comparison
from judge.report.compare_metrics import Metric
from judge.tables.schema import Row


def render(comparison: Comparison) -> str:
    """All of a comparison, keys sorted; every answer that differs stands there once, under its id.

    `paired` and `rows` are null where a side lacks its answers; `a.lacks` and `b.lacks` say why.
    """
    files: dict[str, Row] = {}
    for metric in comparison.metrics:
        files.setdefault(metric.file, {})[metric.key] = _metric(metric)
    values = {
        "a": compare_words.side(comparison.a),
        "b": compare_words.side(comparison.b),
        "notes": compare_words.notes(comparison),
        "metrics": files,
        "paired": _paired(comparison),
        "params": comparison.params,
        "options": comparison.options,
        "option_files": comparison.option_files,
        "rows": _rows(comparison),
    }
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _metric(metric: Metric) -> Row:
    """Both values, the difference, and of each side what else it has: the ends of its interval, the rows, why something is missing."""
    values: Row = {"a": metric.a.value, "b": metric.b.value, "difference": metric.difference}
    for side, estimate in (("a", metric.a), ("b", metric.b)):
        values |= {f"{side}_{name}": part for name, part in estimate._asdict().items() if name != "value" and part is not None}
    return values


def _paired(comparison: Comparison) -> Row | None:
    """The paired figures, and how they were judged: `low` and `high` hold the documents, `wide_low` and `wide_high` the seed too."""
    if comparison.paired is None:
        return None
    values: Row = {}
    for name, figure in comparison.paired.figures.items():
        tested = comparison.tested[name]
        known = tested.spread is not None
        values[name] = figure._asdict() | {
            "wide_low": tested.low if known else None,
            "wide_high": tested.high if known else None,
            "seed_spread": tested.spread.deviation if tested.spread else None,
            "p": tested.p,
            "significant": tested.significant,
        }
    spreads = compare_words.seed_spreads(comparison)
    return {
        **vars(comparison.paired),
        "figures": values,
        "primary": PRIMARY,
        "correction": "p is Holm's (1979) over all figures but the primary one",
        "trainings": {side: spread.trainings if spread else None for side, spread in spreads.items()},
    }


def _rows(comparison: Comparison) -> Row | None:
    if comparison.paired is None:
        return None
    named = {answer_id for ids in comparison.rows.values() for answer_id in ids}
    answers = {answer_id: compare_words.row(comparison, answer_id) for answer_id in named}
    return {"common": comparison.common, **comparison.rows, "answers": answers}
