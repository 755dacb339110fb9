"""The metric files: read as they were written, refused where they are not what they should be."""

from pathlib import Path

import pytest

from judge.errors import TableError
from judge.tables import metric_files


def test_figures_come_back_in_order_and_to_the_last_bit(workspace: Path) -> None:
    """Names in the order given, floats in full precision, null and text as they are."""
    figures = {"b": 0.1 + 0.2, "a": None, "c": 3, "d": "ü"}
    metric_files.write(workspace / "m.json", figures)
    read = metric_files.read(workspace / "m.json")
    assert (figures, ["b", "a", "c", "d"]) == (read, list(read))


def test_nan_is_no_figure(workspace: Path) -> None:
    """What is undefined is null, with its reason beside it; NaN is no JSON, and nothing is written."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        metric_files.write(workspace / "m.json", {"a": float("nan")})
    assert not (workspace / "m.json").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "m.json is missing.\nNext: `dvc repro`"),
        ("{", "m.json is no valid JSON"),
        ("[1]", "m.json has to hold a JSON object, got list"),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_a_file_that_is_no_metric_file_is_told(content: str | None, expected: str) -> None:
    """Missing, cut off, or of another shape: what it is and what to do."""
    path = Path("m.json")
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(TableError) as error:
        metric_files.read(path)
    assert expected in str(error.value)
