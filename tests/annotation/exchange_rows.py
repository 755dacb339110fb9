"""Three answers, one of them hostile, for the tests of the exchange with other tools."""

from pathlib import Path

import pytest

from judge import tables
from judge.__main__ import main
from judge.tables.levels import interpolate
from judge.tables.schema import Row

HOSTILE = '=HYPERLINK("http://x"),\n<script>alert(1)</script>; "quoted" \u2028 é'
ITEMS = ["1234567890123456", "a1", "b2"]


def rows() -> list[Row]:
    """Rows of the dataset table; the first has a number as id, the second no passage, the third an attack in every text."""
    texts: list[dict[str, object]] = [
        {"question": "Where?", "context": "In Rome.", "reference": ["Rome", "Roma"], "answer": "1903"},
        {"question": "Who?", "context": None, "reference": None, "answer": "Ada"},
        {"question": HOSTILE, "context": HOSTILE, "reference": [HOSTILE], "answer": HOSTILE},
    ]
    return [
        {
            "answer_id": item,
            "question_id": "q",
            "document_id": "d",
            "generator": "secret-generator",
            **text,
            "human_class": None,
            "teacher_levels": interpolate(0.123),
            "teacher_score": 0.123,
            "teacher_class": "unacceptable",
            "reason": None,
        }
        for item, text in zip(ITEMS, texts, strict=True)
    ]


def made_up_project(workspace: Path) -> None:
    """The tables that `judge labels` reads: two answers of test, one of train."""
    made = rows()
    tables.write(tables.DATASET, made)
    tables.write(tables.TEST, made[:2])
    tables.write(tables.TRAIN, made[2:])
    (workspace / "params.yaml").write_text("seed: 17\nlabel:\n  threshold: 0.8\n", encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors of `judge labels`."""
    code = main(["labels", *arguments])
    out, err = capsys.readouterr()
    return code, out, err
