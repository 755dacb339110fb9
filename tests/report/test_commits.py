"""Names of commits, in a small real repository of git and DVC: what they stand for, and what is refused."""

from pathlib import Path

import pytest

from judge.report import revisions
from judge.report.commits import RevisionError
from tests.report.toy_project import PARAMS, STUDENT_1, TEACHER_1, commit, prepare, run


def test_an_abbreviated_hash_is_read_with_its_full_hash(toy: Path) -> None:
    """The commit of a side is the whole hash, whatever name was given."""
    commit_hash = run(toy, "git", "rev-parse", "one").strip()

    assert commit_hash == revisions.read([commit_hash[:8]])[0].commit


def test_an_unknown_name_lists_the_known_ones(toy: Path) -> None:
    """Experiments, branches and tags are named; so it is for a name of something that is no commit, and for an empty one."""
    assert toy.is_dir()

    for name in ("nowhere", "", "HEAD:params.yaml", "HEAD~99"):
        with pytest.raises(
            RevisionError, match=r"There is no commit .*\nexperiments: lenient\nbranches: main, side\ntags: bare, one, two, unbuilt\nNext: "
        ):
            revisions.read([name])


def test_a_folder_without_dvc_or_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project at all, and a project of DVC that is in no git repository."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RevisionError, match="belongs to no DVC project"):
        revisions.read(["HEAD"])
    run(tmp_path, "dvc", "init", "-q", "--no-scm")
    with pytest.raises(RevisionError, match="in no git repository"):
        revisions.read(["HEAD"])


def test_a_project_in_a_subfolder_of_a_repository_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC's folder need not be git's."""
    run(tmp_path, "git", "init", "-q")
    folder = tmp_path / "inner"
    folder.mkdir()
    run(folder, "dvc", "init", "-q", "--subdir")
    (folder / "params.yaml").write_text(PARAMS, encoding="utf-8")
    prepare(folder, TEACHER_1, STUDENT_1, 0.8, skipped=23)
    commit(tmp_path, "all")
    monkeypatch.chdir(folder)

    assert [23, 23] == [len(revision.answers) for revision in revisions.read(["HEAD", "workspace"])]
