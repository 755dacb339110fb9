"""A passage on its way to a statement: its sentences, their other forms, and what other documents lend it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from judge.probes.donors import Donors, Passage, hash_of
from judge.probes.overlap import words
from judge.probes.rewording import rename, reorder, shorten, statable_sentences

T = TypeVar("T")

# Words inside names that many names share.
_SMALL_WORDS = frozenset({"of", "the", "de", "von", "van", "der", "la", "le", "du", "di", "al", "bin"})


class Made(NamedTuple):
    """A statement, and the question that it was made for; None where any question about the passage's subject will do."""

    statement: str
    question: str | None = None


class Draft:
    """A passage on its way to the statements of one kind, with the key that their choices hang on."""

    def __init__(self, passage: Passage, key: str, donors: Donors) -> None:
        self.passage = passage
        self.key = key
        self._donors = donors
        self.sentences = self.shuffle(statable_sentences(passage.text))
        self.forms = self.shuffle([*self.sentences, *self.reworded(shorten), *self.reworded(reorder), *self.renamed()])

    def borrow(self, wanted: Sequence[str], is_unfit: Callable[[str], bool]) -> str | None:
        """A text of another document that is fit, from the first of the wanted buckets that has one."""
        return self._donors.lend(self.key, self.passage.document_id, wanted, is_unfit)

    def reworded(self, form: Callable[[str], str | None]) -> list[str]:
        """The sentences that have another form, in it."""
        return [text for sentence in self.sentences if (text := form(sentence)) is not None]

    def renamed(self) -> list[str]:
        """The sentences about the passage's subject with its title for a pronoun, or a pronoun for its title."""
        return self.reworded(lambda sentence: rename(sentence, self.passage.title))

    def forms_of(self, sentence: str) -> list[str]:
        """A sentence and its other forms, shuffled; in each it says no more than before."""
        forms = [sentence, shorten(sentence), reorder(sentence), rename(sentence, self.passage.title)]
        return self.shuffle([form for form in forms if form is not None])

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """The items in an order that each one's own hash decides."""
        return sorted(items, key=lambda item: hash_of(f"{self.key}|{item}"))

    def says(self, surface: str) -> bool:
        """Whether the passage has a number of `surface`, or a word that starts like one of its (Germany, German)."""
        own = {stem(word) for word in words(self.passage.text)}
        return any(stem(word) in own for word in words(surface) if word not in _SMALL_WORDS)


def stem(word: str) -> str:
    """A word's first four letters, which forms of one name share; a number is its own stem."""
    return word if word[0].isdigit() else word[:4]


def stems(surface: str) -> set[str]:
    """The stems of a name or number."""
    return {stem(word) for word in words(surface)}
