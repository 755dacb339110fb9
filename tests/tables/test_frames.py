"""Tables as data frames: types that keep ids, nulls and full precision, and names that are told apart."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from judge import tables
from judge.errors import TableError
from judge.tables import identity
from tests.conftest import ROOT

LEVELS = [0.1 + 0.2, 1 - (0.1 + 0.2), *[0.0] * 9]
USED = {"calls": 2, "prompt_tokens": 2**53 + 1, "completion_tokens": 0, "usd": 0.1 + 0.2}


def _judgment(item: str, **changes: object) -> tables.Row:
    row = {"item_id": item, "levels": None, "score": None, "acceptable": None, "reason": "refused"}
    return {**row, "source": "model", "rationale": None, **tables.calls(None), **changes}


@pytest.fixture
def judgments(workspace: Path) -> pd.DataFrame:
    """Two judgments by the student: one without anything, one with everything."""
    assert workspace == Path.cwd()
    tables.write(tables.STUDENT_SCORES, [_judgment("007"), _judgment("NA", levels=LEVELS, score=1, reason=None, **USED)])
    return tables.frame("scores/student")


def test_every_column_has_the_type_of_its_values(judgments: pd.DataFrame) -> None:
    """Texts, counts and numbers keep their type where a null stands among them."""
    expected = ["string", "object", "Float64", "Float64", "string", "string", "string", "Int64", "Int64", "Int64", "Float64"]
    assert expected == [str(dtype) for dtype in judgments.dtypes]


def test_ids_stay_texts(judgments: pd.DataFrame) -> None:
    """An id of digits is no number, and NA no missing value."""
    assert ["007", "NA"] == judgments["item_id"].tolist()
    assert not judgments["item_id"].isna().any()


def test_null_stays_null_and_numbers_stay_exact(judgments: pd.DataFrame) -> None:
    """Null is pd.NA, not 0 and not NaN; a large count and a float come back to the last bit."""
    empty, full = judgments.iloc[0], judgments.iloc[1]
    assert all(empty[column] is pd.NA for column in ("score", "rationale", "calls", "usd"))
    assert empty["levels"] is None
    assert (LEVELS, 1.0, 2**53 + 1, 0.1 + 0.2) == (full["levels"], full["score"], full["prompt_tokens"], full["usd"])


def test_a_flag_is_a_boolean_and_rows_come_in_the_order_of_the_key(workspace: Path) -> None:
    """A table is read by its name from the folder one works in."""
    rows = [
        {
            "probe_id": identity.content_id(kind),
            "document_id": "d",
            "kind": kind,
            "question": "?",
            "context": "c",
            "answer": "a",
            "truth": truth,
        }
        for kind, truth in (("sentence", True), ("replaced_number", False))
    ]
    tables.write(tables.PROBES, rows)
    assert (workspace / "data/probes.jsonl").exists()
    probes = tables.frame("probes")
    assert str(probes["truth"].dtype) == "boolean"
    assert probes["probe_id"].is_monotonic_increasing
    assert {"sentence": True, "replaced_number": False} == dict(zip(probes["kind"], probes["truth"], strict=True))
    pd.testing.assert_frame_equal(probes, tables.frame(tables.PROBES))


@pytest.mark.usefixtures("workspace")
def test_an_empty_table_has_its_columns_and_types() -> None:
    """What is joined or grouped works on no rows as well."""
    tables.write(tables.RECORDED, [])
    recorded = tables.frame("recorded")
    assert 0 == len(recorded)
    assert str(recorded["human_class"].dtype) == "string"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("datset", "datset: there is no such table; the nearest is dataset"),
        ("scores/studnt", "scores/studnt: there is no such table; the nearest is scores/student"),
        ("judgments", "judgments: each judge has its own; there are scores/student"),
        ("answers/mine", "data/answers/mine.jsonl is missing"),
        ("dataset", "data/dataset.jsonl is missing"),
        ("xyz", "xyz: there is no such table; there are answers, background"),
    ],
)
@pytest.mark.usefixtures("judgments")
def test_a_name_that_is_no_table_is_refused_with_the_nearest(name: str, expected: str) -> None:
    """A misspelt name is told from a table that is not built yet."""
    with pytest.raises(TableError) as error:
        tables.frame(name)
    assert expected in str(error.value)


def test_pandas_loads_when_a_frame_is_asked_for() -> None:
    """Importing the tables stays cheap: most of a run needs no frame."""
    code = "import sys; from judge import tables; assert tables.frame; print('pandas' in sys.modules)"
    assert "False\n" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
