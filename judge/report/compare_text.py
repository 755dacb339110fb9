"""A comparison as plain text for a terminal, about 100 columns wide, and as JSON."""

import json
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from judge.evaluation.figures import PRIMARY
from judge.report import report
from judge.report.compare import Comparison, Metric
from judge.report.paired import REASONS, PairedFigure
from judge.report.revisions import Revision, Verdict
from judge.tables.schema import Row

WIDTH = 100
ROWS = {
    "student_flipped": "The student's class flipped",
    "teacher_flipped": "The teacher's class flipped",
    "moved": "The student's score moved most",
    "appeared": "Answers only in B",
    "vanished": "Answers only in A",
}
# Those that are counted among the answers that both sides have.
COMMON = ("student_flipped", "teacher_flipped", "moved")
GROUPS = {
    "student": "The student against its teacher",
    "baseline": "The baseline against the teacher",
    "people": "Against people",
    "probes": "Statements of known truth",
    "other": "All other figures",
}
# The groups of which only what differs is shown.
CHANGES = ("baseline", "people", "probes")
_COMMIT_DIGITS = 10
_VALUE = 34


def render(found: Comparison, shown: int) -> str:
    """The tables: figures, settings, and of each kind of rows the first `shown`."""
    blocks = [_head(found), _student(found), *(_group(found, group) for group in CHANGES), _settings(found)]
    blocks += [_rows(found, kind, shown) for kind in ROWS]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def as_json(found: Comparison) -> str:
    """All of a comparison, keys sorted; every answer that differs stands there once, under its id."""
    files: dict[str, Row] = {}
    for metric in found.metrics:
        files.setdefault(metric.file, {})[metric.key] = {"a": metric.a, "b": metric.b, "difference": metric.difference}
    figures = {name: {**figure._asdict(), "significant": figure.significant} for name, figure in found.paired.figures.items()}
    named = {answer_id for ids in found.rows.values() for answer_id in ids}
    values = {
        "a": side(found.a),
        "b": side(found.b),
        "notes": notes(found),
        "metrics": files,
        "paired": {**vars(found.paired), "figures": figures},
        "params": found.params,
        "options": found.options,
        "option_files": found.option_files,
        "rows": {"common": found.common, **found.rows, "answers": {answer_id: row(found, answer_id) for answer_id in named}},
    }
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def side(revision: Revision) -> Row:
    """What a revision is: name, commit, threshold, how many test answers of how many documents, and how many are judged."""
    answers = revision.answers.values()
    return {
        "name": revision.name,
        "commit": revision.commit,
        "threshold": revision.threshold,
        "rows": len(answers),
        "documents": len({answer.document_id for answer in answers}),
        "judged_by_teacher": sum(answer.teacher.score is not None for answer in answers),
        "judged_by_student": sum(answer.student.score is not None for answer in answers),
    }


def row(found: Comparison, answer_id: str) -> Row:
    """The texts of an answer, and on each side that has it the score and the class of teacher and student."""
    sides = {name: revision.answers.get(answer_id) for name, revision in (("a", found.a), ("b", found.b))}
    present = {name: answer for name, answer in sides.items() if answer}
    latest = list(present.values())[-1]
    texts = {"generator": latest.generator, "question": latest.question, "answer": latest.answer}
    return texts | {name: {"teacher": _verdict(answer.teacher), "student": _verdict(answer.student)} for name, answer in present.items()}


def notes(found: Comparison) -> list[str]:
    """What the reader has to know of the two sides."""
    thresholds = found.a.threshold, found.b.threshold
    moved = [f"the thresholds differ, {thresholds[0]} and {thresholds[1]}: the figures of classes and probabilities measure other classes"]
    return [*(moved if len(set(thresholds)) > 1 else []), *found.a.notes, *found.b.notes]


def summary(found: Comparison) -> str:
    """How the student's primary figure differs, in one sentence."""
    paired, name = found.paired, report.METRICS[PRIMARY][0]
    figure = paired.figures[PRIMARY]
    common = f"On the {paired.rows} answers of {paired.documents} documents that both sides have judged"
    if figure.difference is None:
        return f"{common}, the difference in the student's {name} with its teacher is undefined."
    between = f" ({paired.confidence:.0%} interval {figure.low:+.3f} to {figure.high:+.3f})" if figure.low is not None else ""
    verdict = "significant" if figure.significant else "not significant" if between else "without an interval"
    return (
        f"{common}, the student's {name} with its teacher is {number(figure.a)} in A and {number(figure.b)} in B: "
        f"a difference of {number(figure.difference, signed=True)}{between}, {verdict}."
    )


def basis(found: Comparison) -> str:
    """What the paired differences rest on, in one sentence."""
    paired = found.paired
    return (
        f"Paired: B - A on the {paired.rows} answers of {paired.documents} documents that both sides have judged, "
        f"with its {paired.confidence:.0%} interval from {paired.resamples} resamples of documents."
    )


def letters(found: Comparison) -> dict[str, str]:
    """The letter that stands for each reason why a paired figure lacks something."""
    used = {figure.reason for figure in found.paired.figures.values()}
    return dict(zip((reason for reason in REASONS if reason in used), "abcdefgh", strict=False))


def number(value: float | None, *, signed: bool = False) -> str:
    """A figure to three places, a count as it is, – where there is none."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:+d}" if signed else str(value)
    return f"{value:+.3f}" if signed else f"{value:.3f}"


def interval(figure: PairedFigure) -> str:
    """The interval of a paired difference, empty where there is none."""
    return "" if figure.low is None else f"[{figure.low:+.3f}, {figure.high:+.3f}]"


def judgment(verdict: Row | None) -> str:
    """Score and class of a judgment in print; – where the side has no such answer."""
    if verdict is None:
        return "–"
    return "failed" if verdict["score"] is None else f"{verdict['score']:.3f} {verdict['class']}"


def value(change: Row, name: str) -> str:
    """The value of one side of a setting in print, – where that side has no such key."""
    if name not in change:
        return "–"
    return change[name] if isinstance(change[name], str) else json.dumps(change[name], ensure_ascii=False)


def cut(text: str, width: int) -> str:
    """A text on one line of `width` columns at most, without the characters that command a terminal."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def differing(found: Comparison, group: str) -> list[Metric]:
    """The metrics of a group that are not the same on both sides."""
    return [metric for metric in found.metrics if metric.group == group and metric.a != metric.b]


def _verdict(verdict: Verdict) -> Row:
    return {"score": verdict.score, "class": verdict.label}


def _head(found: Comparison) -> list[str]:
    lines = []
    for letter, revision in (("A", found.a), ("B", found.b)):
        it = side(revision)
        commit = (it["commit"] or "")[:_COMMIT_DIGITS]
        failed = it["rows"] - it["judged_by_student"]
        lines.append(
            f"{letter}  {cut(it['name'], 32):<32}  {commit:<{_COMMIT_DIGITS}}  {it['rows']} test answers of {it['documents']} documents, "
            f"threshold {it['threshold']}" + (f", {failed} not judged" if failed else ""),
        )
    for note in notes(found):
        lines += textwrap.wrap(cut(f"Note: {note}", 3 * WIDTH), WIDTH)
    return [*lines, "", *textwrap.wrap(summary(found), WIDTH)]


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{cut(name, 34):<36}" + "".join(f"{text:<10}" for text in cells)


def _student(found: Comparison) -> list[str]:
    lines = [GROUPS["student"], _line("", ["A", "B", "B - A", "paired B - A"])]
    values = {metric.key.removeprefix("student."): metric for metric in found.metrics if metric.group == "student"}
    for name, figure in found.paired.figures.items():
        metric = values.get(name, Metric("student", "", name, report.METRICS[name][0], None, None))
        star = " *" if figure.significant else ""
        letter = f" ({letters(found)[figure.reason]})" if figure.reason else ""
        paired = f"{number(figure.difference, signed=True)} {interval(figure)}".rstrip() + star + letter
        lines.append(_line(metric.name, [number(metric.a), number(metric.b), number(metric.difference, signed=True), paired]))
    lines += textwrap.wrap(basis(found), WIDTH)
    if any(figure.significant for figure in found.paired.figures.values()):
        lines.append(f"* the interval excludes 0; of many figures a few do so by chance at {found.paired.confidence:.0%}")
    return lines + [f"({letter}) {REASONS[reason]}" for reason, letter in letters(found).items()]


def _group(found: Comparison, group: str) -> list[str]:
    changed = differing(found, group)
    if not changed:
        return []
    lines = [f"{GROUPS[group]}: what differs", _line("", ["A", "B", "B - A"])]
    lines += [_line(metric.name, [number(metric.a), number(metric.b), number(metric.difference, signed=True)]) for metric in changed]
    return lines


def _settings(found: Comparison) -> list[str]:
    lines = []
    rest = len(differing(found, "other"))
    if rest:
        lines += [f"Other figures of metrics/ that differ: {rest}; --json and --html have them", ""]
    changes = {**found.params, **found.options}
    lines.append("Settings that differ" if changes else "Settings: the same in params.yaml and in the options of conf/ that it chooses")
    if changes:
        lines.append(f"{'':<30}{'A':<{_VALUE + 2}}B")
    lines += [
        f"{cut(key, 28):<30}{cut(value(change, 'a'), _VALUE):<{_VALUE + 2}}{cut(value(change, 'b'), _VALUE)}"
        for key, change in changes.items()
    ]
    lines += [f"Options that no side chose, {what}: {', '.join(paths)}" for what, paths in found.option_files.items() if paths]
    return lines


def _rows(found: Comparison, kind: str, shown: int) -> list[str]:
    ids = found.rows[kind]
    some = f", {min(shown, len(ids))} shown" if len(ids) > shown else ""
    lines = [f"{ROWS[kind]}: {len(ids)}" + (f" of {found.common} common answers" if kind in COMMON else "") + some]
    for answer_id in ids[:shown]:
        lines += _answer(row(found, answer_id), answer_id)
    return lines


def _answer(it: Row, answer_id: str) -> Iterable[str]:
    arrows = [" → ".join(judgment(it[name][judge]) for name in ("a", "b") if name in it) for judge in ("teacher", "student")]
    yield f"  {cut(answer_id, 16)}  teacher {arrows[0]}   student {arrows[1]}"
    for label, text in (("question", it["question"]), ("answer", it["answer"])):
        yield f"    {label:<10}{cut(_or_dash(text), WIDTH - 14)}"


def _or_dash(text: Any) -> str:
    return str(text) if text else "–"
