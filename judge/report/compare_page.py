"""A comparison as one HTML page that needs nothing but itself."""

from importlib import resources

from judge.evaluation.bootstrap import REASONS
from judge.evaluation.definitions import FIGURES
from judge.report import compare_words
from judge.report.compare import Comparison
from judge.report.compare_words import CHANGES, COMMON, GROUPS, differing, row, value

_SIDES = {
    "name": "revision",
    "commit": "commit",
    "threshold": "acceptable above",
    "rows": "test answers",
    "documents": "their documents",
    "judged_by_teacher": "judged by the teacher",
    "judged_by_student": "judged by the student",
}


def render(comparison: Comparison, shown: int) -> str:
    """The page as text, with the first `shown` rows of each kind.

    Everything is escaped: what a model wrote is shown and never obeyed.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files("judge.report").joinpath("compare.html.j2").read_text(encoding="utf-8"))
    a, b = compare_words.side(comparison.a), compare_words.side(comparison.b)
    return template.render(
        comparison=comparison,
        summary=compare_words.summary(comparison),
        sides=[(label, *("–" if it[key] is None else it[key] for it in (a, b))) for key, label in _SIDES.items()],
        notes=[*compare_words.notes(comparison), *compare_words.lacks(comparison)],
        basis=compare_words.basis(comparison.paired),
        luck=compare_words.luck(comparison),
        starred=compare_words.starred(comparison),
        figures=[(FIGURES[name], metric, figure) for name, metric, figure in compare_words.student(comparison)],
        header=compare_words.header(comparison),
        letters=compare_words.letters(comparison),
        reasons=REASONS,
        groups=[(group, GROUPS[group], differing(comparison, group)) for group in CHANGES],
        other=differing(comparison, "other"),
        same=sum(metric.a.value == metric.b.value for metric in comparison.metrics),
        changes=[(key, value(change, "a"), value(change, "b")) for key, change in {**comparison.params, **comparison.options}.items()],
        kinds=[
            (kind, title, len(ids), kind in COMMON, [row(comparison, answer_id) for answer_id in ids[:shown]])
            for kind, title, ids in compare_words.rows_of(comparison)
        ],
        number=compare_words.number,
        interval=compare_words.interval,
        judgment=compare_words.judgment,
    )
