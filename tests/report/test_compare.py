"""What differs between two revisions, on a real repository and on revisions made by hand."""

import argparse
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from judge.report import compare, compare_command, compare_text, revisions
from judge.report.compare import Comparison
from tests.conftest import ROOT
from tests.report.by_hand import revision
from tests.report.toy_project import ENVIRONMENT, run


def test_the_rows_that_differ_are_those_of_the_construction(comparison: Comparison) -> None:
    """Answer 0 flipped for the student, answer 4 for the teacher, 22 is gone and 23 new; the failed answer 3 neither moved nor flipped."""
    odd = [f"answer{number:02}" for number in range(5, 22, 2)]

    expected = {
        "student_flipped": ["answer00"],
        "teacher_flipped": ["answer04"],
        "moved": ["answer00", "answer01", *odd],
        "appeared": ["answer23"],
        "vanished": ["answer22"],
    }

    assert expected == comparison.rows
    assert comparison.common == 22


def test_another_threshold_flips_the_student_where_its_score_lies_between(toy: Path) -> None:
    """In the experiment with 0.4 instead of 0.8 the score of 0.5 becomes acceptable, and no score moved."""
    assert toy.is_dir()

    comparison = compare.compare(*revisions.read(["two", "lenient"]))

    assert (["answer08"], []) == (comparison.rows["student_flipped"], comparison.rows["moved"])
    assert {"label.threshold": {"a": 0.8, "b": 0.4}} == comparison.params
    assert "the thresholds differ, 0.8 and 0.4" in compare_text.render(comparison, 10)


def test_settings_are_compared_key_by_key_where_they_are_chosen(comparison: Comparison) -> None:
    """A chosen option by its keys, the files that no side chose by their names."""
    assert {"seed": {"a": 17, "b": 18}} == comparison.params
    assert {"conf/teacher.prompt.user": {"a": "Is it so?", "b": "Is it true?"}} == comparison.options
    assert {
        "added": ["conf/teacher/new.yaml"],
        "removed": ["conf/teacher/gone.yaml"],
        "changed": ["conf/teacher/unused.yaml"],
    } == comparison.option_files


def test_another_choice_is_compared_with_the_one_before() -> None:
    """A single choice is compared across its files, an added generator stands there with its own keys, and 1 is not 1.0."""
    files = {
        "conf/teacher/x.yaml": {"kind": "x", "shared": 1, "digit": 1},
        "conf/teacher/y.yaml": {"kind": "y", "shared": 1, "digit": 1.0},
        "conf/generator/g.yaml": {"tokens": 5},
    }
    old = revision(
        [0.5], [0.5], params={"teacher": "x", "generators": [], "evaluate": {"resamples": 100, "confidence": 0.9}}, options=files
    )
    new = replace(old, params={**old.params, "teacher": "y", "generators": ["g"]})

    comparison = compare.compare(old, new)

    assert {
        "conf/generator/g.tokens": {"b": 5},
        "conf/teacher.digit": {"a": 1, "b": 1.0},
        "conf/teacher.kind": {"a": "x", "b": "y"},
    } == comparison.options
    assert {"added": [], "removed": [], "changed": []} == comparison.option_files


def test_the_command_prints_and_writes(toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables on the terminal, JSON and page in their files; with `--json -` nothing but JSON."""
    parser = argparse.ArgumentParser()
    compare_command.arguments(parser)
    files = tmp_path / "all.json", tmp_path / "page.html"

    compare_command.command(parser.parse_args(["one", "two", "--json", str(files[0]), "--html", str(files[1])]))
    printed = capsys.readouterr().out
    compare_command.command(parser.parse_args(["one", "two", "--json", "-"]))

    assert f"{'A  one':<37}{run(toy, 'git', 'rev-parse', 'one')[:10]}" in printed
    assert files[0].read_text(encoding="utf-8") == capsys.readouterr().out
    assert files[1].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_defaults_are_the_last_commit_and_the_workspace(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing differs where nothing was changed."""
    assert toy.is_dir()
    parser = argparse.ArgumentParser()
    compare_command.arguments(parser)

    compare_command.command(parser.parse_args([]))

    printed = capsys.readouterr().out
    assert "A  HEAD" in printed
    assert "B  workspace" in printed
    assert "Settings: the same" in printed
    assert "The student's class flipped: 0 of 23 common answers" in printed


def test_a_clone_without_the_tables_of_a_commit_gets_all_that_git_has(toy_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With an empty cache and no remote HEAD has settings and figures with their own intervals, and it is said what it lacks."""
    shutil.rmtree(toy_copy / ".dvc/cache")
    (toy_copy / "params.yaml").write_text((toy_copy / "params.yaml").read_text(encoding="utf-8").replace("0.8", "0.4"), encoding="utf-8")
    parser = argparse.ArgumentParser()
    compare_command.arguments(parser)

    compare_command.command(parser.parse_args([]))

    printed = capsys.readouterr().out
    assert "test answers not at hand, threshold 0.8" in printed
    assert "23 test answers of 12 documents, threshold 0.4" in printed
    assert "data/scores/student.jsonl of HEAD is neither in the cache nor in a remote that answers" in printed
    assert "data/test.jsonl of HEAD is neither in the cache nor in a remote that answers" in printed
    assert "Next: `dvc pull` or `dvc fetch --all-commits` where a remote has it" in printed
    assert f"{'Pearson' + chr(39) + 's r':<36}{'0.750 [0.500, 0.875]':<26}{'0.750 [0.500, 0.875]':<26}+0.000" in printed
    assert "label.threshold               0.8                                 0.4" in printed
    assert "flipped" not in printed


def test_nothing_is_known_of_rows_where_a_side_lacks_its_tables(incomplete: Comparison) -> None:
    """No answer has appeared or flipped only because the other side is not at hand; what git has is compared."""
    assert (None, 0, {}) == (incomplete.paired, incomplete.common, incomplete.rows)
    assert {"seed": {"a": 17, "b": 18}} == incomplete.params
    assert (0.5, 0.75) == (incomplete.metrics[0].a.value, incomplete.metrics[0].b.value)


@pytest.mark.parametrize("rows", ["-1", "x", "1.5"])
def test_a_number_of_rows_that_is_none_is_refused(rows: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The parser says what is allowed."""
    parser = argparse.ArgumentParser()
    compare_command.arguments(parser)

    with pytest.raises(SystemExit):
        parser.parse_args([f"--rows={rows}"])

    assert "a whole number from 0 is needed" in capsys.readouterr().err


def test_importing_the_command_is_cheap() -> None:
    """Neither DVC nor jinja2, pandas or scipy is loaded before there is something to compare."""
    code = "import sys\nfrom judge.report import compare\nassert not {'dvc', 'jinja2', 'pandas', 'scipy'} & set(sys.modules)\n"

    subprocess.run([sys.executable, "-c", code], env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)}, check=True)
