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
    ("evidence", "context", "reference"),
    [
        ("context", "The passage.", None),
        ("reference", "The reference.", "The reference."),
        ("both", "The reference.\nThe passage.", "The reference."),
    ],
)
def test_the_evidence_is_the_context_of_a_narrowed_item(evidence: Any, context: str, reference: str | None) -> None:
    """It is one text, the reference first; the references stay where they are read, and nothing else of the evidence is left."""
    item = Item("Why?", "So.", "The passage.", "The reference.")
    assert Item("Why?", "So.", context, reference) == narrowed(item, evidence)


@pytest.mark.parametrize(
    ("answer", "expected"), [("In New York City.", "New York"), ("In London, I think.", "London"), ("No idea.", "London")]
)
def test_of_several_references_the_nearest_is_the_evidence(answer: str, expected: str) -> None:
    """Each is right alone, so an answer is held against the one that it comes nearest to; the first where none is near."""
    assert expected == narrowed(Item("Where?", answer, None, ("London", "New York")), "reference").context
