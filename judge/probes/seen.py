"""What a teacher has seen while it was calibrated, so that no probe is made of it.

Texts are kept as hashes of their words: case, punctuation and spaces tell no two statements apart.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from judge.probes.mentions import sentences
from judge.probes.statements import Statement
from judge.tables.identity import content_id

_WORD = re.compile(r"\w+")
# Shorter ones, "Yes." or a heading, stand in many texts and are made into no statement.
_LEAST_WORDS = 5


class Seen(BaseModel):
    """What the teacher was calibrated on.

    `documents` and `passages` are ids of the run's own, every document of a passage among them; none where documents were set aside.
    `statements` and `sentences` are hashes of the words of the statements and of the sentences in their passages.
    """

    model_config = ConfigDict(frozen=True)

    documents: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @classmethod
    def of(cls, statements: Sequence[Statement]) -> Self:
        """What a teacher sees that is calibrated on the statements; which of them are the run's own is not known here."""
        contexts = {statement.context for statement in statements}
        return cls(
            statements=tuple(sorted({hash_of_words(statement.statement) for statement in statements})),
            sentences=tuple(sorted({mark for context in contexts for mark in hashes_of_sentences(context)})),
        )


NOTHING = Seen()
"""What a teacher has seen that needs no calibration."""


def hash_of_words(text: str) -> str:
    """16 hexadecimal digits that are the same for texts with the same words in the same order."""
    return content_id(*_WORD.findall(text.casefold()))


def hashes_of_sentences(text: str) -> Iterator[str]:
    """`hash_of_words` of each sentence of five words or more, no sentence going on over a line's end."""
    for line in text.split("\n"):
        for sentence in sentences(line):
            if len(_WORD.findall(sentence)) >= _LEAST_WORDS:
                yield hash_of_words(sentence)
