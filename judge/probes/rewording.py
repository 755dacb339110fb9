"""Say what a sentence says in another form, by rules of spelling that keep it true."""

import re

from judge.probes.mentions import sentences

_LEAST_WORDS = 5
_LONGEST_CLAUSE = 16
_CLAUSE = re.compile(
    r", (?:which|who|whose|where|with|including|making|while|after|before|because|although|though|such as|known|used|"
    r"especially|particularly|mainly|usually|often|(?:and|but) (?:is|was|are|were|has|had|it|he|she|they|[a-z]+ed)) "
    r"[^,;:()]+(?=[.]$)",
)
_OPENING = re.compile(
    r"^(?:In|During|After|Since|By|At|From|Following|Under|As|On|Before|Until)\b[^,]{3,60}, "
    r"(?!which|who|where|including|especially|and )(?=[a-zA-Z])",
)
_BRACKETS = re.compile(r" \([^()]*\)")
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|may|will|would|became|began|[a-z]{2,}(?:ed|es))\b")
_PRONOUN = re.compile(r"^(?:It|He|She)(?= (?:is|was|has|had|[a-z]+ed)\b)")


def shorten(sentence: str) -> str | None:
    """A sentence without its brackets, its last clause and its opening phrase; None where it has none of them."""
    text = _CLAUSE.sub("", _BRACKETS.sub("", sentence))
    opening = _OPENING.match(text)
    if opening:
        text = capitalised(text[opening.end() :])
    return text if text != sentence and len(text.split()) >= _LEAST_WORDS and _VERB.search(text) else None


def reorder(sentence: str) -> str | None:
    """A sentence with its opening phrase at its end; None where it has no such phrase."""
    opening = _OPENING.match(sentence)
    if opening is None:
        return None
    phrase = opening.group().removesuffix(", ")
    return f"{capitalised(sentence[opening.end() : -1])} {phrase[0].lower()}{phrase[1:]}."


def rename(sentence: str, title: str) -> str | None:
    """A sentence with "It" for the title at its start, or the title for a pronoun; None where it starts with neither."""
    subject = subject_of(title)
    if re.match(rf"{re.escape(subject)} (?:is|was)\b", sentence):
        return f"It{sentence.removeprefix(subject)}"
    return _PRONOUN.sub(lambda _: subject, sentence) if _PRONOUN.match(sentence) else None


def subject_of(title: str) -> str:
    """A title as running text has it, without the brackets that tell it from its namesakes."""
    return _BRACKETS.sub("", title)


def last_clause(sentence: str) -> str | None:
    """The clause at a sentence's end from its comma on, without the full stop; None where there is none or a long one."""
    clause = _CLAUSE.search(sentence)
    return clause.group() if clause and len(clause.group().split()) <= _LONGEST_CLAUSE else None


def statable_sentences(text: str) -> list[str]:
    """The sentences of a text that can stand alone as statements: whole ones on one line, not too short."""
    return [s for s in sentences(text) if s.endswith(".") and "\n" not in s and len(s.split()) >= _LEAST_WORDS]


def capitalised(text: str) -> str:
    """The text with a capital at its start."""
    return text[0].upper() + text[1:]
