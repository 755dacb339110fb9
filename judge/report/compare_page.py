"""A comparison as one HTML page that needs nothing but itself."""

from importlib import resources

from judge.report import report
from judge.report.compare import Comparison
from judge.report.compare_text import (
    CHANGES,
    COMMON,
    GROUPS,
    ROWS,
    basis,
    differing,
    interval,
    judgment,
    letters,
    notes,
    number,
    row,
    side,
    summary,
    value,
)
from judge.report.paired import REASONS

_SIDES = {
    "name": "revision",
    "commit": "commit",
    "threshold": "acceptable above",
    "rows": "test answers",
    "documents": "their documents",
    "judged_by_teacher": "judged by the teacher",
    "judged_by_student": "judged by the student",
}


def render(found: Comparison, shown: int) -> str:
    """The page as text, with the first `shown` rows of each kind.

    Everything is escaped: what a model wrote is shown and never obeyed.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files("judge.report").joinpath("compare.html.j2").read_text(encoding="utf-8"))
    a, b = side(found.a), side(found.b)
    metrics = {metric.key: metric for metric in found.metrics if metric.group == "student"}
    return template.render(
        found=found,
        summary=summary(found),
        sides=[(label, *("–" if it[key] is None else it[key] for it in (a, b))) for key, label in _SIDES.items()],
        notes=notes(found),
        basis=basis(found),
        figures=[(*report.METRICS[name], metrics.get(f"student.{name}"), figure) for name, figure in found.paired.figures.items()],
        letters=letters(found),
        reasons=REASONS,
        groups=[(group, GROUPS[group], differing(found, group)) for group in CHANGES],
        other=differing(found, "other"),
        same=sum(metric.a == metric.b for metric in found.metrics),
        changes=[(key, value(change, "a"), value(change, "b")) for key, change in {**found.params, **found.options}.items()],
        kinds=[
            (kind, title, len(found.rows[kind]), kind in COMMON, [row(found, answer_id) for answer_id in found.rows[kind][:shown]])
            for kind, title in ROWS.items()
        ],
        number=number,
        interval=interval,
        judgment=judgment,
    )
