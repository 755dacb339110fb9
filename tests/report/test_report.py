"""The report: complete, self-contained, escaped, the same bytes each time."""

import re
from html.parser import HTMLParser

import pytest

from judge.evaluation import figures
from judge.evaluation.bootstrap import REASONS
from judge.evaluation.evaluation import EvaluateSettings, Evaluation
from judge.evaluation.figures import PEOPLE
from judge.people.labels import Label
from judge.report import report, results
from judge.tables.levels import interpolate
from judge.tables.schema import Row
from tests.evaluation.made_up_run import evaluate
from tests.report.made_up_run import RUN, a_run, judgment, page_of


@pytest.fixture(scope="module")
def page(run: tuple[Evaluation, list[Row]]) -> str:
    """The page of `a_run`, made once."""
    return page_of(*run)


class Elements(HTMLParser):
    """Collects every start tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))


def test_what_a_model_wrote_becomes_no_element(page: str) -> None:
    """A script or an image inside an answer is shown as text."""
    assert not [tag for tag, _ in Elements(page).tags if tag in {"script", "img"}]


def test_what_a_model_wrote_is_shown(page: str) -> None:
    """The text of the attack can be read in the page."""
    assert "&lt;script&gt;alert(&#39;mine&#39;)&lt;/script&gt; &amp; &lt;img src=x onerror=alert(1)&gt;" in page


def test_words_without_support_are_marked_and_stay_text(run: tuple[Evaluation, list[Row]]) -> None:
    """In the worst disagreements; the mark is ours, and what stands in it is escaped."""
    evaluation, test = run
    row = next(row for row in test if "<script>" in (row["answer"] or ""))
    start = row["answer"].index("<script>")
    span = {"span_id": "s", "item_id": row["answer_id"], "start": start, "end": start + 8, "text": "<script>", "unsupported": 0.9}
    shown = page_of(evaluation, test, [span])
    assert '<mark class="unsupported-3" title="unsupported: 0.90">&lt;script&gt;</mark>' in shown
    assert not [tag for tag, _ in Elements(shown).tags if tag in {"script", "img"}]


def test_where_people_say_otherwise_is_shown_with_their_comments(recorded: tuple[Evaluation, list[Row]]) -> None:
    """An answer that the student rejects and people accept, who said so, and why; a comment is text."""
    evaluation, test = recorded
    scores = {row["answer_id"]: row["student_score"] for row in evaluation.plots["scores"]}
    heard = [row for row in test if row["human_class"] and (scores[row["answer_id"]] > 0.8) != (row["human_class"] == "acceptable")]
    said = [Label(row["answer_id"], "anna", 1.0, "<b>right</b>") for row in heard]
    shown = report.render(evaluation, report.Answers(test, (), said), training=[], run=RUN, counts={}, dropped={}, model_card={})
    assert f"{min(len(heard), report.WORST)} of the answers, those first of which it was surest." in shown
    assert "anna 1 (&lt;b&gt;right&lt;/b&gt;)" in shown


def test_nothing_is_loaded_from_elsewhere(page: str) -> None:
    """Every src and href stays inside the page, and no style imports or names an address."""
    links = [value for _, attributes in Elements(page).tags for name, value in attributes.items() if name in {"src", "href", "xlink:href"}]

    assert links
    assert not [link for link in links if not str(link).startswith("#")]
    assert not re.search(r"@import|url\((?!#)", page)


def test_every_entry_of_the_contents_leads_to_a_section(page: str) -> None:
    """Each link of the table of contents has its target."""
    elements = Elements(page).tags
    targets = {attributes["href"] for tag, attributes in elements if tag == "a"}

    assert targets == {f"#{attributes['id']}" for tag, attributes in elements if tag == "section"}


def test_the_same_run_gives_the_same_bytes(run: tuple[Evaluation, list[Row]], page: str) -> None:
    """No date, no random id: rendering twice gives the same page."""
    assert page == page_of(*run)


def test_no_picture_carries_its_date(page: str) -> None:
    """Two runs a day apart draw the same picture: neither the date nor the program's version is in it."""
    assert "<metadata" not in page


def test_every_picture_is_there(page: str) -> None:
    """Ten pictures, each with a name for those who cannot see it."""
    labels = [attributes.get("aria-label") for tag, attributes in Elements(page).tags if tag == "svg"]

    expected = (10, True)

    assert expected == (len(labels), all(labels))


def test_the_figure_stands_with_its_interval(run: tuple[Evaluation, list[Row]], page: str) -> None:
    """The table shows the student's r and both ends of its interval."""
    value, low, high = (f"{number:.3f}" for number in figures.get(run[0].figures, "student", "pearson")[:3])

    assert f'{value} <span class="soft">[{low}, {high}]</span>' in page


def test_the_worst_disagreement_comes_first(run: tuple[Evaluation, list[Row]], page: str) -> None:
    """The first of the listed answers is the one with the largest distance of student and teacher."""
    furthest = max(run[0].plots["scores"], key=lambda row: abs(row["teacher_score"] - row["student_score"]))
    first = page[page.index('<section id="disagreements">') :]

    assert f"1. teacher {furthest['teacher_score']:.3f}, student {furthest['student_score']:.3f}" in first


def test_ten_disagreements_are_listed(page: str) -> None:
    """No more than ten answers are shown in full."""
    assert page.count("<article>") == report.WORST


def test_a_missing_interval_has_a_note(page: str) -> None:
    """An AUROC of 1 in every resample carries the letter of its note, and the note is there."""
    assert "1.000<sup>d</sup>" in page
    assert REASONS["no_spread"] in page


def test_a_run_without_training_rows_has_no_training_curve(run: tuple[Evaluation, list[Row]]) -> None:
    """A student that was not trained here leaves the picture out."""
    assert 'aria-label="Training curves"' not in page_of(*run, training=[])


def test_a_student_with_some_curves_has_those(run: tuple[Evaluation, list[Row]]) -> None:
    """A loss alone, with a gap, still makes a picture, and curves of other things make none."""
    some = [{"epoch": 1, "train_loss": 1.0, "train_steps": 3.0}, {"epoch": 2, "train_loss": None, "train_steps": 6.0}]
    other = [{"epoch": 1, "train_steps": 3.0}]
    expected = (True, False)
    assert expected == tuple('aria-label="Training curves"' in page_of(*run, training=rows) for rows in (some, other))


def test_a_run_without_probes_has_no_section_of_them(recorded: tuple[Evaluation, list[Row]]) -> None:
    """The page does not speak of known truth, and every link still has its target."""
    page = page_of(*recorded)
    elements = Elements(page).tags

    assert "Statements of known truth" not in page
    assert {attributes["href"] for tag, attributes in elements if tag == "a"} == {
        f"#{attributes['id']}" for tag, attributes in elements if tag == "section"
    }


def test_people_have_a_section_where_they_were_asked(run: tuple[Evaluation, list[Row]], recorded: tuple[Evaluation, list[Row]]) -> None:
    """The page shows kappa with people and its interval, in a section that a run of generated answers does not have."""
    value, low, high = (f"{number:.3f}" for number in figures.get(recorded[0].figures, "student", "kappa", PEOPLE)[:3])
    page = page_of(*recorded)
    section = page[page.index('<section id="people">') : page.index('<section id="generators">')]

    assert f'{value} <span class="soft">[{low}, {high}]</span>' in section
    assert "n = 16" in section
    assert "Against people" not in page_of(*run)


def test_a_run_in_which_nothing_is_defined_still_has_its_report() -> None:
    """Three documents, a teacher of one class and a student that failed everywhere: a page full of dashes and notes."""
    test = a_run()[1][:6]
    rejected = [row | {"teacher_levels": interpolate(0.1), "teacher_score": 0.1, "teacher_class": "unacceptable"} for row in test]
    failed = [{"item_id": row["answer_id"], "levels": None, "score": None, "reason": "error"} for row in test]
    probes = [
        {"probe_id": f"{kind}", "document_id": "one", "kind": kind, "truth": kind == "sentence"} for kind in ("sentence", "replaced_name")
    ]
    judged = {judge: [judgment(str(row["probe_id"]), 0.5) for row in probes] for judge in ("teacher", "student")}
    settings = EvaluateSettings(resamples=100, confidence=0.95)
    evaluation = evaluate(rejected, failed, [judgment(row["answer_id"], 0.1) for row in test], probes, judged, 0.8, settings, 1)

    assert "correlation with the teacher is undefined" in page_of(evaluation, rejected)
    assert "undefined" in results.results_table(evaluation.figures)


def test_settings_that_look_like_markup_are_escaped(run: tuple[Evaluation, list[Row]]) -> None:
    """Settings and reasons are text as well."""
    changed = page_of(*run, run=RUN | {"corpus": "<b>"}, dropped={"<i>": 1})

    assert ("&lt;b&gt;" in changed, "&lt;i&gt;" in changed) == (True, True)


def test_the_tables_of_sweeps_are_shown(run: tuple[Evaluation, list[Row]]) -> None:
    """Each with its name and its columns, escaped as everything; without any there is no such section."""
    shown = page_of(*run, sweeps={"label.threshold": [["label.threshold", "kappa"], ["0.6", "0.7 <b>"]]})
    assert "<h3>label.threshold</h3>" in shown
    assert "<td>0.7 &lt;b&gt;</td>" in shown
    assert 'id="sweeps"' not in page_of(*run)
