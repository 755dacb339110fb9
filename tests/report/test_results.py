"""The results in words and in the terminal's tables."""

import re

from judge.evaluation import figures
from judge.evaluation.definitions import FIGURES
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import PEOPLE, Estimate
from judge.report import cells, results
from judge.tables.schema import Row

Run = tuple[Evaluation, list[Row]]
_PRINTED = re.compile(r"-?\d\.\d+ \[[^\]]+\]")


def numbers(*estimates: Estimate) -> list[str]:
    """The figures and the ends of their intervals, to three decimals."""
    return [f"{number:.3f}" for estimate in estimates for number in estimate[:3]]


def line_of(text: str, label: str) -> str:
    """The one line of a text that begins with a label."""
    (line,) = [line for line in text.splitlines() if line.startswith(label)]
    return line


def test_the_answer_names_student_baseline_and_difference(run: Run) -> None:
    """The one sentence has n, the three figures, and an interval for each."""
    table = run[0].figures
    sentence = results.answer(table)
    wanted = numbers(*(figures.get(table, side, "pearson") for side in ("student", "baseline", "difference")))

    assert not [text for text in [*wanted, "On 24 test answers from 12 documents"] if text not in sentence]


def test_an_undefined_correlation_is_said_so(run: Run) -> None:
    """Without a figure the sentence says that there is none."""
    table = run[0].figures.copy()
    table.loc[(table["judge"] == "student") & (table["figure"] == "pearson"), ["value", "low", "high"]] = None

    assert "undefined" in results.answer(table)


def test_a_figure_without_an_interval_is_said_to_have_none(run: Run) -> None:
    """The sentence gives no interval that is not there."""
    table = run[0].figures.copy()
    table.loc[(table["judge"] == "baseline") & (table["figure"] == "pearson"), ["low", "high"]] = None

    value = f"{figures.get(table, 'baseline', 'pearson').value:.3f}"
    assert f"fitted on the same rows, at {value} (no interval): a difference of" in results.answer(table)


def test_the_answer_names_people_where_they_were_asked(recorded: Run, run: Run) -> None:
    """A second sentence gives kappa with people of student, baseline and teacher."""
    table = recorded[0].figures
    sentence = results.answer(table)
    wanted = numbers(*(figures.get(table, judge, "kappa", PEOPLE) for judge in ("student", "baseline", "teacher")))

    assert not [text for text in [*wanted, "people say of 16 answers"] if text not in sentence]
    assert "people" not in results.answer(run[0].figures)


def test_the_terminal_s_table_has_a_line_a_figure(run: Run) -> None:
    """Each figure stands with student, baseline and difference, in the order of the definitions."""
    table = run[0].figures
    text = results.results_table(table)

    expected = [str(cells.cell(figures.get(table, side, "pearson"))) for side in ("student", "baseline", "difference")]
    assert expected == _PRINTED.findall(line_of(text, "Pearson's r"))
    labels = [defined.label for defined in FIGURES.values()]
    assert labels == [line[:26].rstrip() for line in text.splitlines()[3 : 3 + len(labels)]]


def test_the_terminal_s_table_has_the_figures_against_people(recorded: Run) -> None:
    """Student, baseline, teacher and the difference of student and teacher, within the width of a screen."""
    table = recorded[0].figures
    text = results.results_table(table)
    people = text[text.index("Against people on 16 answers") :]

    sides = ("student", "baseline", "teacher", "difference")
    expected = [str(cells.cell(figures.get(table, side, "kappa", PEOPLE))) for side in sides]
    assert expected == _PRINTED.findall(line_of(people, "Cohen's kappa"))
    assert max(map(len, text.splitlines())) <= 125


def test_the_terminal_s_table_has_every_simple_judge_against_people(recorded: Run) -> None:
    """Kappa, AUROC and calibration error of student and simple judges, and student and teacher less the strongest of them."""
    table = recorded[0].figures
    lines = results.results_table(table).split("Simple judges against people\n")[1].splitlines()

    best = figures.best_baseline(table)
    names = ["student", *figures.baselines(table), f"student less {best}", f"teacher less {best}"]
    assert names == [line[:26].strip() for line in lines[1 : len(names) + 1]]
    for judge, line in ((best, line_of("\n".join(lines), best)), (figures.BASELINE_DIFFERENCE, lines[len(names) - 1])):
        expected = [str(cells.cell(figures.get(table, judge, name, PEOPLE))) for name in ("kappa", "auroc", "ece")]
        assert expected == _PRINTED.findall(line)


def test_the_terminal_s_table_has_the_known_truth_where_there_is_any(run: Run, recorded: Run) -> None:
    """The AUROC of each kind with its judges; a run without statements has no such part."""
    text = results.results_table(run[0].figures)
    known, accepted = text[text.index("Known truth: AUROC on 24 statements of 12 documents") :].split(
        "Known truth: share above the threshold"
    )

    assert ["teacher", "student", "baseline"] == known.splitlines()[1].split()
    assert ["1.000", "(d)"] * 3 == line_of(known, "replaced name").split()[2:]
    assert ["0.000"] * 3 == line_of(accepted, "replaced name").split()[2::3]
    assert "Known truth" not in results.results_table(recorded[0].figures)


def test_the_notes_below_the_terminal_s_table_are_those_of_its_own_figures(run: Run) -> None:
    """A figure by generator, which is not shown, brings no note."""
    table = run[0].figures.copy()
    unshown = table["slice"].str.startswith("generator=")
    table["reason"] = table["reason"].mask(~unshown, None)
    table.loc[unshown, "reason"] = "few_documents"

    assert "(b)" not in results.results_table(table)
    assert {"b"} == set(cells.notes(table))


def test_the_terminal_s_table_fits_a_screen(run: Run) -> None:
    """No line is wider than 125 characters."""
    assert max(map(len, results.results_table(run[0].figures).splitlines())) <= 125
