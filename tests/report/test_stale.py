"""Commands say where labels or settings are newer than the figures that they print."""

from pathlib import Path

import pytest
import yaml

from judge import tables
from judge.evaluation import figures
from judge.evaluation.figures import NONE, PEOPLE, counted
from judge.people import labels
from judge.people.labels import Label
from judge.report import stale
from tests.evaluation.made_up_run import answer


@pytest.fixture
def project(workspace: Path) -> Path:
    """Two answers of test, of which one was labelled when the figures were made, at a threshold of 0.8."""
    tables.write(tables.TEST, [answer(0, 0.5), answer(1, 0.9)])
    labels.append(Label("answer 000", "anna", 1.0))
    label = {"label": {"threshold": 0.8}}
    (workspace / "params.yaml").write_text(yaml.safe_dump({**label, "seed": 1}), encoding="utf-8")
    (workspace / "dvc.lock").write_text(yaml.safe_dump({"stages": {"evaluate": {"params": {"params.yaml": label}}}}), encoding="utf-8")
    return workspace


TABLE = figures.frame([counted(PEOPLE, NONE, "labels", 1, 1)])


def test_nothing_is_said_where_nothing_is_newer(project: Path) -> None:
    """A label of an answer that is not in test is measured nowhere."""
    assert project.is_dir()
    labels.append(Label("elsewhere", "anna", 1.0))
    assert [] == stale.notes(TABLE)


def test_new_labels_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One label was measured, and there are two; the note says what to do."""
    assert project.is_dir()
    labels.append(Label("answer 001", "bela", 0.0))
    stale.warn(TABLE)
    assert (
        "note: data/labels has 2 labels of test answers, and metrics/ knows of 1; `dvc repro` measures again.\n" == capsys.readouterr().err
    )


def test_another_threshold_is_told(project: Path) -> None:
    """The figures are of 0.8, and params.yaml has 0.5."""
    (project / "params.yaml").write_text("label: {threshold: 0.5}\nseed: 1\n", encoding="utf-8")
    assert ["the section label of params.yaml is not the one that was measured"] == stale.notes(TABLE)


def test_without_tables_or_lock_nothing_can_be_told(workspace: Path) -> None:
    """Figures alone, as of a commit whose tables are elsewhere, are printed without a word."""
    assert workspace.is_dir()
    assert [] == stale.notes(TABLE)
