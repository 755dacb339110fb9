"""Word overlap: what counts as a word, what as new, and the plain baseline."""

import math

import pytest

from judge.probes.overlap import FEATURES, measure, overlap_score, words

EVIDENCE = "The bridge was opened in 1877 by Queen Isabel and carries 12,500 cars over three arches."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Bridges opened!", ["the", "bridg", "open"]),
        ("12,500 and 3.5", ["12500", "and", "3.5"]),
        ("three", ["3"]),
        ("Isabel's", ["isabel"]),
        ("!?", []),
    ],
)
def test_words_are_compared_without_case_inflection_and_spelling_of_numbers(text: str, expected: list[str]) -> None:
    """What differs only in form is the same word."""
    assert words(text) == expected


def test_an_answer_in_the_evidence_has_nothing_new() -> None:
    """Every word of a copied span is known."""
    features = measure("It was opened in 1877 by Queen Isabel.".removeprefix("It "), EVIDENCE)
    assert (features["new_words"], features["new_words_count"], features["new_numbers"], features["new_names"]) == (0.0, 0.0, 0.0, 0.0)


def test_a_number_in_words_is_not_new_where_the_evidence_has_it_in_words_only() -> None:
    """Three arches in digits rest on three arches in words."""
    assert measure("3 arches", EVIDENCE)["new_numbers"] == 0.0


def test_a_new_number_is_counted() -> None:
    """One number that the evidence lacks."""
    assert measure("It was opened in 1878.", EVIDENCE)["new_numbers"] == pytest.approx(math.log1p(1))


def test_a_new_name_is_counted_but_not_the_capital_of_a_first_word() -> None:
    """Of "Sadly" and "Philip" only the second is a name."""
    assert measure("Sadly Philip opened the bridge.", EVIDENCE)["new_names"] == pytest.approx(math.log1p(1))


def test_the_share_of_new_words_is_over_the_answers_words() -> None:
    """Two of four words are new."""
    assert measure("Queen Isabel slept badly", EVIDENCE)["new_words"] == 0.5


def test_an_answer_without_words_has_no_new_ones() -> None:
    """Nothing said is nothing new, and in no bad company."""
    assert measure("...", EVIDENCE) == dict.fromkeys(FEATURES, 0.0) | {"company": 1.0}


def test_an_exchanged_number_keeps_other_company() -> None:
    """The same words score lower when two years that stand far from each other are exchanged."""
    evidence = "The station was built in 1850 by a wool merchant. After the great flood of the river it was closed in 1931 for ever."
    assert measure("The station was built in 1850.", evidence)["company"] > measure("The station was built in 1931.", evidence)["company"]


def test_a_name_that_the_evidence_lacks_has_no_company() -> None:
    """The least company counts, and an unknown name has none."""
    assert measure("Opened in 1877 by King Philip.", EVIDENCE)["company"] == 0.0


def test_without_names_and_numbers_company_is_the_share_of_known_words() -> None:
    """Two of four words are known."""
    assert measure("the bridge slept badly", EVIDENCE)["company"] == 0.5


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("Queen Isabel", 1.0), ("King Philip", 0.0), ("Queen Philip", 0.5), ("", 0.0)],
)
def test_the_baseline_is_the_share_of_words_that_the_evidence_has(answer: str, expected: float) -> None:
    """From none to all."""
    assert overlap_score("Who did it?", answer, EVIDENCE) == expected


def test_the_baseline_leaves_out_words_of_the_question() -> None:
    """Repeating the question is no evidence: only "Philip" is judged."""
    assert overlap_score("Who opened the bridge?", "Philip opened the bridge", EVIDENCE) == 0.0


def test_an_answer_made_of_the_question_alone_is_judged_by_all_its_words() -> None:
    """Otherwise nothing were left to judge."""
    assert overlap_score("Was the bridge opened?", "The bridge opened", EVIDENCE) == 1.0


def test_an_exchange_is_invisible_to_the_baseline() -> None:
    """The reason why the teacher is more than overlap."""
    assert overlap_score("When?", "Opened in 12,500 for 1877 cars", "Opened in 1877 for 12,500 cars") == 1.0
