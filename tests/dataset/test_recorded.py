"""Judgments that people already have: what is read of a file, what is left out, what is refused; and two real files."""

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge import tables
from judge.dataset import labels, recorded, recorded_rows, splits
from judge.dataset.corpora import Corpus
from judge.distillation.settings import DistilSettings
from judge.errors import DocumentError, SettingsError
from judge.evaluation import evaluation, figures
from judge.settings import check
from judge.students import options
from judge.tables import levels
from judge.tables.files import _fault
from judge.tables.items import rows_to_judge
from judge.tables.levels import mean
from judge.tables.schema import RECORDED, Row
from judge.teachers.recorded import RecordedTeacher
from judge.teachers.recorded import judgments as recorded_judgments
from tests.conftest import ROOT, change_yaml, option

SHARED = ROOT.parent / "shared" / "data"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the files of real judgments are not here")

COLUMNS = {"question": "q", "answer": "a", "context": None, "reference": None, "generator": None, "human": None, "scores": ["s"]}


def corpus(file: Path, *, columns: dict[str, Any] | None = None, **changes: Any) -> Any:
    """A corpus of recorded judgments with the fields q, a and s, unless changed."""
    values = {"verdicts": {}, "human": {}, "skip_where": {}, "extract": {}, "unpivot": [], **changes}
    return option("corpus", "recorded", Corpus, file=str(file), columns={**COLUMNS, **(columns or {})}, **values)


def jsonl(folder: Path, *rows: Any) -> Path:
    """A file with an object a line."""
    path = folder / "judgments.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def read(folder: Path, *rows: Any, **changes: Any) -> recorded_rows.RecordedRows:
    """What is read of these rows; every one of them is a row of the recorded table."""
    found = recorded_rows.read(corpus(jsonl(folder, *rows), **changes))
    assert not [fault for row in found.rows if (fault := _fault(RECORDED, row))]
    return found


def score(row: Row) -> float | None:
    """The mean of a row's levels."""
    return None if row["levels"] is None else mean(row["levels"])


def test_the_files_of_conf_are_options(tmp_path: Path) -> None:
    """The plain example reads a file that has all of its fields, as it stands."""
    row = {"question": "Q?", "answer": "A", "context": "C", "reference": "R", "generator": "G", "human": "acceptable", "score": 0.7}
    (got,) = recorded_rows.read(option("corpus", "recorded", Corpus, file=str(jsonl(tmp_path, row)))).rows

    assert ("Q?", "A", "C", "R", "G", "acceptable") == tuple(
        got[name] for name in ("question", "answer", "context", "reference", "generator", "human_class")
    )
    assert pytest.approx(0.7) == score(got)
    for name in ("vicuna-eval", "evouna-nq"):
        assert option("corpus", name, Corpus).name == name


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (0.8, 0.8),
        ("0.8", 0.8),
        (" 1 ", 1.0),
        (0, 0.0),
        ([1, 0, 0, 0], 0.25),
        ([0.7, 0.8], 0.75),
        (None, None),
        ("", None),
        ([], None),
        ([None, 1.0], 1.0),
        (1.5, None),
        ([1.5, 0.5], 0.5),
        (float("nan"), None),
    ],
)
def test_a_score_is_the_mean_of_all_that_were_given(tmp_path: Path, values: Any, expected: float | None) -> None:
    """Numbers, texts of numbers and lists of them; nothing and what is off the scale count for nothing."""
    assert expected == score(read(tmp_path, {"q": "Q?", "a": "A", "s": values}).rows[0])


def test_several_scores_make_a_histogram(tmp_path: Path) -> None:
    """Three fields, two verdicts of 0 and one of 1: two thirds of the mass on 0."""
    row = {"q": "Q?", "a": "A", "one": 0, "two": 0, "three": 1}
    (got,) = read(tmp_path, row, columns={"scores": ["one", "two", "three"]}).rows
    assert [pytest.approx(2 / 3), *[0.0] * 9, pytest.approx(1 / 3)] == got["levels"]


@pytest.mark.parametrize(("grade", "expected"), [(1, 0.0), (4, 0.75), (4.2, 0.8), (5, 1.0)])
def test_a_scale_is_mapped_onto_0_to_1_exactly(tmp_path: Path, grade: float, expected: float) -> None:
    """A 4 of 1 to 5 stays 0.75, between two levels, and 4.2 does not cross a threshold of 0.8 by rounding."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": grade}, lowest=1.0, highest=5.0).rows
    assert expected == score(got)


def test_a_score_off_the_scale_is_a_row_with_its_reason_and_counted(tmp_path: Path) -> None:
    """out_of_range where no other score is left, no_verdict where there was none, and the count of the scores."""
    found = read(tmp_path, {"q": "1?", "a": "A", "s": 7}, {"q": "2?", "a": "A", "s": None}, {"q": "3?", "a": "A", "s": [0.5, 7]})
    assert {"1?": "out_of_range", "2?": "no_verdict", "3?": None} == {row["question"]: row["reason"] for row in found.rows}
    assert [("2 scores", "not on the scale from 0.0 to 1.0")] == found.skipped


@pytest.mark.parametrize("value", [True, "true", "True", "YES"])
def test_a_word_stands_for_a_score_whatever_its_capitals(tmp_path: Path, value: Any) -> None:
    """JSON's true, the text of it, and a word of the mapping."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": value}, verdicts={True: 1.0, "yes": 1.0, "false": 0.0}).rows
    assert score(got) == 1.0


def test_a_word_can_stand_for_no_verdict(tmp_path: Path) -> None:
    """Null in the mapping is no score, and no fault."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": "n/a"}, verdicts={"N/A": None}).rows
    assert (None, "no_verdict") == (got["levels"], got["reason"])


def test_values_that_nobody_knows_are_refused_together_with_their_counts(tmp_path: Path) -> None:
    """A word without a mapping, a true without one, a label without one: all in one message."""
    rows = [
        {"q": "Q?", "a": "A", "s": "good", "h": "fine"},
        {"q": "R?", "a": "A", "s": "good", "h": "fine"},
        {"q": "S?", "a": "A", "s": True},
    ]
    with pytest.raises(DocumentError, match="add them to verdicts or human") as error:
        read(tmp_path, *rows, columns={"human": "h"})
    assert not [
        part
        for part in ("score 'good' (2 times)", "score 'True' (1 times)", "human label 'fine' (2 times)")
        if part not in str(error.value)
    ]


def test_what_people_say_is_mapped_and_put_to_the_vote(tmp_path: Path) -> None:
    """Of several labels the more frequent one counts, a tie is no label and is counted."""
    labelled: list[tuple[str, Any]] = [("1?", 1), ("2?", [0, 0, 1]), ("3?", ["1", "0"]), ("4?", None)]
    rows = [{"q": question, "a": "A", "s": 0.5, "h": given} for question, given in labelled]
    found = read(tmp_path, *rows, columns={"human": "h"}, human={"1": "acceptable", "0": "unacceptable"})
    expected = {"1?": "acceptable", "2?": "unacceptable", "3?": None, "4?": None}
    assert expected == {row["question"]: row["human_class"] for row in found.rows}
    assert [("1 human label", "as many say acceptable as unacceptable")] == found.skipped


def test_the_same_answer_again_adds_its_scores(tmp_path: Path) -> None:
    """Two rows of one answer are one row, whose histogram holds both; another generator is another row."""
    rows = [{"q": "Q?", "a": "A", "s": value, "g": name} for value, name in ((0, "x"), (1, "x"), (1, "y"))]
    found = read(tmp_path, *rows, columns={"generator": "g"})
    assert {"x": 0.5, "y": 1.0} == {row["generator"]: score(row) for row in found.rows}
    assert [("1 row", "an answer that stands there already, whose verdicts they are added to")] == found.skipped


def test_rows_that_hold_nothing_to_judge_are_left_out_and_counted_by_reason(tmp_path: Path) -> None:
    """Without a question, without answer and verdict, or with a field that says so; the reasons stand once, with their counts."""
    rows = [{"q": "", "a": "A", "s": 1}, {"q": "?!", "a": "A", "s": 1}, {"q": "Q?", "a": None, "s": None}]
    rows += [{"q": f"{number}?", "a": "A", "s": 1, "draft": True} for number in range(3)] + [{"q": "Q?", "a": "A", "s": 1, "draft": False}]
    found = read(tmp_path, *rows, skip_where={"draft": True})
    assert ["Q?"] == [row["question"] for row in found.rows]
    assert [("3 rows", "draft is true"), ("1 row", "neither an answer nor a verdict"), ("2 rows", "no question")] == found.skipped


@pytest.mark.parametrize("answer", [None, "", "  \n"])
def test_an_answer_without_text_is_a_row_without_verdict(tmp_path: Path, answer: str | None) -> None:
    """Someone has judged it, so it is a row; there is nothing that a student could learn from, so it has no levels."""
    (got,) = read(tmp_path, {"q": "Q?", "a": answer, "s": 1}).rows
    assert (None, None, "no_verdict") == (got["answer"], got["levels"], got["reason"])


def test_without_scores_another_teacher_can_judge(tmp_path: Path) -> None:
    """A file of questions and answers alone is read; its rows have no verdict yet."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A"}, columns={"scores": []}).rows
    assert ("A", None, "no_verdict") == (got["answer"], got["levels"], got["reason"])


def test_passages_become_documents_once(tmp_path: Path) -> None:
    """Rows of one passage share its document, whatever their line ends; a row without one has the question for a group."""
    rows = [
        {"q": "1?", "a": "A", "s": 1, "c": "Lima is the capital of Peru and its largest city.\nIt lies by the sea."},
        {"q": "2?", "a": "A", "s": 1, "c": "Lima is the capital of Peru and its largest city.\r\nIt lies by the sea. "},
        {"q": "3?", "a": "A", "s": 1, "c": None},
        {"q": "3?", "a": "B", "s": 1},
    ]
    found = corpus(jsonl(tmp_path, *rows), columns={"context": "c"}).read(1)
    (document,) = found.documents
    assert ("Lima is the capital of Peru and its …", rows[0]["c"]) == (document["title"], document["text"])
    of_question = defaultdict(set)
    for row in found.recorded:
        of_question[row["question"]].add(row["document_id"])
    assert of_question["1?"] == of_question["2?"] == {document["document_id"]}
    assert len(of_question["3?"]) == 1
    assert found.background == []
    assert _fault(tables.DOCUMENTS, document) is None


def test_a_list_of_passages_is_joined(tmp_path: Path) -> None:
    """What a retriever returned in parts is one passage, in paragraphs."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "A", "s": 1, "c": ["One.", " ", "Two."]}, columns={"context": "c"}).rows
    assert got["context"] == "One.\n\nTwo."


def test_a_half_character_does_no_harm(tmp_path: Path) -> None:
    """JSON can spell a lone surrogate, which no file of ours can hold."""
    (got,) = read(tmp_path, {"q": "Q?", "a": "\ud83d yes", "s": 1}).rows
    assert got["answer"] == "? yes"


def test_the_order_of_the_rows_changes_no_row(tmp_path: Path) -> None:
    """Ids and histograms come from what the rows hold."""
    rows = [{"q": f"{number % 5}?", "a": "A", "s": number / 10} for number in range(10)]
    one, other = (sorted(read(tmp_path, *given).rows, key=lambda row: str(row["answer_id"])) for given in (rows, rows[::-1]))
    assert one == other


def test_a_text_is_taken_apart_by_named_groups(tmp_path: Path) -> None:
    """The groups become fields; rows that do not match are left out and counted."""
    rows = [{"t": "Q: Where?\nA: There\nand here", "s": 1}, {"t": "nothing of the kind", "s": 1}]
    found = read(tmp_path, *rows, extract={"t": r"(?s)Q: (?P<q>.*?)\nA: (?P<a>.*)"})
    assert [("Where?", "There\nand here")] == [(row["question"], row["answer"]) for row in found.rows]
    assert [("1 row", "the regular expression does not match t")] == found.skipped


def test_a_wide_row_becomes_a_row_a_name(tmp_path: Path) -> None:
    """Each system has its answer and its score, and gives the generator its name."""
    row = {"q": "Q?", "answer_x": "X", "score_x": 1, "answer_y": "Y", "score_y": 0}
    found = read(tmp_path, row, columns={"answer": "answer_{name}", "scores": ["score_{name}"]}, unpivot=["x", "y"])
    assert {("x", "X", 1.0), ("y", "Y", 0.0)} == {(got["generator"], got["answer"], score(got)) for got in found.rows}


def test_a_csv_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    """A byte order mark, quoted commas and line breaks, and empty cells."""
    path = tmp_path / "judgments.csv"
    path.write_bytes('q,a,s\r\n"Where, then?","Here\r\nand there",0.9\r\nWhen?,Now,\r\n'.encode("utf-8-sig"))
    found = recorded_rows.read(corpus(path, format="csv"))
    expected = [("Where, then?", "Here\nand there", 0.9), ("When?", "Now", None)]
    assert expected == [(row["question"], row["answer"], score(row)) for row in found.rows]


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("jsonl", '{"q": "Q?"}\n{"q"\n', "line 2: no JSON"),
        ("jsonl", '["Q?"]\n', "row 1: a JSON object is needed, got list"),
        ("json", '[\n{"q": 1},\n]', "line 3: no JSON"),
        ("json", '{"rows": []}', "has to hold a list of objects, got dict"),
        ("json", "[]", "has no rows"),
        ("jsonl", "\n", "has no rows"),
        ("csv", "q,a,s\nQ?,A,1,2\n", "line 2: more values than the header has names"),
        ("csv", 'q,a,s\nQ?,"A" b,1\n', "line 2: no CSV"),
        ("csv", "q,a\nQ?,A\n", "has the field s; there are a, q"),
        ("jsonl", '{"q": "", "a": "A", "s": 1}\n', "has no row that can be used.\n  1 row: no question"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, form: str, content: str, message: str) -> None:
    """The message says where and what."""
    path = tmp_path / "judgments"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        recorded_rows.read(corpus(path, format=form))
    assert message in str(error.value)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """Latin-1 is not guessed at."""
    path = tmp_path / "judgments.jsonl"
    path.write_bytes('{"q": "Où?"}'.encode("latin-1"))
    with pytest.raises(DocumentError, match="not UTF-8"):
        recorded_rows.read(corpus(path))


def test_missing_fields_are_named_with_those_that_are_there(tmp_path: Path) -> None:
    """Columns, the field to skip by and the one to take apart, in one message."""
    changes: Any = {"columns": {"human": "h"}, "skip_where": {"draft": True}, "extract": {"t": "(?P<q>.)"}}
    with pytest.raises(DocumentError, match="has the field h, draft, t; there are a, q, s"):
        read(tmp_path, {"q": "Q?", "a": "A", "s": 1}, **changes)


def test_a_regular_expression_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    """It is more likely wrong than the file."""
    with pytest.raises(DocumentError, match="for t matches no row"):
        read(tmp_path, {"t": "Q: Where?", "a": "A", "s": 1}, extract={"t": "Question: (?P<q>.*)"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lowest": 1.0, "highest": 1.0}, r"a lowest score \(got 1.0\) below the highest \(got 1.0\)"),
        ({"verdicts": {"yes": 2.0}}, r"verdicts on the scale from 0.0 to 1.0 \(got \{'yes': 2.0\}\)"),
        ({"extract": {"t": "(?P<q>"}}, r"extract.t: .*a regular expression \(missing \), unterminated subpattern"),
        ({"extract": {"t": "(.*)"}}, "a regular expression with named groups"),
        ({"unpivot": ["x"]}, "unpivot together with a columns.answer that has {name}"),
        ({"human": {"1": "good"}}, "human.1: got 'good'"),
    ],
)
def test_a_bad_option_is_refused(changes: dict[str, Any], message: str) -> None:
    """Before the file is read, with what is allowed."""
    values = yaml.safe_load((ROOT / "conf/corpus/recorded.yaml").read_text(encoding="utf-8")) | {"name": "recorded"} | changes
    with pytest.raises(SettingsError, match=message):
        check(recorded.Recorded, values)


def test_the_teacher_repeats_what_is_recorded(tmp_path: Path) -> None:
    """Levels and reasons in the order of the rows, from the source recorded."""
    rows = read(tmp_path, {"q": "1?", "a": "A", "s": 1}, {"q": "2?", "a": "A", "s": 7}).rows
    first, second = recorded_judgments(rows)
    assert (1.0, None, "recorded") == (first.score, first.reason, first.source)
    assert (None, "out_of_range", "recorded") == (second.score, second.reason, second.source)
    assert option("teacher", "recorded", RecordedTeacher).kind == "recorded"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of conf/ and params.yaml whose corpus is the recorded one, with columns q, a, s and c."""
    import shutil

    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    change_yaml(tmp_path / "params.yaml", corpus="recorded", teacher="recorded")
    change_yaml(tmp_path / "conf/corpus/recorded.yaml", columns={**COLUMNS, "context": "c"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ingest() -> subprocess.CompletedProcess[str]:
    """The stage, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", "stages.ingest"], capture_output=True, text=True, check=False, env=environment)


def test_the_stage_writes_recorded_rows_and_their_documents(project: Path) -> None:
    """Three tables, the background empty; what was left out is printed by reason."""
    (project / "data/raw").mkdir(parents=True)
    rows: list[Row] = [{"q": f"{number}?", "a": "A", "s": 1, "c": "Lima is in Peru."} for number in range(3)]
    jsonl(project / "data/raw", *rows, {"q": "", "a": "A", "s": 1, "c": None})
    result = ingest()

    assert (0, "") == (result.returncode, result.stderr)
    assert (3, 1, 0) == tuple(len(tables.read(table)) for table in (tables.RECORDED, tables.DOCUMENTS, tables.BACKGROUND))
    assert result.stdout == "left out 1 row: no question\n1 documents, 0 set aside, 3 recorded judgments\n"


@pytest.mark.usefixtures("project")
def test_a_missing_file_is_told_where_to_put_it() -> None:
    """Exit code 2, no traceback."""
    result = ingest()
    assert (2, True, False) == (result.returncode, "data/raw/judgments.jsonl" in result.stderr, "Traceback" in result.stderr)


def real_corpus(name: str, file: str) -> Any:
    """A real file, read through its adapter."""
    return option("corpus", name, Corpus, file=str(SHARED / file))


def labelled(rows: list[Row], threshold: float) -> list[Row]:
    """Recorded rows through the teacher `recorded` and the labels."""
    judged = tables.judgment_rows([row["answer_id"] for row in rows], recorded_judgments(rows))
    return labels.label(rows_to_judge([], [], [], rows), judged, levels.LabelSettings(threshold=threshold))


@real
def test_vicuna_eval_is_read_and_labelled() -> None:
    """Every score is (mean - 1) / 4, the classes are those counted from the file itself, and no prompt is left in the texts."""
    source = json.loads((SHARED / "vicuna_eval.json").read_text(encoding="utf-8"))
    rows = labelled(real_corpus("vicuna-eval", "vicuna_eval.json").read(1).recorded, 0.8)

    # A mean of three whole grades is above 4.2 when their sum is 13 or more.
    above = sum(sum(row["gpt4_score"]) >= 13 for row in source)
    assert (320, 156) == (len(source), above)
    assert {"acceptable": above, "unacceptable": len(source) - above} == Counter(row["teacher_class"] for row in rows)
    grades = {
        (row["response_source"], row["instruction"].split("###Response to evaluate:\n")[1][:200]): row["gpt4_score"] for row in source
    }
    for row in rows:
        (given,) = [scores for (name, text), scores in grades.items() if name == row["generator"] and text.startswith(row["answer"][:100])]
        assert pytest.approx((sum(given) / 3 - 1) / 4) == row["teacher_score"]
    assert {80} == set(Counter(row["generator"] for row in rows).values())
    assert 80 == len({row["document_id"] for row in rows})
    assert not [row for row in rows for name in ("question", "answer", "reference") if not row[name] or "###" in row[name]]


@real
def test_evouna_is_read_and_labelled() -> None:
    """People's verdicts are score and label, for as many rows as the file has proper ones; the split keeps questions whole."""
    source = json.loads((SHARED / "evouna_NQ.json").read_text(encoding="utf-8"))
    names = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")
    found = real_corpus("evouna-nq", "evouna_NQ.json").read(1)
    rows = labelled(found.recorded, 0.8)

    proper = [(row[f"answer_{name}"], row[f"judge_{name}"]) for row in source if not row["improper"] for name in names]
    expected = Counter(
        (None if not (text or "").strip() else "acceptable" if verdict else "unacceptable", "acceptable" if verdict else "unacceptable")
        for text, verdict in proper
        if (text or "").strip() or verdict is not None
    )
    assert expected == Counter((row["teacher_class"], row["human_class"]) for row in rows)
    assert [("590 rows", "improper is true"), ("1 row", "neither an answer nor a verdict")] == found.skipped
    assert [] == found.documents
    sides = splits.split(rows, splits.SplitSettings(train_fraction=0.7, group_by="document"), 17)
    assert not {row["question"] for row in sides.train} & {row["question"] for row in sides.test}
    assert 15099 == len(sides.train) + len(sides.test)


@real
def test_a_student_learns_people_s_verdicts_from_references() -> None:
    """Of 60 questions, 42 or so to learn from: no context, no probes, figures against people for all three judges."""
    from judge.distillation import encoder_training
    from judge.distillation.trainer import TrainingRun
    from judge.students.baseline import Cosine
    from judge.tables.identity import shuffled
    from judge.tables.items import Item

    threshold = 0.5
    rows = labelled(real_corpus("evouna-nq", "evouna_NQ.json").read(1).recorded, threshold)
    chosen = set(shuffled({row["document_id"] for row in rows}, "sixty")[:60])
    sides = splits.split(
        [row for row in rows if row["document_id"] in chosen], splits.SplitSettings(train_fraction=0.7, group_by="document"), 17
    )
    held = option("student", "late-interaction", options.StudentOption, evidence="reference")
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["distil"]
    training = check(DistilSettings, {key: params[key] for key in DistilSettings.model_fields})
    student = encoder_training.distil(sides.train, held, training, TrainingRun(threshold, "recorded", seed=17))
    ids, items = [row["answer_id"] for row in sides.test], [Item.of(row) for row in sides.test]
    learnt, cosine = (tables.judgment_rows(ids, judge.judge(items)) for judge in (student, Cosine(held)))
    intervals = evaluation.EvaluateSettings(resamples=200, confidence=0.95)
    named: Any = figures.named(evaluation.evaluate(sides.test, learnt, cosine, [], {}, threshold, intervals, 17).figures)

    kappa = named["student.human.kappa"]
    assert (1.0, len(ids), 0) == (named["teacher.human.kappa"].value, kappa.n, named["probe.n"].value)
    assert kappa.value > max(0.4, named["baseline.human.kappa"].value)
    assert kappa.low < kappa.value < kappa.high
