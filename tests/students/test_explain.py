"""Which words of an answer found no support: the strengths themselves."""

import pytest

from judge.errors import StudentError
from judge.students import explain, placed_words
from judge.students.encoder_student import EncoderStudent
from judge.tables.items import Item
from judge.tables.spans import Span
from tests.students.examples import cross_encoder
from tests.students.fixed import Fixed

BRIDGE = (
    "The Vell bridge was opened in 1877 by Queen Isabel. It carries 430 cars an hour to Norport. "
    "Ada Brandt built the old ferry house in 1911, and never saw the bridge."
)


def strengths(answer: str, evidence: str = BRIDGE, question: str = "What is known?", match: float = 0.1) -> dict[str, float]:
    """The strength of each word, where the encoder finds the same match for all of them."""
    matches = [match] * len(placed_words.words(answer))
    return {span.text: span.unsupported for span in explain.explain(question, answer, evidence, matches) if span.unit == "word"}


def test_what_the_evidence_says_is_supported() -> None:
    """A sentence of it, with or without its opening."""
    assert {0.0} == set(strengths("The Vell bridge was opened in 1877 by Queen Isabel.").values())
    assert {0.0} == set(strengths("Opened in 1877 by Queen Isabel").values())


def test_a_new_number_has_no_support_at_all_however_near_a_match() -> None:
    """1955 is as wrong as 1877 is right."""
    assert strengths("The Vell bridge was opened in 1955 by Queen Isabel.", match=0.9)["1955"] == 1.0


@pytest.mark.parametrize(("match", "expected"), [(0.1, 1.0), (0.5, 0.5), (0.9, 0.0)])
def test_a_new_word_counts_by_its_match(match: float, expected: float) -> None:
    """From what words of other passages have to what a synonym has."""
    assert expected == strengths("The bridge was inaugurated in 1877.", match=match)["inaugurated"]


def test_a_new_name_is_strong_even_with_a_match() -> None:
    """Another queen is near to a queen."""
    assert strengths("It was opened by Queen Beatrix.", match=0.9)["Beatrix"] == 0.7
    assert strengths("It was opened by Queen Beatrix.", match=0.1)["Beatrix"] == 1.0


def test_small_words_and_words_of_the_question_count_less() -> None:
    """They say little, or were given."""
    found = strengths("Whales sing under ferries", "Nothing of it.", "Do whales sing?")
    assert (0.6, 0.6, 0.25, 1.0) == (found["Whales"], found["sing"], found["under"], found["ferries"])


def test_exchanged_numbers_stand_where_others_belong() -> None:
    """Each of two years keeps the company of the other."""
    found = strengths("The Vell bridge was opened in 1911 by Queen Isabel.")
    assert max(found, key=found.__getitem__) == "1911"
    assert found["1911"] > 0.3
    assert {0.0} == {value for text, value in found.items() if text not in {"1911", "opened", "Queen", "Isabel"}}


def test_exchanged_names_are_the_lowest() -> None:
    """All words of both, and no other."""
    found = strengths("Queen Isabel built the old ferry house in 1911. The Vell bridge was opened in 1877 by Ada Brandt.")
    lowest = sorted(found, key=lambda text: -found[text])[:4]
    assert {"Queen", "Isabel", "Ada", "Brandt"} == set(lowest)


def test_another_order_is_nobody_elses_place() -> None:
    """The opening of a sentence at its end leaves all words supported."""
    evidence = "In 1877, Queen Isabel opened the Vell bridge to the cars of Norport."
    assert max(strengths("Queen Isabel opened the Vell bridge to the cars of Norport in 1877.", evidence).values()) < 0.3


def test_a_long_answer_against_a_long_passage_is_explained_in_little_work() -> None:
    """A name is held against the places near its neighbours, and not against all."""
    filler = " ".join(f"Town{number} lies on river number {number}." for number in range(2000))
    found = strengths("The Vell bridge was opened in 1911 by Queen Isabel.", f"{filler} {BRIDGE} {filler}")
    assert max(found, key=found.__getitem__) == "1911"


def test_evidence_without_words_supports_nothing() -> None:
    """And an answer without words has no span of a word."""
    assert strengths("Whales", "…")["Whales"] == 1.0
    assert [] == explain.explain("What?", "", BRIDGE, [])


@pytest.mark.parametrize(
    "answer",
    [
        "Queen Isabel, queen Isabel; QUEEN ISABEL",
        "Café-au-lait — 1,200.50 cups!  A second sentence.\nA third one",
        "巴黎是德国的首都。",
        "दिल्ली भारत की राजधानी है। القاهرة",
    ],
)
def test_spans_are_cut_from_the_answer(trained: EncoderStudent, answer: str) -> None:
    """Every word once, in order, with its characters; every letter in a sentence too, whose strength is that of its worst word."""
    spans = trained.explain(Item("What is known?", answer, BRIDGE))
    words = [span for span in spans if span.unit == "word"]
    sentences = [span for span in spans if span.unit == "sentence"]
    assert all(answer[span.start : span.end] == span.text for span in spans)
    assert [(word.start, word.end) for word in placed_words.words(answer)] == [(span.start, span.end) for span in words]
    for sentence in sentences:
        within = [word.unsupported for word in words if sentence.start <= word.start < sentence.end]
        assert max(within) == sentence.unsupported
    assert len(words) == sum(sentence.start <= word.start < sentence.end for sentence in sentences for word in words)


def test_a_made_up_word_is_the_lowest(trained: EncoderStudent) -> None:
    """The encoder has nothing like it in the passage."""
    spans = trained.explain({"question": "What is known?", "answer": "The bridge carries 430 zorblaxes an hour.", "context": BRIDGE})
    worst = max((span for span in spans if span.unit == "word"), key=lambda span: span.unsupported)
    assert worst.text == "zorblaxes"
    assert worst.unsupported > 0.5


def test_a_word_of_another_script_is_looked_up(trained: EncoderStudent) -> None:
    """One changed character of a Chinese sentence is the lowest."""
    spans = trained.explain(Item("首都?", "巴黎是德国的首都。", "巴黎是法国的首都，有两百万人。"))
    worst = max((span for span in spans if span.unit == "word"), key=lambda span: span.unsupported)
    assert worst.text == "德"


def test_many_are_explained_as_one(trained: EncoderStudent) -> None:
    """In order, the same twice, and an answer without words has none."""
    items = [Item("What?", answer, BRIDGE) for answer in ("In 1911", "", "By Queen Beatrix of Norport", "…")]
    explained = trained.explain_items(items)
    assert explained == trained.explain_items(items)
    assert [[], []] == [explained[1], explained[3]]
    assert [trained.explain(item) for item in items] == explained


def test_evidence_that_is_missing_is_asked_for(trained: EncoderStudent) -> None:
    """As when it judges."""
    with pytest.raises(StudentError, match="the context is missing"):
        trained.explain(Item("What?", "In 1911", "  "))


def test_a_student_that_matches_no_words_says_so() -> None:
    """With the kind that does."""
    student = Fixed()
    student.option = cross_encoder()
    with pytest.raises(StudentError, match=r"(?s)kind cross-encoder says nothing of single words.*Next: .*late-interaction"):
        student.explain(Item("What?", "In 1911", BRIDGE))


def test_spans_come_by_where_they_start() -> None:
    """A sentence before its first word."""
    spans = explain.explain("What?", "In 1955. By whom", BRIDGE, [0.0] * 4)
    assert [("In 1955.", "sentence"), ("In", "word"), ("1955", "word"), ("By whom", "sentence"), ("By", "word"), ("whom", "word")] == [
        (span.text, span.unit) for span in spans
    ]
    assert Span(3, 7, "1955", 1.0) in spans
