"""The evidence that a student reads."""

from typing import Any

import pytest

from judge.errors import StudentError
from judge.students.evidence import narrowed
from judge.tables.items import Item


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [("context", "context"), ("reference", "reference"), ("both", "context and the reference")],
)
def test_missing_evidence_is_named(evidence: Any, missing: str) -> None:
    """The error names each text that is missing, and the option that asks for it."""
    with pytest.raises(StudentError, match=f"evidence={evidence}, but the {missing} is missing"):
        narrowed(Item("Why?", "Because."), evidence)


@pytest.mark.parametrize(
    ("evidence", "context"),
    [("context", "The passage."), ("reference", "The reference."), ("both", "The reference.\nThe passage.")],
)
def test_the_evidence_is_the_context_of_a_narrowed_item(evidence: Any, context: str) -> None:
    """It is one text, the reference first, and nothing else of the evidence is left."""
    item = Item("Why?", "So.", "The passage.", "The reference.")
    assert Item("Why?", "So.", context, None) == narrowed(item, evidence)
