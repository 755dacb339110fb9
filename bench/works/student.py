"""The student beside sentence-transformers' CrossEncoder of the same encoder, three answers to each passage."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bench import operations, rows, table, turns
from bench.effort import Effort
from bench.table import Line
from bench.turns import Contender, Work
from judge.models import folders
from judge.tables.items import Item

if TYPE_CHECKING:
    from judge.students.student import Student

WORK = "student"
_ROWS = 600
# Rows that no turn has, which all judge before the clock starts, but who is just loaded. All of them, ours and the peers, have code that
# is made for a shape when it first comes: after so many rows nearly every shape has come to every thread.
_WARMING_ROWS = 1800
_FIRST_WARMING_ROW = 10**6
_ENCODER = "all-minilm-l6-v2"
_LONGEST = 512
# Layers whose matches the student holds against each other: see judge.students.token_matches.
_MATCHED_LAYERS = 4
# What is aimed at, against single precision and against half of it.
_TO_REACH = {"float32": 10.0, "bfloat16": 4.0}


def measure(effort: Effort) -> list[Line]:
    """Rows a second of the student, cold, warm and just loaded, against both precisions of the peer.

    Cold: no text of a turn has been read before. Warm: the same rows were judged just before. Just loaded: nothing was judged before.
    """
    import judge

    count = effort.rows(_ROWS)
    student = judge.load(effort.student)
    peers = {dtype: _peer(dtype) for dtype in _TO_REACH}
    sample = rows.items(effort.source, 0, count)
    cold = Contender(
        "the student, cold",
        count,
        lambda turn: _judging(student, _rows(effort, turn, count)),
        _our_operations(effort, sample),
        _our_tokens(effort, sample),
        computes_in(student),
    )
    # What a warm student need not read again is its own gain, so it has no limit by operations.
    warm = Contender("the student, warm", count, lambda turn: _again(student, _rows(effort, turn, count)))
    fresh = Contender("the student, just loaded", count, lambda turn: _judging(judge.load(effort.student), _rows(effort, turn, count)))
    others = [_contender(effort, dtype, peer, sample) for dtype, peer in peers.items()]
    warming = rows.items(effort.source, _FIRST_WARMING_ROW, effort.rows(_WARMING_ROWS))
    student.judge(warming)
    for peer in peers.values():
        peer.predict(_pairs(warming), show_progress_bar=False)
    seconds = turns.take([cold, *others, warm, fresh], effort.repeats, WORK)
    what = f"judge rows, {rows.ANSWERS} answers to a passage"
    targets = list(_TO_REACH.values())
    return [
        *(table.line(WORK, what, cold, peer, seconds, effort.machine, to_reach) for peer, to_reach in zip(others, targets, strict=True)),
        *(table.line(WORK, f"{what}, read before", warm, peer, seconds, effort.machine) for peer in others),
        *(table.line(WORK, f"{what}, the first ones", fresh, peer, seconds, effort.machine) for peer in others),
    ]


def computes_in(student: "Student") -> str:
    """The dtype in which a student's encoder computes its products."""
    if student.model.graph is not None:  # type: ignore[attr-defined]  # only students with an encoder are measured
        return "int8"
    encoder = student.model.encoder  # type: ignore[attr-defined]
    return str(next(encoder.parameters()).dtype).removeprefix("torch.")


def _rows(effort: Effort, turn: int, count: int) -> list[Item]:
    """Rows that no other turn has; those of turn 0 are the sample."""
    return rows.items(effort.source, turn * count, count)


def _judging(student: "Student", items: Sequence[Item]) -> Work:
    return lambda: student.judge(items)


def _again(student: "Student", items: Sequence[Item]) -> Work:
    student.judge(items)
    return lambda: student.judge(items)


def _our_operations(effort: Effort, items: Sequence[Item]) -> float:
    """For a row: each text read once, each token of an answer held against those of its passage, and of a question on the last layer."""
    config = _encoder_config(effort)
    shape, lengths = operations.shape(config), _lengths(effort, items)
    read = sum(operations.text(shape, length) for length in lengths.values())
    width = int(config["hidden_size"])
    held = sum(
        operations.matched(width, _MATCHED_LAYERS * lengths[item.answer or ""] + lengths[item.question], lengths[item.context or ""])
        for item in items
    )
    return (read + held) / len(items)


def _our_tokens(effort: Effort, items: Sequence[Item]) -> float:
    return sum(_lengths(effort, items).values()) / len(items)


def _lengths(effort: Effort, items: Sequence[Item]) -> dict[str, int]:
    """Tokens of each text, which is read once however often it comes."""
    from transformers import AutoTokenizer

    texts = list(dict.fromkeys(text or "" for item in items for text in (item.question, item.answer, item.context)))
    tokenizer = AutoTokenizer.from_pretrained(effort.student)
    return {text: len(ids) for text, ids in zip(texts, tokenizer(texts)["input_ids"], strict=True)}


def _encoder_config(effort: Effort) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((effort.student / "config.json").read_text(encoding="utf-8"))["model"]["encoder"]
    return found


def _peer(dtype: str) -> Any:
    """A CrossEncoder of the encoder with a head that nobody has trained: it gives no judgment, and takes the time of one that would."""
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    folder = str(folders.folder(_ENCODER))
    return CrossEncoder(folder, num_labels=1, max_length=_LONGEST, device="cpu", model_kwargs={"dtype": getattr(torch, dtype)})


def _pairs(items: Sequence[Item]) -> list[tuple[str, str]]:
    return [(f"{item.question} {item.answer}", item.context or "") for item in items]


def _contender(effort: Effort, dtype: str, peer: Any, sample: Sequence[Item]) -> Contender:
    encoded = peer.tokenizer(*map(list, zip(*_pairs(sample), strict=True)), truncation=True, max_length=_LONGEST)["input_ids"]
    shape = operations.shape(peer.model.config.to_dict())
    needed = sum(operations.text(shape, len(ids)) for ids in encoded) / len(sample)

    def prepare(turn: int) -> Work:
        pairs = _pairs(_rows(effort, turn, len(sample)))
        return lambda: peer.predict(pairs, show_progress_bar=False)

    name = f"sentence-transformers' CrossEncoder, {dtype}"
    return Contender(name, len(sample), prepare, needed, sum(map(len, encoded)) / len(sample), dtype)
