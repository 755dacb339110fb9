"""The whole pipeline on a tiny corpus with the real models, run by DVC as a user runs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from judge import tables
from judge.evaluation import figures
from judge.evaluation.figures import Estimate
from judge.tables import metric_files
from tests import tiny_project
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project, built; a copy of its own, which some tests write into."""
    return tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path_factory.mktemp("pipeline") / "project")


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """The built project once more, for an experiment, which leaves its changes in the workspace."""
    return tiny_project.copy(project, tmp_path / "copy")


def _figures(folder: Path) -> dict[str, Estimate]:
    return figures.named(figures.read(folder / figures.FIGURES_CSV))


def test_every_table_is_built_and_keeps_its_own_rules(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """14 articles, three answers to each question, each one judged, each on one side."""
    monkeypatch.chdir(project)
    generators = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))["generators"]
    questions, answers = tables.read(tables.QUESTIONS), tables.read_answers(generators)
    assert len(tables.read(tables.DOCUMENTS)) == 14
    assert len(answers) == 3 * len(questions)
    assert {row["answer_id"] for row in answers} == {row["item_id"] for row in tables.read(tables.TEACHER_SCORES)}
    train, test = tables.read(tables.TRAIN), tables.read(tables.TEST)
    assert {row["answer_id"] for row in answers} == {row["answer_id"] for row in [*train, *test]}
    assert {row["answer_id"] for row in test} == {row["item_id"] for row in tables.read(tables.STUDENT_SCORES)}
    perturbed = {row["perturbed_id"] for row in tables.read(tables.PERTURBED)}
    assert perturbed
    for judge in ("student", "baseline"):
        assert perturbed == {row["item_id"] for row in tables.read(tables.perturbed_scores(judge))}


def test_the_evaluation_holds_figures_with_n_and_interval(project: Path) -> None:
    """Student, baseline and their difference are measured on every test row; evaluation.json holds the same, nested."""
    named = _figures(project)
    rows = len((project / "data/test.jsonl").read_text(encoding="utf-8").splitlines())
    assert [rows] * 3 == [named[f"{side}.pearson"].n for side in ("student", "baseline", "difference")]
    assert {"student.pearson", "baseline.pearson", "difference.pearson", "probe.teacher.brier"} <= set(named)
    nested = json.loads((project / metric_files.EVALUATION).read_text(encoding="utf-8"))
    assert named["student.kappa"]._asdict() == nested["student"]["teacher"]["all"]["kappa"]


def test_the_teacher_tells_true_statements_from_false_ones(project: Path) -> None:
    """Even when it is fitted on eight articles: AUROC above 0.95, far from chance, on false kinds of the sort that it is fitted on.

    Over all kinds it is lower: those that say nothing, or do not answer the question, it cannot see.
    """
    named = _figures(project)
    for kind in ("other_document", "replaced_name", "invented_sentence"):
        auroc = named[f"probe.teacher.auroc.{kind}"].value
        assert auroc is not None
        assert auroc > 0.95, kind


def test_the_report_is_one_page_with_what_was_run(project: Path) -> None:
    """The page names the choices and shows the sentence that the figures give."""
    from judge.report import results

    page = (project / "metrics/report.html").read_text(encoding="utf-8")
    assert "smollm2-closed-book" in page
    assert results.answer(figures.read(project / figures.FIGURES_CSV)).split(",")[0] in page


def test_a_second_run_has_nothing_to_do(project: Path) -> None:
    """`dvc repro` says so, and `dvc status` is clean."""
    assert "up to date" in tiny_project.run(project, "dvc", "repro").stdout
    assert "up to date" in tiny_project.run(project, "dvc", "status").stdout


def test_the_student_loads_without_the_stages(project: Path, tmp_path: Path) -> None:
    """`judge.load` in a fresh interpreter, elsewhere: the saved score comes back, and neither stages, Hydra nor DVC is imported."""
    row = json.loads((project / "data/test.jsonl").read_text(encoding="utf-8").splitlines()[0])
    code = (
        "import json, sys, judge\n"
        "row = json.loads(sys.argv[2])\n"
        "print(judge.load(sys.argv[1]).score(row['question'], row['answer'], context=row['context']))\n"
        "assert not {'stages', 'hydra', 'dvc', 'dvclive'} & set(sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(project / "data/student"), json.dumps(row)]
    score = float(tiny_project.run(tmp_path, *command, PYTHONPATH=str(ROOT)).stdout)
    lines = (project / "data/scores/student.jsonl").read_text(encoding="utf-8").splitlines()
    saved = {judgment["item_id"]: judgment["score"] for judgment in map(json.loads, lines)}
    # bfloat16 on a CPU depends a little on what shares a batch.
    assert score == pytest.approx(saved[row["answer_id"]], abs=0.02)


def test_another_threshold_runs_no_generator_and_no_teacher(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Labels, split, training and evaluation change; not one request reaches a language model."""
    experiment = tiny_project.another_threshold(tmp_path_factory)
    ran = {line.split("'")[1] for line in experiment.said.splitlines() if line.startswith("Running stage")}
    assert {"label", "distil", "predict", "evaluate", "report"} <= ran
    assert not {"question", "calibrate", "score", "probe", "perturb", *(name for name in ran if name.startswith("answer"))} & ran
    assert experiment.replies
    assert experiment.replies == tiny_project.replies(experiment.folder / ".cache/replies.sqlite")


def test_a_misspelt_or_bad_setting_is_refused_before_any_work(copy: Path) -> None:
    """`dvc exp run -S` with a key that there is not, and with a value out of range, runs no stage but the check."""
    unknown = tiny_project.run(copy, "dvc", "exp", "run", "-S", "splt.train_fraction=0.5", check=False)
    assert unknown.returncode != 0
    assert "splt" in unknown.stderr
    # DVC advises to append it with a +; who does so is told what was meant.
    appended = tiny_project.run(copy, "dvc", "exp", "run", "-S", "+lable.threshold=0.5", check=False)
    assert appended.returncode != 0
    assert "lable: there is no such key (got {'threshold': 0.5}); the nearest is label" in appended.stdout + appended.stderr
    bad = tiny_project.run(copy, "dvc", "exp", "run", "-S", "label.threshold=1.4", check=False)
    assert bad.returncode != 0
    assert "label.threshold: got 1.4" in bad.stdout + bad.stderr
    assert "Running stage 'ingest'" not in bad.stdout


@pytest.mark.parametrize(
    ("stage", "overrides", "out"),
    [
        ("answer", ["generator=smollm2-passage"], "data/answers/smollm2-passage.jsonl"),
        ("score", [], "data/scores/teacher.jsonl"),
    ],
)
def test_a_killed_stage_goes_on_where_it_stopped(project: Path, tmp_path: Path, stage: str, overrides: list[str], out: str) -> None:
    """`kill -9` after the first reply, then again: the bytes of the unbroken run, and what was finished is not asked again."""
    command = [sys.executable, "-m", f"stages.{stage}", *overrides]
    table = project / out
    unbroken = table.read_bytes()
    table.unlink()
    killed = tmp_path / "killed"
    process = subprocess.Popen(command, cwd=project, env={**os.environ, "JUDGE_CACHE": str(killed)}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while not tiny_project.replies(killed / "replies.sqlite") and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    try:
        assert process.wait() == -signal.SIGKILL
        assert not table.exists()
        finished = tiny_project.replies(killed / "replies.sqlite")
        tiny_project.run(project, *command, JUDGE_CACHE=str(killed))
        assert unbroken == table.read_bytes()
    finally:
        table.write_bytes(unbroken)
    assert 0 < len(finished) < len(tiny_project.replies(killed / "replies.sqlite"))
    assert finished.items() <= tiny_project.replies(killed / "replies.sqlite").items()


def test_a_cut_off_table_stops_a_stage_with_file_and_line(project: Path) -> None:
    """Exit code 2, what and where and what next, no traceback, and the table that stood stands."""
    path = project / "data/questions.jsonl"
    whole, dataset = path.read_bytes(), (project / "data/dataset.jsonl").read_bytes()
    path.write_bytes(whole[:-20])
    try:
        result = tiny_project.run(project, sys.executable, "-m", "stages.label", check=False)
    finally:
        path.write_bytes(whole)
    assert result.returncode == 2
    assert "questions.jsonl, line" in result.stderr
    assert "Next:" in result.stderr
    assert "Traceback" not in result.stderr
    assert dataset == (project / "data/dataset.jsonl").read_bytes()


def test_building_all_of_it_again_gives_the_same_bytes(copy: Path, tmp_path: Path) -> None:
    """Every stage, once more, with an empty cache of replies and without its outs: then DVC finds each out as dvc.lock has it."""
    stages = yaml.safe_load((copy / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    outs = [copy / out["path"] for stage in stages.values() for out in stage["outs"]]
    for out in outs:
        if out.is_dir():
            shutil.rmtree(out)
        else:
            out.unlink()
    assert "deleted" in tiny_project.run(copy, "dvc", "status").stdout
    tiny_project.run_stages(copy, [stage["cmd"] for stage in stages.values()], {"JUDGE_CACHE": str(tmp_path / "empty")})
    assert all(out.exists() for out in outs)
    assert "up to date" in tiny_project.run(copy, "dvc", "status").stdout
