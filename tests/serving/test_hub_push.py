"""A student is pushed to a hub, and whoever loads it from there has the same."""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

import judge
from judge.__main__ import main
from judge.serving import hub_push
from judge.serving.errors import PushError
from judge.serving.hub_push import Push
from tests.conftest import ROOT
from tests.serving import hub
from tests.students.examples import VIOLA

# The hub's client has not caught up with its own HTTP client.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NAME = "team/our-judge"
# In a process of its own: where the hub is, is read when its package is imported.
PUSH_AND_FETCH = """\
import sys
from judge.__main__ import main
from judge.serving import sources
code = main(["push", *sys.argv[1:]])
print(sources.folder("team/our-judge@v1.0"))
sys.exit(code)
"""


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[hub.Model]:
    """A hub without a model, which the client in this process knows, with the token."""
    from huggingface_hub import constants

    empty = hub.Model()
    with hub.running(empty) as url:
        monkeypatch.setattr(constants, "ENDPOINT", url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setenv("HF_TOKEN", hub.TOKEN)
        yield empty


def _parts(card: str) -> tuple[dict[str, object], str]:
    _, header, rest = card.split("---\n", 2)
    return yaml.safe_load(header), rest.lstrip()


def test_what_is_pushed_is_what_the_hub_has(folder: Path, tmp_path: Path) -> None:
    """By the command, with a tag; what is then loaded by id judges as the folder does, and the token is not printed.

    A chat template, which the tokenizer of a language model has beside it, goes along and comes back.
    """
    folder = Path(shutil.copytree(folder, tmp_path / "student"))
    (folder / "chat_template.jinja").write_text("{{ messages }}", encoding="utf-8")
    model = hub.Model()
    with hub.running(model) as url:
        there = {"HF_ENDPOINT": url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "hub"), "HF_TOKEN": hub.TOKEN}
        command = [sys.executable, "-c", PUSH_AND_FETCH, NAME, "--student", str(folder), "--tag", "v1.0", "--private"]
        environment = {
            **os.environ,
            **there,
            "HF_HUB_DISABLE_XET": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    pushed, says, where = done.stdout.splitlines()
    fetched = {each.name: each.read_bytes() for each in Path(where).iterdir()}
    assert (0, 'Load it: judge.load("team/our-judge@v1.0")', True) == (done.returncode, says, pushed.endswith(model.tags["v1.0"]))
    assert fetched == model.commits[model.tags["v1.0"]]
    assert {each.name: each.read_bytes() for each in folder.iterdir() if each.name != "README.md"} == {
        name: content for name, content in fetched.items() if name != "README.md"
    }
    assert judge.load(folder).judge([VIOLA]) == judge.load(where).judge([VIOLA])
    assert (True, False) == (model.private, hub.TOKEN in done.stdout + done.stderr)


def test_the_card_has_the_header_of_the_hub(folder: Path, model: hub.Model) -> None:
    """In what is pushed alone: the card in the folder stays as it is."""
    card = (folder / "README.md").read_text(encoding="utf-8")

    hub_push.push(folder, Push(NAME, licence="apache-2.0", message="Better on numbers"))

    pushed = model.commits[model.branches["main"]]["README.md"].decode()
    assert (
        {
            "library_name": "the-judge-you-own",
            "license": "apache-2.0",
            "base_model": "sentence-transformers/all-MiniLM-L6-v2",
            "pipeline_tag": "text-classification",
            "tags": ["llm-as-a-judge", "distillation", "evaluation", "late-interaction"],
        },
        card,
    ) == _parts(pushed)
    assert (card, ["Better on numbers"], [pushed]) == ((folder / "README.md").read_text(encoding="utf-8"), model.messages, model.cards)


def test_a_header_makes_way_for_another(folder: Path, tmp_path: Path) -> None:
    """A student that came from a hub can be pushed to another one; without a licence given none is stated."""
    copied, student = Path(shutil.copytree(folder, tmp_path / "student")), judge.load(folder)
    card = (folder / "README.md").read_text(encoding="utf-8")
    (copied / "README.md").write_text(hub_push.headed_card(folder, student, "mit"), encoding="utf-8")

    header, rest = _parts(hub_push.headed_card(copied, student, None))

    assert (False, card) == ("license" in header, rest)


def test_a_folder_of_this_machine_is_no_base_model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder that was read from a folder has no id at the hub."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sentence-transformers/all-MiniLM-L6-v2").mkdir(parents=True)
    assert "base_model" not in _parts(hub_push.headed_card(folder, judge.load(folder), None))[0]


def test_what_an_older_student_had_besides_is_deleted(folder: Path, model: hub.Model) -> None:
    """The graph of an export would be read in the place of the weights; what is no part of a student stays."""
    model.name = NAME
    model.commit("main", {"encoder.onnx": b"", ".gitattributes": b"", "config.json": b"{}"})

    hub_push.push(folder, Push(NAME))

    assert {".gitattributes", *(each.name for each in folder.iterdir())} == set(model.commits[model.branches["main"]])


def test_a_branch_is_made(folder: Path, model: hub.Model) -> None:
    """The commit is on it, and not on `main`."""
    assert hub_push.push(folder, Push(NAME, branch="try")).endswith(model.branches["try"])
    assert {} == model.commits[model.branches["main"]]


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weight": 1.0}))


@pytest.mark.parametrize(
    ("name", "put", "why"),
    [
        ("model.pkl", _pickle, "has what is no part of a student: model.pkl"),
        ("pytorch_model.bin", _pickle, "has what is no part of a student: pytorch_model.bin"),
        ("checkpoints", Path.mkdir, "has what is no part of a student: checkpoints"),
        ("model.safetensors", _pickle, "model.safetensors is not what its name says: no safetensors"),
        ("more.json", _pickle, "more.json is not what its name says: it cannot be read"),
        ("rows.jsonl", lambda path: path.write_text("{}\n{", encoding="utf-8"), "rows.jsonl is not what its name says"),
        ("README.md", Path.unlink, "has no README.md"),
    ],
)
def test_what_does_not_belong_there_is_not_pushed(
    folder: Path, tmp_path: Path, model: hub.Model, name: str, put: Callable[[Path], object], why: str
) -> None:
    """A pickle above all, whatever it is called; the hub is asked nothing."""
    copied = Path(shutil.copytree(folder, tmp_path / "student"))
    put(copied / name)
    with pytest.raises(PushError, match=why):
        hub_push.push(copied, Push(NAME))
    assert model.name is None


def test_a_tag_is_taken_once(folder: Path, model: hub.Model) -> None:
    """It is refused before anything is committed."""
    model.name = NAME
    model.tags["v1.0"] = model.branches["main"]
    with pytest.raises(PushError, match=r"has a tag v1\.0 already"):
        hub_push.push(folder, Push(NAME, tag="v1.0"))
    assert [] == model.messages


def test_a_public_model_is_not_taken_for_a_private_one(folder: Path, model: hub.Model) -> None:
    """What is to be private is not put where everybody sees it."""
    model.name = NAME
    with pytest.raises(PushError, match="for everybody to see"):
        hub_push.push(folder, Push(NAME, private=True))
    assert [] == model.messages


def test_without_a_right_to_write_the_hub_refuses(
    folder: Path, model: hub.Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command's exit code is 2, and its message says what to do and no token."""
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")

    code = main(["push", NAME, "--student", str(folder)])

    said = capsys.readouterr().err
    assert (2, None, True, False) == (code, model.name, "could not be pushed: Client error '401" in said, "hf_of_nobody" in said)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["judge"], "judge is no id of a hub's model"),
        ([NAME, "--student", "nowhere/student"], "There is no folder nowhere/student"),
        ([NAME], "could not be pushed: "),
    ],
)
def test_what_cannot_be_pushed_is_said(
    folder: Path, workspace: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
) -> None:
    """No id, no folder, and no network."""
    (workspace / "nowhere").mkdir()
    shutil.copytree(folder, workspace / "data/judge")
    assert (2, True) == (main(["push", *arguments]), why in capsys.readouterr().err)
