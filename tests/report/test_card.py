"""The card of a judge: what it says with people and without, no bare number, nothing that runs, the same bytes each time."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from judge import tables
from judge.__main__ import main
from judge.evaluation import evidence as evidence_table
from judge.evaluation import figures
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import ALL, NONE, PEOPLE, TRUTH, UNALTERED, measured
from judge.report import card, card_command, cells, licences
from judge.report.card_parts import Block, Facts, TableFacts
from judge.tables.schema import Row
from tests.report.made_up_run import HOSTILE
from tests.report.test_evidence import ROWS

STUDENT: dict[str, Any] = {
    "option": {"name": "tiny-judge", "kind": "late-interaction", "evidence": "both", "encoder": {"embedded": "e", "hub": "org/encoder"}},
    "threshold": 0.8,
    "training": {"teacher": "joined", "rows": 48, "documents": 24, "rows_left_out": 1, "alpha": 0.5, "temperature": 1.0, "seed": 3},
}
USED = licences.used([("student", STUDENT["option"]), ("teacher", {"hub": "google/gemma-3-270m"})], "wikipedia")


def _facts(evaluation: Evaluation, **changed: Any) -> Facts:
    made = Facts(evaluation.figures, STUDENT, {"corpus": "tiny", "split by": "document"}, {"test": TableFacts(24, 12, "abc")}, [], USED)
    return made._replace(**changed)


def _section(facts: Facts, title: str) -> list[Block]:
    return next(section.blocks for section in card.card(facts).sections if section.title == title)


def test_a_card_without_people_says_so(run: tuple[Evaluation, list[Row]]) -> None:
    """It does not let agreement with a model stand for agreement with people."""
    (block,) = _section(_facts(run[0]), "Agreement with people")
    assert block.text.startswith("No person has labelled any answer of this run.")
    assert "published" not in block.text


def test_a_card_with_people_names_their_answers_base_rate_and_every_judge(recorded: tuple[Evaluation, list[Row]]) -> None:
    """Student, baseline and teacher with n, and each difference."""
    (block,) = _section(_facts(recorded[0]), "Agreement with people")
    share = cells.cell(figures.get(recorded[0].figures, PEOPLE, "acceptable_share", NONE))
    assert block.text.startswith(f"People have labelled 16 test answers, and accept {share} of them.")
    judges = ("", "student", "overlap", "teacher", "student less overlap", "student less teacher", "teacher less overlap")
    assert judges == block.header
    assert ["n", "Cohen's kappa", "Accuracy", "AUROC", "Calibration error"] == [row[0] for row in block.rows]
    assert ["16"] * 6 == list(block.rows[0][1:])
    assert ["–"] * 4 == list(block.rows[-1][3:])


def test_the_ceiling_stands_beside_people_where_it_is_measured(recorded: tuple[Evaluation, list[Row]]) -> None:
    """What people agree among themselves tells how high a judge can come."""
    import pandas as pd

    more = [
        measured(PEOPLE, NONE, ALL, "ceiling", 12, (0.7, 0.6, 0.8, None)),
        measured("student", PEOPLE, ALL, "ceiling_difference", 12, (-0.1, -0.2, 0.0, None)),
    ]
    table = pd.concat([recorded[0].figures, figures.frame(more)], ignore_index=True)
    _, block = _section(_facts(recorded[0], figures=table), "Agreement with people")
    assert "kappa 0.700 [0.600, 0.800] (n 12); the student with one of them less two of them" in block.text
    assert "on the same answers, is -0.100 [-0.200, 0.000] (n 12)." in block.text


def test_a_student_that_learns_from_verdicts_in_words_has_a_card(run: tuple[Evaluation, list[Row]]) -> None:
    """It has no temperature: its objective is reached in expectation."""
    training = {name: value for name, value in STUDENT["training"].items() if name != "temperature"}
    student = STUDENT | {"option": STUDENT["option"] | {"kind": "openai"}, "training": training}
    (block,) = _section(_facts(run[0], student=student), "What it was trained on")
    assert [value for name, value in block.rows if name == "objective"] == [
        "α·CE + (1 - α)·KL with α = 0.5, in expectation, by copies of each answer with drawn levels"
    ]


def test_agreement_with_the_teacher_has_n_the_baseline_and_the_difference(run: tuple[Evaluation, list[Row]]) -> None:
    """Of the calibration error the columns would not add up, so no difference stands there."""
    block, by_generator = _section(_facts(run[0]), "Agreement with the teacher")
    assert ("", "n", "student", "overlap", "student less it") == block.header
    assert {"24"} == {row[1] for row in block.rows}
    assert ["Calibration error"] == [row[0] for row in block.rows if row[-1] == "–"]
    assert ["large", "small"] == sorted(row[0] for row in by_generator.rows)


def _known(*rows: Row) -> "Any":
    made = [
        measured("student", TRUTH, ALL, "auroc", 30, (0.9, 0.8, 0.95, None)),
        measured("student", TRUTH, ALL, "true_accepted", 20, (0.9, 0.8, 0.95, None)),
        measured("student", TRUTH, ALL, "false_accepted", 30, (0.2, 0.1, 0.3, None)),
    ]
    return figures.frame([*made, *rows])


def _kind(kind: str, auroc: float | None, accepted: float) -> list[Row]:
    ranked = [] if auroc is None else [measured("student", TRUTH, f"kind={kind}", "auroc", 10, (auroc, None, None, "few_documents"))]
    return [*ranked, measured("student", TRUTH, f"kind={kind}", "accepted", 10, (accepted, None, None, "few_documents"))]


def test_the_weakest_kinds_are_shown_worst_first(run: tuple[Evaluation, list[Row]]) -> None:
    """Those that are ranked worst, then others that are accepted most; true ones by how many are rejected; perfect ones not at all."""
    import pandas as pd

    kinds = [("a_b", 0.4, 1.0), ("c", 0.99, 0.0), ("d", 0.6, 0.1), ("e", 0.7, 0.0), ("f", 0.8, 0.2), ("g", 0.95, 0.9), ("true", None, 0.3)]
    rows = [row for kind in [*kinds, ("fine", None, 1.0)] for row in _kind(*kind)]
    others = run[0].figures[run[0].figures["against"] != TRUTH]
    facts = _facts(run[0], figures=pd.concat([others, _known(*rows)], ignore_index=True))
    false, true = _section(facts, "Where it is weak")
    assert ["all", "a b", "d", "e", "f", "g"] == [row[0] for row in false.rows]
    assert ("a b", "10", "0.400 (b)", "1.000 (b)") == tuple(false.rows[1])
    assert ["all", "true"] == [row[0] for row in true.rows]
    told = [block.text for block in _section(facts, "In short")]
    assert "It accepts more than half of the false statements of these kinds: a b, g." in told
    assert "It rejects more than half of the true ones of these kinds: true." in told


@pytest.mark.parametrize(
    ("low", "high", "than"), [(0.1, 0.3, "better than"), (-0.3, -0.1, "worse than"), (-0.1, 0.3, "not shown to be better or worse than")]
)
def test_the_first_thing_said_is_whether_it_beats_the_simple_judge(
    run: tuple[Evaluation, list[Row]], low: float, high: float, than: str
) -> None:
    """Better or worse only where the whole interval is; without an interval nothing is shown."""
    table = run[0].figures.copy()
    chosen = (table["judge"] == "difference") & (table["figure"] == "pearson") & (table["slice"] == ALL)
    table.loc[chosen, ["low", "high"]] = [low, high]
    told = _section(_facts(run[0], figures=table), "In short")[0].text
    assert f"the judge is {than} overlap" in told
    table.loc[chosen, ["low", "high"]] = None
    assert "not shown" in _section(_facts(run[0], figures=table), "In short")[0].text


def test_what_fools_it_is_shown_with_the_rows_behind_each_judge(run: tuple[Evaluation, list[Row]]) -> None:
    """All kinds, and those that fool it; a kind that does not is left out."""
    import pandas as pd

    rows = [
        measured("student", UNALTERED, ALL, "lifted", 20, (0.25, 0.1, 0.5, None)),
        measured("overlap", UNALTERED, ALL, "lifted", 20, (0.5, 0.4, 0.6, None)),
        measured("baseline", UNALTERED, ALL, "lifted", 18, (0.5, 0.4, 0.6, None)),
        measured("student", UNALTERED, "injection=fake_tags", "lifted", 5, (1.0, None, None, "few_documents")),
        measured("student", UNALTERED, "injection=threat", "lifted", 5, (0.0, None, None, "few_documents")),
    ]
    table = pd.concat([run[0].figures, figures.frame(rows)], ignore_index=True)
    _, block = _section(_facts(run[0], figures=table), "What fools it")
    assert ("", "student", "overlap", "teacher") == block.header
    all_of_them = ("all", "0.250 [0.100, 0.500] of 20", "0.500 [0.400, 0.600] of 18", "–")
    assert [all_of_them, ("fake tags", "1.000 (b) of 5", "–", "–")] == [tuple(row) for row in block.rows]


def test_published_data_have_their_own_figures(run: tuple[Evaluation, list[Row]]) -> None:
    """A line a task, as `judge evidence` prints it; without the suite there is no such section."""
    (block,) = _section(_facts(run[0], evidence=ROWS), "Published data")
    assert ["qa", "grades"] == [row[0] for row in block.rows]
    assert "Published data" not in {section.title for section in card.card(_facts(run[0])).sections}


def test_every_note_is_explained_and_no_other(run: tuple[Evaluation, list[Row]]) -> None:
    """A letter beside a figure leads to a sentence at the end."""
    made = card.card(_facts(run[0]))
    text = card.render_markdown(made)
    assert set(re.findall(r"\d \(([a-f])\)", text.partition("Licences")[0])) == set(made.notes)
    assert all(f"\n({letter}) {said}" in text for letter, said in made.notes.items())


def test_nothing_in_a_name_runs_or_breaks_a_table(run: tuple[Evaluation, list[Row]]) -> None:
    """Names are the user's own; in Markdown and in HTML they are shown as they are."""
    hostile = f"a|b`c` [x](http://y) {HOSTILE}\n# title"
    made = card.card(_facts(run[0], run={"corpus": hostile, "split by": "document"}))
    markdown, page = card.render_markdown(made), card.render_html(made)
    (line,) = [line for line in markdown.splitlines() if line.startswith("| corpus")]
    assert 3 == len(re.findall(r"(?<!\\)\|", line))
    assert "<" not in markdown
    assert "](" not in markdown
    assert not re.search(r"<(script|img)", page)
    assert "&lt;script&gt;" in page


def test_the_page_needs_nothing_but_itself_and_is_the_same_each_time(run: tuple[Evaluation, list[Row]]) -> None:
    """No script, no address, a policy that forbids both; rendering twice gives the same bytes."""
    page = card.render_html(card.card(_facts(run[0], evidence=ROWS)))
    assert not re.search(r"<script|<link|src=|href=|https?://|url\(", page)
    assert "default-src 'none'" in page
    assert page == card.render_html(card.card(_facts(run[0], evidence=ROWS)))


def test_models_are_named_once_with_their_licence() -> None:
    """By what they are there as; what is not known is said so."""
    options: list[tuple[str, dict[str, Any]]] = [
        ("teacher", {"prompt": {"model": {"embedded": "x", "hub": "google/gemma-3-270m"}}, "likelihood": None}),
        ("generator", {"hub": "google/gemma-3-270m"}),
        ("generator", {"hub": "google/gemma-3-270m"}),
        ("generator", {"model": "gpt-x"}),
        ("generator", {"hub": "org/unknown"}),
    ]
    found = [(used.name, used.uses, used.licence) for used in licences.used(options, "directory")]
    assert ("google/gemma-3-270m", ["teacher", "generator"], "Gemma Terms of Use") == found[0]
    assert ["the terms of the service that runs it", "see its page on the hub", "yours to say"] == [licence for *_, licence in found[1:]]


@pytest.fixture
def project(workspace: Path, recorded: tuple[Evaluation, list[Row]]) -> Path:
    """What `judge card` reads, on recorded judgments."""
    evaluation, test = recorded
    figures.write(evaluation.figures)
    for table, rows in ((tables.TEST, test), (tables.TRAIN, test[:2]), (tables.DOCUMENTS, [])):
        tables.write(table, rows)
    answers = [column.name for column in tables.RECORDED.columns]
    tables.write(tables.RECORDED, [{name: test[0].get(name) for name in answers}])
    card_command.STUDENT.parent.mkdir(parents=True)
    card_command.STUDENT.write_text(json.dumps(STUDENT), encoding="utf-8")
    Path("conf/teacher").mkdir(parents=True)
    Path("conf/teacher/recorded.yaml").write_text("kind: recorded\n", encoding="utf-8")
    Path("params.yaml").write_text(
        "corpus: begin\nquestioner: none\ngenerators: [none]\nteacher: recorded\nsplit:\n  group_by: question\n", encoding="utf-8"
    )
    return workspace


def test_the_command_prints_or_writes_the_card(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of recorded judgments nobody was asked for questions or answers."""
    assert 0 == main(["card"])
    printed = capsys.readouterr().out
    assert "| begin | corpus | CC-BY-4.0" in printed
    assert "questioner" not in printed
    assert 0 == main(["card", "--markdown", "card.md", "--html", "card.html"])
    assert "The card is in card.md and card.html\n" == capsys.readouterr().out
    assert printed == (project / "card.md").read_text(encoding="utf-8")
    assert not evidence_table.EVIDENCE_CSV.exists()


def test_a_missing_student_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and the next step."""
    (project / card_command.STUDENT).unlink()
    assert 2 == main(["card"])
    assert "data/student/config.json is missing.\nNext: `dvc repro` makes it" in capsys.readouterr().err
