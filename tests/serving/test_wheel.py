"""The wheel judges with nothing installed but what it declares: without DVC, Hydra and the pipeline's packages."""

import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import judge
from tests.conftest import ROOT
from tests.serving.fakes import read_jsonl, row, write_jsonl

# Some of those that only the pipeline needs.
PIPELINE = ("dvc", "hydra-core", "omegaconf", "llama-index-core", "openai", "scikit-learn", "pandas", "scipy", "matplotlib", "starlette")


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def _declared(requirements: list[str], extras: frozenset[str] = frozenset()) -> dict[str, Distribution]:
    """The distributions that requirements lead to, themselves and theirs, as they are installed here."""
    there: dict[str, Distribution] = {}
    seen = set()
    left = [(text, extras) for text in requirements]
    while left:
        text, wanted = left.pop()
        requirement = Requirement(text)
        if (text, wanted) in seen or (
            requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in wanted or {""})
        ):
            continue
        seen.add((text, wanted))
        found = distribution(requirement.name)
        there[_name(requirement.name)] = found
        left += [(each, frozenset(requirement.extras)) for each in found.requires or ()]
    return there


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this project, unpacked, which is what installing it is."""
    folder = tmp_path_factory.mktemp("wheel")
    copied = folder / "source"
    copied.mkdir()
    shutil.copytree(ROOT / "judge", copied / "judge", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copied)
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "-w",
        str(folder),
        str(copied),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    shutil.unpack_archive(built, folder / "unpacked", "zip")
    return folder / "unpacked"


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that has the wheel, and of all that is installed here only what the wheel declares."""
    made = tmp_path_factory.mktemp("environment")
    venv.create(made, symlinks=True)
    (site,) = made.glob("lib/python3*/site-packages")
    metadata = next(wheel.glob("*.dist-info")) / "METADATA"
    declared = _declared(
        [line.partition(": ")[2] for line in metadata.read_text(encoding="utf-8").splitlines() if line.startswith("Requires-Dist: ")]
    )
    assert not set(PIPELINE) & set(declared)
    for each in declared.values():
        for top in {file.parts[0] for file in each.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(each.locate_file(top))))
    for part in wheel.iterdir():
        (site / part.name).symlink_to(part)
    return made / "bin/python"


def _run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Variables of the machine choose the kernels of its matrix products, and so the last digits.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([str(python), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_it_is_typed(wheel: Path) -> None:
    """With the marker of PEP 561, type checkers read its annotations."""
    assert (wheel / "judge/py.typed").is_file()


def test_it_judges_a_file(python: Path, folder: Path, tmp_path: Path) -> None:
    """By the command; the bytes are those of this environment."""
    source = write_jsonl(tmp_path / "in.jsonl", [row(number) for number in range(3)])

    done = _run(python, tmp_path, "-m", "judge", "score", str(source), "out.jsonl", "--student", str(folder))

    assert (0, "3 rows judged.\n") == (done.returncode, done.stderr)
    assert [each.score for each in judge.load(folder).judge([row(number) for number in range(3)])] == [
        each["score"] for each in read_jsonl(tmp_path / "out.jsonl")
    ]


def test_another_command_says_what_it_lacks(python: Path, tmp_path: Path) -> None:
    """The package, and the extra that has it."""
    done = _run(python, tmp_path, "-m", "judge", "compare", "main", "workspace")
    assert (2, "error: This command needs dvc, which is not installed.\nNext: pip install 'the-judge-you-own[pipeline]'.\n") == (
        done.returncode,
        done.stderr,
    )
