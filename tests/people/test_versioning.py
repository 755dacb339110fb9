"""Labels are an input: git takes them, or the file in which DVC notes them."""

import subprocess

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("path", "is_ignored"),
    [
        ("data/labels/anna.jsonl", False),
        ("data/labels/queues/uncertain.jsonl", False),
        ("data/labels.dvc", False),
        ("data/.gitignore", False),
        ("data/test.jsonl", True),
        ("data/judge/README.md", True),
    ],
)
def test_git_takes_what_people_gave_and_not_what_stages_make(path: str, is_ignored: bool) -> None:
    """`git add data/labels` and `dvc add data/labels` both work; outs of stages are DVC's."""
    result = subprocess.run(["git", "check-ignore", "--no-index", "--quiet", path], cwd=ROOT, check=False)
    assert is_ignored is (result.returncode == 0)
