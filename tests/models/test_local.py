"""Cached requests to local models: order, batches, memory, what a killed run leaves, and what a request more asks."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judge.errors import JudgeError, ModelError
from judge.models import local
from judge.models.folders import cache_folder
from judge.models.replies import Json

pytestmark = pytest.mark.usefixtures("workspace")

Run = Callable[[list[local.Request]], list[Json]]


def _ask(prompts: list[str], run: Run, **changes: Any) -> list[Json]:
    settings: dict[str, Any] = {"identity": {"model": "m"}, "batch_size": 2, "what": "prompt"}
    return local.ask([{"prompt": prompt} for prompt in prompts], run, length=lambda request: len(request["prompt"]), **(settings | changes))


def _upper(batch: list[local.Request]) -> list[Json]:
    return [request["prompt"].upper() for request in batch]


def test_replies_come_in_request_order() -> None:
    """Batches are sorted by length, replies are not."""
    assert _ask(["ccc", "a", "bb", "dddd"], _upper) == ["CCC", "A", "BB", "DDDD"]


def test_a_batch_holds_requests_of_one_length_and_is_always_full() -> None:
    """The longest go first; what is missing in a batch is filled with copies, since a model's last digits depend on the shape."""
    seen: list[list[str]] = []

    def run(batch: list[local.Request]) -> list[Json]:
        seen.append([request["prompt"] for request in batch])
        return _upper(batch)

    _ask(["cc", "a", "bb", "dddd", "ee"], run)
    assert [["dddd", "dddd"], ["bb", "cc"], ["ee", "ee"], ["a", "a"]] == seen


def test_a_request_more_asks_for_nothing_again() -> None:
    """A reply is kept by its own request, whatever shared its batch: only the new one is asked, and only its length measured."""
    known = [f"{number:04}" for number in range(7)]
    _ask(known, _upper)
    seen: list[str] = []
    measured: list[str] = []

    def run(batch: list[local.Request]) -> list[Json]:
        seen.extend(request["prompt"] for request in batch)
        return _upper(batch)

    def length(request: local.Request) -> int:
        measured.append(request["prompt"])
        return 4

    prompts = ["0000b", *known]
    requests = [{"prompt": prompt} for prompt in prompts]
    replies = local.ask(requests, run, identity={"model": "m"}, length=length, batch_size=2, what="prompt")
    assert [prompt.upper() for prompt in prompts] == replies
    assert (["0000b", "0000b"], ["0000b"]) == (seen, measured)


def test_equal_requests_are_asked_once() -> None:
    """Three equal prompts are one request."""
    asked: list[str] = []

    def run(batch: list[local.Request]) -> list[Json]:
        asked.extend(request["prompt"] for request in batch)
        return _upper(batch)

    assert _ask(["x", "x", "x"], run, batch_size=1) == ["X", "X", "X"]
    assert asked == ["x"]


def test_a_killed_run_asks_only_for_the_batches_that_are_missing() -> None:
    """What was finished before the kill is read from disk, and the batches that are left are the same."""
    prompts = ["a", "b", "cc", "dd", "eee", "fff"]
    unbroken: list[list[str]] = []
    resumed: list[list[str]] = []

    def recorder(seen: list[list[str]], stop_after: int) -> Run:
        def run(batch: list[local.Request]) -> list[Json]:
            if len(seen) == stop_after:
                raise KeyboardInterrupt
            seen.append([request["prompt"] for request in batch])
            return _upper(batch)

        return run

    with pytest.raises(KeyboardInterrupt):
        _ask(prompts, recorder(unbroken, 2))
    assert _ask(prompts, recorder(resumed, 9)) == [prompt.upper() for prompt in prompts]
    assert [["eee", "fff"], ["cc", "dd"]] == unbroken
    assert resumed == [["a", "b"]]


def test_another_identity_is_asked_anew() -> None:
    """The key holds all that changes a reply."""
    assert _ask(["x"], lambda _: ["one"]) == ["one"]
    assert _ask(["x"], lambda _: ["two"], identity={"model": "other"}) == ["two"]
    assert _ask(["x"], lambda _: ["three"]) == ["one"]


def _run_of_two(sizes: list[int]) -> Run:
    """A run that has memory for two requests at once, and notes how many it was given."""

    def run(batch: list[local.Request]) -> list[Json]:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")
        return _upper(batch)

    return run


def test_a_batch_that_is_too_large_for_memory_is_halved() -> None:
    """Out of memory at three requests or more: each one is still answered, in order, in full batches of the size that fits."""
    sizes: list[int] = []
    assert _ask(["a", "b", "c", "d", "e"], _run_of_two(sizes), batch_size=8) == ["A", "B", "C", "D", "E"]
    assert sizes == [8, 4, 2, 2, 2]


def test_a_halved_batch_gives_other_replies_which_are_kept_as_such() -> None:
    """A run on the same machine finds them again; one with more memory asks in the shape that was wanted."""
    sizes: list[int] = []
    for _ in range(2):
        _ask(["a", "b", "c"], _run_of_two(sizes), batch_size=4)
    assert sizes == [4, 2, 2, 4]
    assert ["said"] * 3 == _ask(["a", "b", "c"], lambda batch: ["said" for _ in batch], batch_size=4)


def test_a_single_request_that_is_too_large_is_a_clear_error() -> None:
    """Nothing is left to halve: the message says what to lower."""

    def run(_: list[local.Request]) -> list[Json]:
        raise MemoryError

    with pytest.raises(ModelError, match=r"chunk\.size"):
        _ask(["a", "b"], run)


def test_another_fault_is_not_taken_for_a_lack_of_memory() -> None:
    """A bug stays a bug."""

    def run(_: list[local.Request]) -> list[Json]:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        _ask(["a"], run)


def test_a_store_that_is_no_database_is_a_clear_error() -> None:
    """A corrupt cache names its file and that it can be deleted."""
    path = cache_folder() / "replies.sqlite"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, and longer than the header of one" * 40)
    with pytest.raises(JudgeError, match=r"replies\.sqlite"):
        _ask(["a"], _upper)


def test_replies_survive_in_a_write_ahead_log() -> None:
    """The store is in WAL mode, so that a reader and a writer do not block each other."""
    _ask(["a"], _upper)
    connection = sqlite3.connect(Path(".cache/replies.sqlite"))
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_key_of_a_reply_stays_what_it_is() -> None:
    """A change of the JSON that is hashed would lose every reply that was kept before."""
    key = local._key({"model": "m", "seed": None}, local._canonical({"prompt": "Où?"}), 1)
    assert key == "828968941a1457533cbe8c20258086dcd6a03afbf8189b65e4e824e7ea6b10d7"
