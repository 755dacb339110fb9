"""Which words of a false statement were changed."""

import pytest

from bench.changed_words import changed

PASSAGE = (
    "Paris, also known as Lutetia, is the capital of France. It had 2,048,472 inhabitants in 2026. "
    "During the war, the city moved from the Seine to the Loire."
)


@pytest.mark.parametrize(
    ("kind", "answer", "expected"),
    [
        ("replaced_name", "Paris, also known as Lutetia, is the capital of Eritrea.", ["Eritrea"]),
        ("replaced_number", "It had 1,000 inhabitants in 2026.", ["1,000"]),
        ("replaced_number", "Paris had 2,048,472 inhabitants in 1066.", ["1066"]),
        ("exchanged_names", "France is the capital of Paris.", ["France", "Paris"]),
        ("exchanged_names", "The city moved from the Loire to the Seine during the war.", ["Loire", "Seine"]),
        ("exchanged_numbers", "It had 2026 inhabitants in 2,048,472.", ["2026", "2,048,472"]),
        ("exchanged_numbers", "It had 2,048,472 inhabitants in 1998.", ["1998"]),
    ],
)
def test_changed_words_are_found(kind: str, answer: str, expected: list[str]) -> None:
    """In whichever form of a sentence, with or without its insertion; both of an exchange, though one of them could be called moved."""
    row = {"kind": kind, "question": "What is Paris?", "context": PASSAGE, "answer": answer}
    assert expected == [answer[start:end] for start, end in changed(row)]
