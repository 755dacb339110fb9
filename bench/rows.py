"""Made-up rows to judge: passages of about 230 tokens and answers of about 40, no text of which stands twice."""

from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import NamedTuple

from judge import tables
from judge.tables.items import Item

ANSWERS = 3
"""Answers to a passage, unless something else is asked for."""

_PASSAGE_CHARACTERS = 1_000
_ANSWER_CHARACTERS = 170


class Source(NamedTuple):
    """What rows are made of: passages, questions and answers, in an order that stays."""

    passages: Sequence[str]
    questions: Sequence[str]
    answers: Sequence[str]


def source() -> Source:
    """The texts of data/dataset.jsonl.

    Raises:
        TableError: it is missing; `dvc repro` makes it.
    """
    read = tables.read(tables.DATASET)

    def distinct(column: str) -> list[str]:
        return list(dict.fromkeys(row[column] for row in read if row[column]))

    return Source(distinct("context"), distinct("question"), distinct("answer"))


def items(made_of: Source, first: int, rows: int, answers: int = ANSWERS) -> list[Item]:
    """So many rows, several answers to a passage.

    Args:
        made_of: the texts.
        first: the number of the first passage; the same numbers give the same rows, others have no passage, question or answer in common.
        rows: how many.
        answers: to a passage.
    """
    return list(islice(_endless(made_of, first, answers), rows))


def _endless(made_of: Source, first: int, answers: int) -> Iterator[Item]:
    for number in count(first):
        passage = _long(f"Number {number}.", made_of.passages, number, _PASSAGE_CHARACTERS)
        for each in range(number * answers, (number + 1) * answers):
            question = f"{made_of.questions[each % len(made_of.questions)]} (This is question {each}.)"
            yield Item(question, _long(f"Number {each}.", made_of.answers, each, _ANSWER_CHARACTERS), passage)


def _long(beginning: str, texts: Sequence[str], start: int, characters: int) -> str:
    """A text of that many characters, joined from one text after the other."""
    text = beginning
    for index in count(start):
        if len(text) >= characters:
            return text[:characters]
        text += f" {texts[index % len(texts)]}"
    raise AssertionError
