"""How alike two files are: same bytes, same numbers to six digits, or different, and where that begins."""

from pathlib import Path

import pytest

from judge.report.sameness import Likeness, Sameness, compare


def _pair(folder: Path, old: bytes, new: bytes, name: str = "table.jsonl") -> tuple[Path, Path]:
    for side, content in (("old", old), ("new", new)):
        (folder / side).mkdir(exist_ok=True)
        (folder / side / name).write_bytes(content)
    return folder / "old" / name, folder / "new" / name


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('{"a": 0.1}\n', '{"a": 0.1}\n', Sameness.BYTES),
        ('{"a": 0.918616377}\n', '{"a": 0.918616376}\n', Sameness.DIGITS),
        ('{"a": 123456.0}\n', '{"a": 123456.1}\n', Sameness.DIGITS),
        ('{"a": 1e-17}\n', '{"a": 0.0}\n', Sameness.DIGITS),
        ('{"low": 0.006193584}\n', '{"low": 0.006193477}\n', Sameness.DIGITS),
        ('{"low": 0.0000015}\n', '{"low": 0.000003}\n', Sameness.DIFFERENT),
        ('{"a": 1}\n', '{"a": 0.9999999}\n', Sameness.DIGITS),
        ("M 0.500001 12.3\n", "M 0.500002 12.3\n", Sameness.DIGITS),
        ('{"a": 0.91862}\n', '{"a": 0.91861}\n', Sameness.DIFFERENT),
        ('{"a": 0.92}\n', '{"a": 0.93}\n', Sameness.DIFFERENT),
        ('{"a": 1.00001}\n', '{"a": 1.00003}\n', Sameness.DIFFERENT),
        ('{"a": 1e-5}\n', '{"a": 2e-5}\n', Sameness.DIFFERENT),
        ('{"n": 10000001}\n', '{"n": 10000002}\n', Sameness.DIFFERENT),
        ('{"id": "12e4567.1a"}\n', '{"id": "12e4567.1b"}\n', Sameness.DIFFERENT),
        ('{"id": "a0.1234567"}\n', '{"id": "a0.1234568"}\n', Sameness.DIFFERENT),
        ('{"a": 0.5}\n', '{"b": 0.5}\n', Sameness.DIFFERENT),
        ('{"a": 0.5}\n', '{"a": null}\n', Sameness.DIFFERENT),
        ('{"a": 0.5}\n', '{"a": -0.5}\n', Sameness.DIFFERENT),
    ],
)
def test_numbers_may_differ_after_six_digits_and_all_else_may_not(tmp_path: Path, old: str, new: str, expected: Sameness) -> None:
    """Counts, ids, keys and signs have to be equal; a number near zero is held to six decimals."""
    assert expected == compare(*_pair(tmp_path, old.encode(), new.encode())).sameness


def test_the_line_where_a_difference_begins_is_named(tmp_path: Path) -> None:
    """The first line that is not close, after others that are."""
    old, new = _pair(tmp_path, b"0.1234567\n2.0\n3.0\n", b"0.1234568\n2.5\n3.5\n")
    assert Likeness(Sameness.DIFFERENT, "table.jsonl, line 2") == compare(old, new)


def test_more_lines_are_a_difference(tmp_path: Path) -> None:
    """A table that goes on is another table."""
    assert Likeness(Sameness.DIFFERENT, "table.jsonl, 1 and 2 lines") == compare(*_pair(tmp_path, b"1\n", b"1\n2\n"))


def test_bytes_that_are_no_text_are_equal_or_different(tmp_path: Path) -> None:
    """There are no digits to look for in a picture."""
    assert Sameness.DIFFERENT == compare(*_pair(tmp_path, b"\xff\x001", b"\xff\x002", "picture.png")).sameness


def test_a_file_that_was_not_made_is_a_difference(tmp_path: Path) -> None:
    """The message says which."""
    old, new = _pair(tmp_path, b"1\n", b"1\n")
    new.unlink()
    assert Likeness(Sameness.DIFFERENT, f"{new} is missing or of another kind") == compare(old, new)


def test_a_folder_is_as_its_least_alike_file(tmp_path: Path) -> None:
    """Same, close and different files in folders of folders; the worst is named."""
    _pair(tmp_path, b"1\n", b"1\n", "a.json")
    _pair(tmp_path, b"0.1234567\n", b"0.1234568\n", "b.json")
    assert Likeness(Sameness.DIGITS, "b.json") == compare(tmp_path / "old", tmp_path / "new")
    for side, content in (("old", "x"), ("new", "y")):
        (tmp_path / side / "inner").mkdir()
        (tmp_path / side / "inner" / "c.txt").write_text(content, encoding="utf-8")
    assert Likeness(Sameness.DIFFERENT, "inner/c.txt, line 1") == compare(tmp_path / "old", tmp_path / "new")
    (tmp_path / "new" / "0.txt").touch()
    assert Likeness(Sameness.DIFFERENT, "0.txt is on one side alone") == compare(tmp_path / "old", tmp_path / "new")


@pytest.mark.parametrize(
    ("change", "expected"),
    [(1e-7, Sameness.DIGITS), (1e-3, Sameness.DIFFERENT), (None, Sameness.DIFFERENT)],
)
def test_weights_are_compared_as_numbers(tmp_path: Path, change: float | None, expected: Sameness) -> None:
    """Tensors of a safetensors file, each by its name; None stands for one of another shape."""
    import torch
    from safetensors.torch import save

    weights = {"layer": torch.tensor([0.5, -2.0]), "steps": torch.tensor([3])}
    changed = {**weights, "layer": torch.tensor([0.5]) if change is None else weights["layer"] * (1 + change)}
    pair = _pair(tmp_path, save(weights), save(changed), "model.safetensors")
    assert expected == compare(*pair).sameness


def test_whole_numbers_among_the_weights_have_to_be_equal(tmp_path: Path) -> None:
    """A table of indices with one other entry is another table."""
    import torch
    from safetensors.torch import save

    large = 10**9
    pair = _pair(tmp_path, save({"index": torch.tensor([large])}), save({"index": torch.tensor([large + 1])}), "model.safetensors")
    assert Sameness.DIFFERENT == compare(*pair).sameness
