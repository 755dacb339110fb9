"""How alike two files or folders are: the same bytes, the same numbers to six digits, or different."""

import re
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

# A whole number is a count, a seed, part of an id: close is not good enough for it.
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
_RELATIVE = 1e-6
# About zero, what is left after numbers cancel has no digits of its own: a difference, or an end of an interval around it.
_ABSOLUTE = 1e-6


class Sameness(IntEnum):
    """How alike, from the most to the least."""

    BYTES = 0
    DIGITS = 1
    DIFFERENT = 2

    def __str__(self) -> str:
        return ("same bytes", "same to 6 digits", "different")[self]


class Likeness(NamedTuple):
    """How alike two files or folders are, and, where they differ, the file and line where that begins."""

    sameness: Sameness
    where: str = ""


def compare(old: Path, new: Path) -> Likeness:
    """How alike two files or folders are; a folder is as its least alike file.

    Numbers are the same to six digits where they differ by at most a millionth of the larger, or by a millionth where that is more, and at
    least one is written with a point or an exponent. All around them has to be equal. Numbers are looked for in texts
    (JSON, CSV, TSV, HTML) and in safetensors; other binary files have the same bytes or are different.
    """
    if old.is_dir() and new.is_dir():
        return _folders(old, new)
    if not (old.is_file() and new.is_file()):
        return Likeness(Sameness.DIFFERENT, f"{new if old.exists() else old} is missing or of another kind")
    first, second = old.read_bytes(), new.read_bytes()
    if first == second:
        return Likeness(Sameness.BYTES)
    if old.suffix == ".safetensors":
        return Likeness(_weights(old, new), old.name)
    try:
        return _texts(first.decode("utf-8"), second.decode("utf-8"), old.name)
    except UnicodeDecodeError:
        return Likeness(Sameness.DIFFERENT, old.name)


def _folders(old: Path, new: Path) -> Likeness:
    names = [{path.relative_to(side).as_posix() for path in side.rglob("*") if path.is_file()} for side in (old, new)]
    alone = sorted(names[0] ^ names[1])
    if alone:
        return Likeness(Sameness.DIFFERENT, f"{alone[0]} is on one side alone")
    worst = Likeness(Sameness.BYTES)
    for name in sorted(names[0]):
        likeness = compare(old / name, new / name)
        if likeness.sameness > worst.sameness:
            worst = Likeness(likeness.sameness, f"{Path(name).parent.as_posix()}/{likeness.where}".removeprefix("./"))
    return worst


def _texts(old: str, new: str, name: str) -> Likeness:
    lines = [text.split("\n") for text in (old, new)]
    if len(lines[0]) != len(lines[1]):
        return Likeness(Sameness.DIFFERENT, f"{name}, {len(lines[0]) - 1} and {len(lines[1]) - 1} lines")
    for number, (first, second) in enumerate(zip(*lines, strict=True), start=1):
        if first != second and not _close_lines(first, second):
            return Likeness(Sameness.DIFFERENT, f"{name}, line {number}")
    return Likeness(Sameness.DIGITS, name)


def _close_lines(old: str, new: str) -> bool:
    if _NUMBER.split(old) != _NUMBER.split(new):
        return False
    return all(_close(first, second) for first, second in zip(_NUMBER.findall(old), _NUMBER.findall(new), strict=True))


def _close(old: str, new: str) -> bool:
    if old == new:
        return True
    if not any(mark in old + new for mark in ".eE"):
        return False
    first, second = float(old), float(new)
    # A little more than a millionth, since a sixth decimal that was rounded the other way is never exactly that in binary.
    return abs(first - second) <= 1.001 * max(_RELATIVE * max(abs(first), abs(second)), _ABSOLUTE)


def _weights(old: Path, new: Path) -> Sameness:
    """Tensors by name, shape and type; whole numbers have to be equal."""
    import torch
    from safetensors.torch import load_file

    first, second = load_file(old), load_file(new)
    if {name: (tensor.shape, tensor.dtype) for name, tensor in first.items()} != {
        name: (tensor.shape, tensor.dtype) for name, tensor in second.items()
    }:
        return Sameness.DIFFERENT
    for name, tensor in first.items():
        exact = not tensor.is_floating_point()
        rtol, atol = (0.0, 0.0) if exact else (_RELATIVE, _ABSOLUTE)
        if not torch.allclose(tensor.double(), second[name].double(), rtol=rtol, atol=atol, equal_nan=True):
            return Sameness.DIFFERENT
    return Sameness.DIGITS
