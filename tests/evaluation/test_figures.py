"""The table of figures: its names, its files, and what is read from it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from judge.errors import TableError
from judge.evaluation import figures
from judge.evaluation.bootstrap import REASONS, NoInterval
from judge.evaluation.definitions import FIGURES
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import ALL, COLUMNS, NONE, PEOPLE, TEACHER, TRAINING_SEEDS, TRUTH, Estimate, counted, measured
from tests.conftest import ROOT

ROWS = [
    measured("student", TEACHER, ALL, "kappa", 40, (0.1 + 0.2, 0.1, 0.5, None)),
    measured("student", TEACHER, "generator=NA", "kappa", 20, (None, None, None, "undefined")),
    measured("teacher", TRUTH, "kind=replaced_name", "auroc", 7, (1.0, None, None, "no_spread")),
    measured("teacher", TRUTH, ALL, "brier", 60, (0.25, 0.2, 0.3, None)),
    counted("teacher", NONE, "failed", 40, 2, "reason=no_verdict"),
    counted("interval", NONE, "confidence", None, 0.95),
]


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (("student", TEACHER, ALL, "kappa"), "student.kappa"),
        (("difference", TEACHER, ALL, "kappa"), "difference.kappa"),
        (("student", TEACHER, "generator=a.b=c", "mae"), "student.by_generator.a.b=c.mae"),
        (("teacher", PEOPLE, ALL, "kappa"), "teacher.human.kappa"),
        ((PEOPLE, NONE, ALL, "n"), "human.n"),
        (("teacher", NONE, ALL, "failed_share"), "teacher.failed_share"),
        (("teacher", NONE, "reason=no_verdict", "failed"), "teacher.failed_by.no_verdict"),
        (("overlap", TRUTH, ALL, "auroc"), "probe.overlap.auroc.all"),
        (("overlap", TRUTH, "kind=replaced_name", "auroc"), "probe.overlap.auroc.replaced_name"),
        (("overlap", TRUTH, ALL, "brier"), "probe.overlap.brier"),
        (("overlap", TRUTH, ALL, "true_rows"), "probe.overlap.n_true"),
        (("overlap", TRUTH, "kind=replaced_name", "accepted"), "probe.overlap.accepted.replaced_name"),
        (("overlap", TRUTH, ALL, "false_accepted"), "probe.overlap.false_accepted"),
        (("overlap", TRUTH, ALL, "true_accepted"), "probe.overlap.true_accepted"),
        (("test", NONE, ALL, "documents"), "test.documents"),
        (("systems", PEOPLE, ALL, "corrected"), "systems.all.corrected"),
        (("systems", PEOPLE, "generator=a.b", "corrected"), "systems.a.b.corrected"),
        (("systems", PEOPLE, "pair=a.b,c", "ahead"), "systems.a.b,c.ahead"),
    ],
)
def test_a_figure_has_a_name_in_one_word(row: tuple[str, str, str, str], name: str) -> None:
    """The names that rules of the gate spell."""
    assert name == figures.name_of(*row)


def test_the_rows_behind_a_figure_have_a_name_too() -> None:
    """A rule may bound n; that of an AUROC is counted by kind, that of a count is none."""
    named = figures.named(figures.frame(ROWS))

    expected = {"student.n": 40, "student.by_generator.NA.n": 20, "probe.teacher.n.replaced_name": 7, "probe.teacher.n": 60}
    assert [figures.name_of(*list(row.values())[:4]) for row in ROWS] + list(expected) == list(named)
    assert {name: Estimate(n, None, None, n, None) for name, n in expected.items()} == {name: named[name] for name in expected}


def test_figures_of_people_are_named_by_pair_and_by_annotator() -> None:
    """A pair of annotators stands behind its figure, and one annotator before it; without either, there is neither."""
    rows = [(PEOPLE, NONE, ALL, "alpha"), (PEOPLE, NONE, "pair=a.b+c", "kappa"), ("student", PEOPLE, "annotator=a.b", "kappa")]

    assert ["human.alpha", "human.kappa.a.b+c", "student.human.by_annotator.a.b.kappa"] == [figures.name_of(*row) for row in rows]


def test_one_figure_is_looked_up_by_what_it_is_of() -> None:
    """A figure that is there comes with its interval; for one that is not, None, or an error where it has to be there."""
    table = figures.frame(ROWS)

    assert Estimate(0.1 + 0.2, 0.1, 0.5, 40, None) == figures.look_up(table, "student", "kappa")
    assert Estimate(1.0, None, None, 7, "no_spread") == figures.get(table, "teacher", "auroc", TRUTH, "kind=replaced_name")
    assert figures.look_up(table, "student", "kappa", PEOPLE) is None
    with pytest.raises(TableError, match=r"no figure student\.human\.kappa.\nNext: `dvc repro`"):
        figures.get(table, "student", "kappa", PEOPLE)


def test_a_count_is_a_whole_number() -> None:
    """Two failures are 2 and no 2.0, in the file as well; a share of 1.0 stays 1.0."""
    table = figures.frame(ROWS)

    assert "2" == str(figures.get(table, "teacher", "failed", NONE, "reason=no_verdict").value)
    assert "\nteacher,none,reason=no_verdict,failed,2,,,40,\n" in figures.to_csv(table)
    assert "\nteacher,truth,kind=replaced_name,auroc,1.0,,,7,no_spread\n" in figures.to_csv(table)


def test_slices_of_one_sort_come_with_their_bare_names() -> None:
    """A generator named NA is one of the generators, and a kind is none."""
    table = figures.frame(ROWS)

    assert ["NA"] == figures.sliced(table, "generator")["slice"].tolist()
    assert ["replaced_name"] == figures.sliced(table, "kind")["slice"].tolist()
    assert "generator=NA" in set(table["slice"])


def test_the_table_survives_its_file(evaluated: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back it is the table written, to the last digit, type and missing value."""
    monkeypatch.chdir(tmp_path)
    figures.FIGURES_CSV.parent.mkdir()
    figures.write(evaluated.figures)

    assert evaluated.figures.equals(figures.read())
    assert evaluated.figures.dtypes.equals(figures.read().dtypes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("judge,value\nstudent,1\n", r"figures\.csv has to have the columns judge, against"),
        (
            f"{','.join(COLUMNS)}\nstudent,teacher,all,kappa,high,,,40,\n",
            r"figures\.csv, line 2: could not convert .* 'high'",
        ),
        (f"{','.join(COLUMNS)}\nstudent,teacher,all,kappa,0.5,,,4.5,\n", r"figures\.csv, line 2: invalid literal"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, message: str) -> None:
    """A column that is missing, and a number that is none."""
    with pytest.raises(TableError, match=message):
        figures.from_csv(text)


def test_a_missing_file_says_what_makes_it(tmp_path: Path) -> None:
    """The error names the next step."""
    with pytest.raises(TableError, match=r"is missing.\nNext: `dvc repro` makes it"):
        figures.read(tmp_path / "figures.csv")


def test_the_nested_figures_are_plain_json_and_hold_what_the_table_holds(evaluated: Evaluation) -> None:
    """Numbers, texts and null only: no NaN, no value of pandas; every row is where its columns say."""
    tree: Any = json.loads(json.dumps(figures.nested(evaluated.figures), allow_nan=False))

    assert tree == figures.nested(evaluated.figures)
    rows = evaluated.figures.to_dict("records")
    assert rows
    for row in rows:
        assert figures.estimate(row)._asdict() == tree[row["judge"]][row["against"]][row["slice"]][row["figure"]]


def test_the_two_files_of_the_project_say_the_same() -> None:
    """metrics/evaluation.json is metrics/figures.csv, nested."""
    table = figures.read(ROOT / figures.FIGURES_CSV)

    assert figures.nested(table) == json.loads((ROOT / "metrics/evaluation.json").read_text(encoding="utf-8"))


def test_the_file_is_plain_csv(evaluated: Evaluation) -> None:
    """Any reader of CSV gets one row a figure, under the names of the columns."""
    rows = list(csv.DictReader(io.StringIO(figures.to_csv(evaluated.figures))))

    assert list(COLUMNS) == list(rows[0])
    assert len(evaluated.figures) == len(rows)


def test_the_signed_figure_is_best_at_zero() -> None:
    """Calibration in the large has no direction: neither higher nor lower is better; every other figure has one, towards its best."""
    assert {"calibration": 0.0} == {name: defined.best for name, defined in FIGURES.items() if defined.better == "nearest 0"}
    assert all((defined.best == 1.0) == (defined.better == "higher") for defined in FIGURES.values())


def test_lower_is_better_for_errors_alone() -> None:
    """The definitions say so, and their meaning says it to the reader."""
    assert {"mae", "brier", "ece"} == {name for name, defined in FIGURES.items() if defined.lower_is_better}
    assert all(defined.lower_is_better == ("lower is better" in defined.meaning) for defined in FIGURES.values())


def test_every_reason_has_its_words() -> None:
    """What a figure's `reason` may be is said to the reader in a sentence."""
    assert set(get_args(NoInterval)) == set(REASONS)


def test_importing_the_names_loads_no_pandas() -> None:
    """Settings that name a figure, such as the gate's, stay cheap to import."""
    code = "import sys\nfrom judge.evaluation import figures\nassert not {'numpy', 'pandas', 'scipy'} & set(sys.modules)\n"

    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_spread_over_training_seeds_has_a_name_of_its_own() -> None:
    """It is no figure of the student itself, and its n counts trainings."""
    table = figures.frame([measured("student", TEACHER, TRAINING_SEEDS, "kappa", 8, (0.01, None, None, None))])

    assert ["student.seed_spread.kappa", "student.seed_spread.n"] == list(figures.named(table))
    assert (0.01, 8) == figures.seed_spread(table, "kappa")


@pytest.mark.parametrize(("deviation", "trainings"), [(None, 8), (0.0, 1)])
def test_one_training_has_no_spread(deviation: float | None, trainings: int) -> None:
    """Neither has a figure that is undefined, nor one that was never measured."""
    table = figures.frame([measured("student", TEACHER, TRAINING_SEEDS, "kappa", trainings, (deviation, None, None, None))])

    assert figures.seed_spread(table, "kappa") is None
    assert figures.seed_spread(table, "mae") is None
