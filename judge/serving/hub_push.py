"""Push a student to a model hub: its folder in one commit, from which `judge.load("ORGANISATION/NAME")` takes it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from judge.serving import sources
from judge.serving.errors import PushError
from judge.students import saved
from judge.students.options import CausalLM, CrossEncoder, LateInteraction, StudentOption
from judge.students.student import Student

CARD = "README.md"
_PAGES = ("card.html",)
_TAGS = ["llm-as-a-judge", "distillation", "evaluation"]
_LIBRARY = "the-judge-you-own"
_HEADER = re.compile(r"\A---\n.*?\n---\n+", re.DOTALL)


class Push(NamedTuple):
    """Where a student goes, and what is said of it there.

    Attributes:
        name: ORGANISATION/NAME; the model is made where there is none.
        branch: what is committed to; it is made where there is none.
        tag: what the commit is called; None for nothing.
        message: of the commit.
        licence: its id at the hub; None leaves the header without one.
        private: whether a model that is made is for its owners alone.
    """

    name: str
    branch: str = "main"
    tag: str | None = None
    message: str = "A student judge, and the evidence about it"
    licence: str | None = None
    private: bool = False


def push(folder: Path, to: Push) -> str:
    """Commit a student's folder to a hub, whole or not at all; what an older commit had of a student besides is deleted.

    The hub is that of `HF_ENDPOINT`, and the token is what `huggingface_hub` finds: `HF_TOKEN`, or what `hf auth login` kept.

    Returns:
        The address of the commit.

    Raises:
        PushError: the name is none, the folder has a file that is neither weights, JSON nor card, or the hub refuses.
        StudentError: the folder holds no complete student.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    if not sources.HUB_ID.fullmatch(to.name):
        raise PushError(f"{to.name} is no id of a hub's model.\nNext: write it as ORGANISATION/NAME.")
    files = checked_files(folder)
    contents: dict[str, Path | bytes] = {path.name: path for path in files}
    contents[CARD] = headed_card(folder, saved.load(folder), to.licence).encode()
    api = HfApi()
    with _refusals_told(to.name):
        _make_room(api, to)
        there = api.list_repo_files(to.name, revision=to.branch)
        left_over = [each for each in there if any(fnmatch(each, kind) for kind in sources.FILES) and each not in contents]
        commit = api.create_commit(
            to.name,
            [
                *(CommitOperationAdd(name, content) for name, content in contents.items()),
                *(CommitOperationDelete(name) for name in left_over),
            ],
            commit_message=to.message,
            revision=to.branch,
        )
        if to.tag is not None:
            api.create_tag(to.name, tag=to.tag, revision=commit.oid)
    return str(commit.commit_url)


def checked_files(folder: Path) -> list[Path]:
    """The files of a folder, by name; each is what its suffix says, and nothing among them runs code when it is read.

    Raises:
        PushError: there is another file or a folder, or a file's content is something else.
    """
    if not folder.is_dir():
        raise PushError(f"There is no folder {folder}.\nNext: `dvc repro` makes data/judge, or name another with --student.")
    found = sorted(folder.iterdir())
    others = [path.name for path in found if not path.is_file() or not any(fnmatch(path.name, kind) for kind in (*sources.FILES, *_PAGES))]
    if others:
        raise PushError(
            f"{folder} has what is no part of a student: {', '.join(others)}.\n"
            f"Next: move it away; pushed are {', '.join((*sources.FILES, *_PAGES))}."
        )
    for path in found:
        if (fault := _fault(path)) is not None:
            raise PushError(f"{path} is not what its name says: {fault}.\nNext: make the folder again, or move the file away.")
    return found


def headed_card(folder: Path, student: Student, licence: str | None) -> str:
    """The card of a student below the header that the hub reads; a header that it has already makes way.

    Raises:
        PushError: there is no card.
    """
    from huggingface_hub import ModelCardData

    try:
        text = (folder / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PushError(f"{folder} has no {CARD}, the card of the student.\nNext: push data/judge, which `dvc repro` makes.") from None
    header = ModelCardData(
        library_name=_LIBRARY,
        pipeline_tag="text-classification",
        tags=[*_TAGS, student.option.kind],
        base_model=_base_model(student.option),
        license=licence,
    )
    return f"---\n{header.to_yaml()}\n---\n\n{_HEADER.sub('', text)}"


def _base_model(option: StudentOption) -> str | None:
    """The hub's id of the model that a student was made from; None where it has none there."""
    source: str | None = None
    if isinstance(option, LateInteraction | CrossEncoder):
        source = option.encoder.hub
    elif isinstance(option, CausalLM):
        source = option.model.hub
    # A folder of this machine may stand there as well.
    return source if source and sources.HUB_ID.fullmatch(source) and not Path(source).exists() else None


def _fault(path: Path) -> str | None:
    """What is wrong with a file's content, in words; the loading of the student sees to the rest."""
    try:
        if path.suffix == ".safetensors":
            from safetensors import SafetensorError, safe_open

            try:
                with safe_open(path, framework="numpy") as tensors:
                    tensors.keys()
            except SafetensorError as error:
                return f"no safetensors ({error})"
        elif path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                json.loads(line)
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix in (".md", ".html"):
            path.read_text(encoding="utf-8")
    except (ValueError, RecursionError) as error:
        return f"it cannot be read ({error})"
    return None


def _make_room(api: Any, to: Push) -> None:
    """Make the model and the branch where there are none.

    Raises:
        PushError: the tag is taken, or the model is there, public, and shall be private.
    """
    api.create_repo(to.name, private=to.private or None, exist_ok=True)
    if to.private and not api.repo_info(to.name).private:
        raise PushError(f"{to.name} is there already, for everybody to see.\nNext: make it private at the hub, or leave --private out.")
    if to.tag is not None and to.tag in {each.name for each in api.list_repo_refs(to.name).tags}:
        raise PushError(f"{to.name} has a tag {to.tag} already.\nNext: name another; nothing was pushed.")
    if to.branch != "main":
        api.create_branch(to.name, branch=to.branch, exist_ok=True)


@contextmanager
def _refusals_told(name: str) -> Iterator[None]:
    """Turn whatever the client raises into an error that speaks to the user; its messages hold no token."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # the base of its errors, from the client it is made with

    try:
        yield
    except (OSError, ValueError, RuntimeError, HTTPError) as error:
        # An upload that broke off says only in its cause why.
        cause = error.__cause__ or error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise PushError(
            f"{name} could not be pushed: {reason}\n"
            "Next: check the network and the id, and that you may write there: `hf auth login`, or HF_TOKEN in the environment."
        ) from None
