"""The words and sentences of a text, and where they stand."""

import unicodedata

import pytest

from judge.students import placed_words

TEXTS = (
    "The U.S. had 7,106,379 people in the 21st century; early-modern O'Neill’s café, km2.",
    "cafe\u0301 and naïve — co-operation… 3.5% of ½",
    "巴黎是法国的首都。東京は日本の首都です。",
    "दिल्ली भारत की राजधानी है।",
    "القاهرة عاصمة مصر.",
    "กรุงเทพเป็นเมืองหลวง",
    "Москва — столица России. Київ — столиця України.",
    "One two one two. One two one two.",
    "😀 ok 👍🏽",
    "",
    "…!",
)


def forms(text: str) -> list[str]:
    """The words as they are looked up."""
    return [word.form for word in placed_words.words(text)]


@pytest.mark.parametrize("text", TEXTS)
def test_every_letter_and_digit_is_in_one_word_of_one_sentence(text: str) -> None:
    """Words do not overlap, come in order, and lie within the sentence that they name."""
    words, sentences = placed_words.words(text), placed_words.sentences(text)
    covered = [index for word in words for index in range(word.start, word.end)]
    assert sorted(set(covered)) == covered
    assert set() == {index for index, char in enumerate(text) if char.isalnum()} - set(covered)
    assert all(sentences[word.sentence][0] <= word.start < word.end <= sentences[word.sentence][1] for word in words)


@pytest.mark.parametrize("text", TEXTS)
def test_a_word_ends_with_its_marks(text: str) -> None:
    """No accent or vowel sign is cut off from its letter."""
    ends = [word.end for word in placed_words.words(text)]
    assert not [end for end in ends if end < len(text) and unicodedata.category(text[end]) in {"Mn", "Mc"}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vladimir-Suzdal", ["vladimir", "suzdal"]),
        ("1,200 people", ["1200", "people"]),
        ("the U.S. in the 21st", ["the", "us", "in", "the", "21"]),
        ("Moscow's third café", ["moscow", "3", "cafe"]),
        ("法国", ["法", "国"]),
        ("की का", ["की", "का"]),
    ],
)
def test_words_are_looked_up_in_one_spelling(text: str, expected: list[str]) -> None:
    """As the features of the student have them; scripts without spaces by the letter, and vowel signs stay."""
    assert expected == forms(text)


def test_the_words_of_a_name_belong_together() -> None:
    """Those of another name, and of none, do not; nothing of a name is a small word."""
    words = {word.form: word for word in placed_words.words("He met the Queen of Spain in New York.")}
    assert words["queen"].mention == words["of"].mention == words["spain"].mention
    assert words["spain"].mention != words["new"].mention == words["york"].mention
    assert (None, True, None, True) == (words["he"].mention, words["he"].is_small, words["in"].mention, words["in"].is_small)
    assert not words["of"].is_small


@pytest.mark.parametrize(
    ("text", "sort"), [("fifth", "number"), ("1,200", "number"), ("Paris", "name"), ("The", "word"), ("river", "word")]
)
def test_a_word_has_a_sort(text: str, sort: str) -> None:
    """Numbers in digits or words, what is written with a capital, and the rest."""
    assert sort == placed_words.words(text)[0].sort
