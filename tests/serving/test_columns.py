"""The columns that a command line names."""

import re

import pytest

from judge.serving import columns
from judge.serving.errors import ScoreError
from tests.conftest import ROOT


def test_names_are_mapped() -> None:
    """Those that are not named are the input's own."""
    parsed = columns.parse("question=the question, answer = a", None)
    assert {"question": "the question", "answer": "a", "context": "context", "reference": "reference", "id": "id"} == parsed.names
    assert {"question": "Who?", "context": "He."} == parsed.read({"the question": "Who?", "context": "He.", "question": "Another."})


@pytest.mark.parametrize("given", ["question", "passage=context", "question=", "=q", "question=q,,"])
def test_what_is_no_mapping_is_refused(given: str) -> None:
    """With what a row has."""
    with pytest.raises(ScoreError, match=r"is not understood; what a row has is question, answer, context, reference, id"):
        columns.parse(given, None)


def test_kept_columns_are_those_named_or_all_that_are_not_read() -> None:
    """One of a name that the output has is renamed."""
    row = {"question": "Who?", "answer": "He.", "more": 1, "score": 2}
    assert {} == columns.parse(None, None).keep(row)
    assert {"more": 1, "answer": "He."} == columns.parse(None, "more, answer,more").keep(row)
    assert {"more": 1, "input_score": 2} == columns.parse(None, "all").keep(row)


def test_the_page_names_the_columns() -> None:
    """docs/use.md has a table of what is read and one of what is written, each column once."""
    text = (ROOT / "docs/use.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    assert [*columns.READ, *columns.WRITTEN] == named
