"""Where replies and models lie, from wherever a command is run."""

from pathlib import Path

import pytest

from judge.models.folders import cache_folder, models_folder


def test_the_cache_lies_in_the_project_unless_it_is_moved(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models lie in it; each has a variable of its own that moves it."""
    monkeypatch.delenv("JUDGE_MODELS")
    assert (Path(".cache"), Path(".cache/models")) == (cache_folder(), models_folder())
    monkeypatch.setenv("JUDGE_CACHE", str(workspace / "elsewhere"))
    assert (workspace / "elsewhere", workspace / "elsewhere/models") == (cache_folder(), models_folder())
    monkeypatch.setenv("JUDGE_MODELS", str(workspace / "models"))
    assert (workspace / "elsewhere", workspace / "models") == (cache_folder(), models_folder())


def test_copies_that_dvc_runs_experiments_in_share_the_cache_of_their_project(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What git ignores is not in the copy, so nothing that was paid for would be."""
    copy = workspace / ".dvc/tmp/exps/tmpx1y2"
    copy.mkdir(parents=True)
    monkeypatch.chdir(copy)
    assert workspace / ".cache" == cache_folder()
