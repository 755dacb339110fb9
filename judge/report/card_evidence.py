"""The parts of a card that say how far a judge can be trusted, and where it cannot."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES, PRIMARY
from judge.evaluation.figures import ALL, BASELINE_DIFFERENCE, NONE, PEOPLE, TEACHER, TEACHER_DIFFERENCE, TRUTH
from judge.report import cells, evidence, robustness
from judge.report import people as people_text
from judge.report.card_parts import Block, Facts, Section

if TYPE_CHECKING:
    import pandas as pd

# Correlation, class, ranking, probability: one figure of each, and whether the probability leans.
_AGREEMENT = ("pearson", "kappa", "auroc", "ece", "calibration")
_WITH_PEOPLE = ("kappa", "accuracy", "auroc", "ece")
# Its differences are of estimates without bias, which may be below 0 and are printed as 0: the columns would not add up.
_NO_DIFFERENCE = "ece"
_WORST = 4  # of the kinds, in a table
_HALF, _NOTHING = 0.5, "–"


def in_short(facts: Facts) -> Section:
    """What a reader should know first: whether it is worth more than the strongest simple judge, and what it gets wrong."""
    table, best = facts.figures, figures.best_baseline(facts.figures)
    said = [
        f"Agreement with its teacher: the judge is {_than(figures.get(table, 'difference', PRIMARY))} {best}, the strongest simple judge."
    ]
    heard = figures.look_up(table, BASELINE_DIFFERENCE, "kappa", PEOPLE)
    if heard is not None:
        own = cells.cell(figures.get(table, "student", "kappa", PEOPLE))
        said.insert(0, f"Agreement with people: Cohen's kappa {own} on {heard.n} answers; the judge is {_than(heard)} {best}.")
    known = figures.look_up(table, "difference", "auroc", TRUTH)
    if known is not None:
        said.append(
            f"Statements of known truth: it is {_than(known)} {best}; its AUROC less that of {best} is {cells.cell(known)} (n {known.n})."
        )
    of_student = table[(table["against"] == TRUTH) & (table["judge"] == "student")]
    accepted = _values(of_student[of_student["figure"] == "accepted"])
    false = set(_values(of_student[of_student["figure"] == "auroc"]))
    taken = [_kind(part) for part, share in accepted.items() if part in false and share > _HALF]
    missed = [_kind(part) for part, share in accepted.items() if part not in false and share < _HALF]
    if taken:
        said.append(f"It accepts more than half of the false statements of these kinds: {', '.join(taken)}.")
    if missed:
        said.append(f"It rejects more than half of the true ones of these kinds: {', '.join(missed)}.")
    return Section("In short", [Block(text) for text in said])


def people(facts: Facts) -> Section:
    """How far the judge agrees with people on test answers, or that nobody asked them."""
    table, title = facts.figures, "Agreement with people"
    asked = figures.look_up(table, PEOPLE, "n", NONE)
    if asked is None:
        return Section(
            title,
            [
                Block(
                    "No person has labelled any answer of this run. What follows holds the judge against its teacher, which is a model, "
                    "and against statements whose truth is known by construction."
                    + (" People come in only under published data." if facts.evidence else "")
                )
            ],
        )
    best = figures.best_baseline(table)
    judges = {
        "student": "student",
        "baseline": best,
        "teacher": "teacher",
        BASELINE_DIFFERENCE: f"student less {best}",
        "difference": "student less teacher",
        TEACHER_DIFFERENCE: f"teacher less {best}",
    }
    judges = {name: label for name, label in judges.items() if figures.look_up(table, name, "kappa", PEOPLE) is not None}
    share = cells.cell(figures.get(table, PEOPLE, "acceptable_share", NONE))
    text = (
        f"People have labelled {asked.value} test answers, and accept {share} of them. {people_text.weighted(table)} "
        f"The strongest simple judge is {best}."
    )
    rows = [
        (
            FIGURES[name].label,
            *(_NOTHING if name == _NO_DIFFERENCE and "difference" in judge else _cell(table, judge, name, PEOPLE) for judge in judges),
        )
        for name in _WITH_PEOPLE
    ]
    counts = ("n", *(str(figures.get(table, judge, "kappa", PEOPLE).n) for judge in judges))
    blocks = [Block(text, ("", *judges.values()), [counts, *rows])]
    ceiling = figures.look_up(table, PEOPLE, "ceiling", NONE)
    if ceiling is not None:
        beside = figures.look_up(table, "student", "ceiling_difference", PEOPLE)
        less = (
            ""
            if beside is None
            else f"; the student with one of them less two of them, on the same answers, is {cells.cell(beside)} (n {beside.n})"
        )
        blocks.append(Block(f"People among themselves agree at Cohen's kappa {cells.cell(ceiling)} (n {ceiling.n}){less}."))
    return Section(title, blocks)


def teacher(facts: Facts) -> Section:
    """How far it agrees with its teacher, beside the strongest simple judge, and how much of that is the luck of a seed."""
    table, best = facts.figures, figures.best_baseline(facts.figures)
    share = figures.get(table, TEACHER, "acceptable_share", NONE)
    spread = figures.seed_spread(table, PRIMARY)
    text = (
        f"On test answers, split off by {facts.run['split by']}. The teacher accepts {cells.cell(share)} of {share.n}. "
        f"The strongest of the simple judges, fitted on the student's training rows, is {best}. The calibration error is that of the "
        "probability of acceptable; calibration in the large is above 0 for a lenient judge."
    )
    header = ["", "n", "student", best, "student less it"]
    rows = []
    for name in _AGREEMENT:
        estimate = figures.look_up(table, "student", name)
        if estimate is not None:
            sides = [_cell(table, side, name) for side in cells.SIDES]
            if name == _NO_DIFFERENCE:
                sides[-1] = _NOTHING
            rows.append([FIGURES[name].label, str(estimate.n), *sides])
            moved = figures.seed_spread(table, name)
            rows[-1] += [] if spread is None else [_NOTHING if moved is None else f"{moved.deviation:.4f}"]
    if spread is not None:
        header.append(f"standard deviation over {spread.trainings} training seeds")
    by_generator = [
        [name, str(n), *map(str, next(found for label, found in rows_ if label == FIGURES[PRIMARY].label))]
        for name, n, rows_ in cells.generators(table)
    ]
    blocks = [Block(text, tuple(header), rows)]
    if len(by_generator) > 1:
        told = f"{FIGURES[PRIMARY].label} on the answers of one generator, where telling generators apart is of no help:"
        blocks.append(Block(told, ("generator", "n", "student", best, "student less it"), by_generator))
    return Section("Agreement with the teacher", blocks)


def weak(facts: Facts) -> Section:
    """The kinds of statements of known truth that it judges worst."""
    table, judges = facts.figures, cells.probe_judges(facts.figures)
    if "student" not in judges:
        return Section("Where it is weak", [])
    known, best = table[table["against"] == TRUTH], figures.best_baseline(table)
    names = {"student": "student", "baseline": best, "teacher": "teacher"}
    asked = [judge for judge in names if judge in judges]
    labels = [names[judge] for judge in asked]
    of_student = known[known["judge"] == "student"]
    aurocs = _values(of_student[of_student["figure"] == "auroc"])
    accepted = _values(of_student[of_student["figure"] == "accepted"])
    taken = {part: share for part, share in accepted.items() if part in aurocs and share > 0}
    false = [ALL, *dict.fromkeys([*_first(aurocs, _WORST), *_first({part: -share for part, share in taken.items()}, _WORST)])]
    missed = {part: share for part, share in accepted.items() if part not in aurocs and share < 1}
    true = [ALL, *_first(missed, _WORST)]
    return Section(
        "Where it is weak",
        [
            Block(
                "The kinds of false statements of known truth that it ranks worst or accepts most; docs/teacher.md of the project says "
                "what each kind is. AUROC is against all true ones; accepted is the share above the threshold, 0 is best.",
                ("false statements", "n", *(f"AUROC, {name}" for name in labels), *(f"accepted, {name}" for name in labels)),
                [
                    (
                        _kind(part),
                        str(figures.get(table, "student", "auroc", TRUTH, part).n),
                        *(_cell(table, judge, "auroc", TRUTH, part) for judge in asked),
                        *(_cell(table, judge, "false_accepted" if part == ALL else "accepted", TRUTH, part) for judge in asked),
                    )
                    for part in false
                ],
            ),
            Block(
                "The kinds of true ones that it rejects most: 1 is best.",
                ("true statements", "n", *(f"accepted, {name}" for name in labels)),
                [_true_row(table, asked, part) for part in true],
            ),
        ],
    )


def fooled(facts: Facts) -> Section:
    """What turns its judgments although the truth stays."""
    parts = robustness.worst(facts.figures, _WORST)
    if not parts:
        return Section("What fools it", [])
    best = figures.best_baseline(facts.figures)
    order = [cells.JUDGES.index(judge) for judge in ("student", "baseline", "teacher")]
    told = (
        f"Of each alteration all kinds together, and at most {_WORST} kinds that fool it most; docs/robustness.md of the project says what "
        "each is. The teacher judged a sample."
    )
    blocks = [Block(told)]
    for part in parts:
        rows = [(line.label, *(_of(line.cells[at]) for at in order)) for line in part.lines]
        blocks.append(Block(f"{part.title}. {part.meaning}", ("", "student", best, "teacher"), rows))
    return Section("What fools it", blocks)


def published(facts: Facts) -> Section:
    """What the evidence suite found on data that others have published."""
    if not facts.evidence:
        return Section("Published data", [])
    header, rows = evidence.task_rows(facts.evidence)
    return Section(
        "Published data",
        [
            Block(
                "By make evidence, which is run by hand, on the student that there was then. Where the student has learnt nothing of the "
                "data it is this judge, though some settings of the default were chosen with such data in sight (docs/evidence.md); "
                "elsewhere it is one of the same kind that was trained on them. Intervals are by question or passage.",
                tuple(header),
                rows,
            )
        ],
    )


def _than(difference: figures.Estimate) -> str:
    """How a judge stands to another whose figure is taken off, for figures of which more is better."""
    if difference.low is None or difference.high is None or difference.low <= 0.0 <= difference.high:
        return "not shown to be better or worse than"
    return "better than" if difference.low > 0.0 else "worse than"


def _cell(table: "pd.DataFrame", judge: str, figure: str, against: str = TEACHER, part: str = ALL) -> str:
    found = figures.look_up(table, judge, figure, against, part)
    return _NOTHING if found is None else str(cells.cell(found))


def _true_row(table: "pd.DataFrame", asked: Sequence[str], part: str) -> tuple[str, ...]:
    figure = "true_accepted" if part == ALL else "accepted"
    n = figures.get(table, "student", figure, TRUTH, part).n
    return (_kind(part), str(n), *(_cell(table, judge, figure, TRUTH, part) for judge in asked))


def _values(rows: "pd.DataFrame") -> dict[str, float]:
    """The figures of single kinds by their slices, where they have a value."""
    kinds = rows[rows["slice"] != ALL].dropna(subset=["value"])
    return dict(zip(map(str, kinds["slice"]), map(float, kinds["value"]), strict=True))


def _first(values: dict[str, float], most: int) -> Iterable[str]:
    """The slices of the lowest values, those of equal ones by name."""
    return sorted(values, key=lambda part: (values[part], part))[:most]


def _kind(part: str) -> str:
    return "all" if part == ALL else part.removeprefix("kind=").replace("_", " ")


def _of(cell: "tuple[cells.Cell, int] | None") -> str:
    return _NOTHING if cell is None else f"{cell[0]} of {cell[1]}"
