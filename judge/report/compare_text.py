"""A comparison as plain text for a terminal, about 100 columns wide."""

import textwrap
from collections.abc import Iterable, Sequence

from judge.evaluation.bootstrap import REASONS
from judge.evaluation.figures import Estimate
from judge.report.compare import Comparison
from judge.report.compare_words import (
    CHANGES,
    COMMON,
    GROUPS,
    basis,
    differing,
    header,
    interval,
    judgment,
    lacks,
    letters,
    luck,
    notes,
    number,
    row,
    rows_of,
    side,
    starred,
    student,
    summary,
    value,
)
from judge.report.significance import Significance
from judge.tables.schema import Row

WIDTH = 100
_COMMIT_DIGITS = 10
_NAME, _NUMBER, _OWN, _VALUE = 36, 10, 26, 34


def render(comparison: Comparison, shown: int) -> str:
    """The tables: figures, settings, and of each kind of rows the first `shown`."""
    blocks = [_head(comparison), _lacks(comparison), _student(comparison)]
    blocks += [*(_group(comparison, group) for group in CHANGES), _settings(comparison)]
    blocks += [_rows(comparison, kind, title, ids, shown) for kind, title, ids in rows_of(comparison)]
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks if block) + "\n"


def cut(text: str, width: int) -> str:
    """A text on one line of `width` columns at most, without the characters that command a terminal."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _head(comparison: Comparison) -> list[str]:
    lines = []
    for letter, revision in (("A", comparison.a), ("B", comparison.b)):
        it = side(revision)
        commit = (it["commit"] or "")[:_COMMIT_DIGITS]
        answers, failed = "test answers not at hand", 0
        if not revision.lacks:
            answers, failed = f"{it['rows']} test answers of {it['documents']} documents", it["rows"] - it["judged_by_student"]
        lines.append(
            f"{letter}  {cut(it['name'], 32):<32}  {commit:<{_COMMIT_DIGITS}}  {answers}, "
            f"threshold {it['threshold']}" + (f", {failed} not judged" if failed else ""),
        )
    for note in notes(comparison):
        lines += textwrap.wrap(cut(f"Note: {note}", 3 * WIDTH), WIDTH)
    return [*lines, "", *textwrap.wrap(summary(comparison), WIDTH)]


def _lacks(comparison: Comparison) -> list[str]:
    # A whole MD5 or command on one line can be copied.
    return [line for reason in lacks(comparison) for line in textwrap.wrap(reason, WIDTH, break_long_words=False, break_on_hyphens=False)]


def _line(name: str, cells: Sequence[str], width: int = _NUMBER) -> str:
    return f"{cut(name, _NAME - 2):<{_NAME}}" + "".join(f"{text:<{width}}" for text in cells)


def _student(comparison: Comparison) -> list[str]:
    figures, noted = student(comparison), letters(comparison)
    if comparison.paired is None:
        lines = [GROUPS["student"], _line("", [*header(comparison), "B - A"], _OWN)]
        for _, metric, _ in figures:
            own = [_own(estimate, noted) for estimate in (metric.a, metric.b)]
            lines.append(_line(metric.name, [*own, number(metric.difference, signed=True)], _OWN))
    else:
        lines = [GROUPS["student"], _line("", ["A", "B", "B - A", "paired B - A"])]
        for _, metric, figure in figures:
            cells = [number(metric.a.value), number(metric.b.value), number(metric.difference, signed=True)]
            lines.append(_line(metric.name, [*cells, _paired(figure, noted) if figure else ""]))
    for sentence in (basis(comparison.paired), luck(comparison), starred(comparison)):
        lines += textwrap.wrap(sentence, WIDTH)
    return lines + [f"({letter}) {REASONS[reason]}" for reason, letter in noted.items()]


def _paired(figure: Significance, noted: dict[str, str]) -> str:
    star = " *" if figure.significant else ""
    return f"{number(figure.difference, signed=True)} {interval(figure)}".rstrip() + star + _letter(figure.reason, noted)


def _own(estimate: Estimate, noted: dict[str, str]) -> str:
    return f"{number(estimate.value)} {interval(estimate, signed=False)}".rstrip() + _letter(estimate.reason, noted)


def _letter(reason: str | None, noted: dict[str, str]) -> str:
    # Another version of the project may have other reasons.
    return f" ({noted[reason]})" if reason in noted else ""


def _group(comparison: Comparison, group: str) -> list[str]:
    changed = differing(comparison, group)
    if not changed:
        return []
    lines = [f"{GROUPS[group]}: what differs", _line("", ["A", "B", "B - A"])]
    return lines + [
        _line(metric.name, [number(metric.a.value), number(metric.b.value), number(metric.difference, signed=True)]) for metric in changed
    ]


def _settings(comparison: Comparison) -> list[str]:
    lines = []
    rest = len(differing(comparison, "other"))
    if rest:
        lines += [f"Other figures of metrics/ that differ: {rest}; --json and --html have them", ""]
    changes = {**comparison.params, **comparison.options}
    lines.append("Settings that differ" if changes else "Settings: the same in params.yaml and in the options of conf/ that it chooses")
    if changes:
        lines.append(f"{'':<30}{'A':<{_VALUE + 2}}B")
    lines += [
        f"{cut(key, 28):<30}{cut(value(change, 'a'), _VALUE):<{_VALUE + 2}}{cut(value(change, 'b'), _VALUE)}"
        for key, change in changes.items()
    ]
    lines += [f"Options that no side chose, {what}: {', '.join(paths)}" for what, paths in comparison.option_files.items() if paths]
    return lines


def _rows(comparison: Comparison, kind: str, title: str, ids: Sequence[str], shown: int) -> list[str]:
    some = f", {min(shown, len(ids))} shown" if len(ids) > shown else ""
    lines = [f"{title}: {len(ids)}" + (f" of {comparison.common} common answers" if kind in COMMON else "") + some]
    for answer_id in ids[:shown]:
        lines += _answer(row(comparison, answer_id), answer_id)
    return lines


def _answer(it: Row, answer_id: str) -> Iterable[str]:
    arrows = [" → ".join(judgment(it[name][judge]) for name in ("a", "b") if name in it) for judge in ("teacher", "student")]
    yield f"  {cut(answer_id, 16)}  teacher {arrows[0]}   student {arrows[1]}"
    for label, text in (("question", it["question"]), ("answer", it["answer"])):
        yield f"    {label:<10}{cut(str(text) if text else '–', WIDTH - 14)}"
