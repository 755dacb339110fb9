"""What judges can be fooled by, as tables."""

from judge.evaluation import figures
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import NONE, UNALTERED, counted, measured
from judge.report import robustness
from judge.tables.schema import Row
from tests.report.made_up_run import page_of

SHARE = (0.25, 0.1, 0.5, None)
FEW = (0.0, None, None, "few_documents")
TABLE = figures.frame(
    [
        counted("perturbed", NONE, "n", 40, 40),
        counted("perturbed", NONE, "documents", 40, 12),
        measured("student", UNALTERED, "all", "true_flipped", 24, SHARE),
        measured("student", UNALTERED, "kind=look_alikes", "true_flipped", 12, SHARE),
        measured("teacher", UNALTERED, "all", "lifted", 7, FEW),
        measured("student", UNALTERED, "all", "lifted", 20, SHARE),
        measured("student", UNALTERED, "language=zh", "lifted", 8, SHARE),
        measured("student", UNALTERED, "injection=fake_tags", "lifted", 10, SHARE),
        measured("student", NONE, "generator=small", "score_if_people_accepted", 9, SHARE),
        counted("interval", NONE, "confidence", None, 0.9),
    ]
)


def test_each_figure_is_a_table_with_a_line_for_each_kind() -> None:
    """Instructions first; kinds in words, languages by name, generators as they are called; a figure that is not there has no table."""
    found = [(part.title, [line.label for line in part.lines]) for part in robustness.parts(TABLE)]
    assert found == [
        ("Instructions to the judge in false answers", ["all", "fake tags", "in Chinese"]),
        ("True statements, altered and still true", ["all", "look alikes"]),
        ("Answers that people accept, by generator", ["small"]),
    ]


def test_each_cell_has_its_own_rows_and_a_judge_that_was_not_asked_none() -> None:
    """The teacher judges a sample, so its n is another than the student's."""
    teacher, student, baseline = robustness.parts(TABLE)[0].lines[0].cells
    assert teacher is not None
    assert student is not None
    assert (7, 20, None) == (teacher[1], student[1], baseline)
    assert ("0.250 [0.100, 0.500]", "0.000 (b)") == (str(student[0]), str(teacher[0]))


def test_the_text_says_how_sure_it_is_and_explains_its_notes() -> None:
    """The confidence of the intervals, a cell for each judge, a dash where there is none, and the note of the figure without interval."""
    text = robustness.robustness_table(TABLE)
    assert text.startswith("90% intervals by document")
    assert "all                         0.000 (b) of 7                  0.250 [0.100, 0.500] of 20      –\n" in text
    assert text.endswith("(b) no interval: fewer than 10 documents\n")


def test_the_page_has_a_section_of_it(run: tuple[Evaluation, list[Row]]) -> None:
    """With a row for each kind, where statements were perturbed; its link has its target."""
    import pandas as pd

    evaluation, test = run
    more = TABLE[TABLE["judge"] != "interval"]
    page = page_of(Evaluation(pd.concat([evaluation.figures, more]), evaluation.plots), test)
    assert '<a href="#fooled">' in page
    assert '<section id="fooled">' in page
    assert '<th scope="row">fake tags</th><td class="figure">–</td><td>0</td><td class="figure">0.250' in page
    assert "40 perturbed statements of 12 test documents" in page
