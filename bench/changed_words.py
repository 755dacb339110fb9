"""Which words of a false statement were changed, found by comparing it with the sentences of its passage."""

import re
from difflib import SequenceMatcher

from judge.probes.rewording import rename, reorder, shorten, statable_sentences
from judge.tables.schema import Row

Places = list[tuple[int, int]]

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_BREAK = re.compile(r",[^,]*,| \([^()]*\)")


def changed(row: Row) -> Places:
    """Where the words of a statement stand that its true sentence has otherwise: (start, end) each.

    The true sentence is the form of a sentence of the passage that is nearest. Where the statement is one with two runs of words
    exchanged, both are changed, and else what a comparison word by word finds replaced or added.
    """
    said = list(_WORD.finditer(row["answer"]))
    forms = [match.group().lower() for match in said]
    true = [[word.lower() for word in _WORD.findall(form)] for form in _true_forms(row)]
    exchanged = [found for form in true if row["kind"].startswith("exchanged") and (found := _exchange(form, forms))]
    found = min(exchanged or [_replaced(form, forms) for form in true], key=_length)
    return [(said[start].start(), said[end - 1].end()) for start, end in found]


def _length(runs: Places) -> int:
    return sum(end - start for start, end in runs)


def _true_forms(row: Row) -> list[str]:
    """The sentences of the passage, in each form that a statement may have, with and without its brackets and insertions."""
    title = row["question"].removeprefix("What is ").removesuffix("?")

    def forms(sentence: str) -> list[str]:
        return [form for form in (sentence, shorten(sentence), reorder(sentence), rename(sentence, title)) if form is not None]

    whole = [form for sentence in statable_sentences(row["context"]) for form in forms(sentence)]
    cut = [form[: match.start()] + form[match.end() :] for form in whole for match in _BREAK.finditer(form)]
    return list(dict.fromkeys([*whole, *(form for sentence in cut for form in forms(sentence))]))


def _replaced(true: list[str], said: list[str]) -> Places:
    """The runs of words of a statement that a true form does not have there; a pronoun for the subject is no change."""
    codes = SequenceMatcher(None, true, said, autojunk=False).get_opcodes()
    runs = [(start, end) for code, _, _, start, end in codes if code != "equal" and end > start]
    return [(start, end) for start, end in runs if start or said[:end] not in (["it"], ["the"])] or [(0, len(said))]


def _exchange(true: list[str], said: list[str]) -> Places | None:
    """The shortest two runs of a statement that stand in each other's place in a true form; None where there are none."""
    if len(true) != len(said) or true == said:
        return None
    first = next(index for index, pair in enumerate(zip(true, said, strict=True)) if pair[0] != pair[1])
    last = next(index for index in range(len(said), 0, -1) if true[index - 1] != said[index - 1])
    core, other, size = true[first:last], said[first:last], last - first
    splits = [
        (left, right)
        for left in range(1, size)
        for right in range(1, size - left + 1)
        if other == core[size - right :] + core[left : size - right] + core[:left]
    ]
    if not splits:
        return None
    left, right = min(splits, key=sum)
    return [(first, first + right), (last - left, last)]
