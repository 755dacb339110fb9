"""What the documents of a corpus lend each other: sentences, clauses, names and numbers that are none of the borrower's own.

Donors lie on rings of hashes (Karger et al. 1997, consistent hashing), so that a new document changes only the few statements that
now borrow from it.
"""

import hashlib
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from judge.probes.mentions import Mention, names, numbers
from judge.probes.rewording import last_clause, statable_sentences, subject_of

_PREPOSITION = re.compile(r"\b(in|of|by|from|to|with|at|on|for|as|near|the|and|between|into|after|under|through|a)\s+$")


@dataclass(frozen=True)
class Passage:
    """A passage of a document; several passages may share a document."""

    document_id: str
    title: str
    text: str


class Donors:
    """The texts of a corpus by bucket: "sentence", "clause", "predicate", and those of `buckets` for names and numbers."""

    def __init__(self, passages: Sequence[Passage], seed: int) -> None:
        items: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for passage in passages:
            for sentence in statable_sentences(passage.text):
                items["sentence"].add((passage.document_id, sentence))
                clause = last_clause(sentence)
                if clause is not None:
                    items["clause"].add((passage.document_id, clause))
                subject = subject_of(passage.title)
                if sentence.startswith(f"{subject} "):
                    items["predicate"].add((passage.document_id, sentence.removeprefix(subject)))
                for mention in [*names(sentence), *numbers(sentence)]:
                    for bucket in buckets(sentence, mention):
                        items[bucket].add((passage.document_id, mention.surface))
        self._rings = {bucket: _Ring(texts, seed) for bucket, texts in items.items()}

    def lend(self, key: str, borrower: str, wanted: Sequence[str], is_unfit: Callable[[str], bool]) -> str | None:
        """The first fit text of another document, from the first bucket that has one; None where none has.

        Args:
            key: decides where on its ring the search begins.
            borrower: the id of the document whose own texts are passed over.
            wanted: names of buckets, the best first.
            is_unfit: whether a text will not do.
        """
        for bucket in wanted:
            for document_id, text in self._rings[bucket].walk(key) if bucket in self._rings else ():
                if document_id != borrower and not is_unfit(text):
                    return text
        return None


def buckets(sentence: str, mention: Mention) -> list[str]:
    """The buckets of a mention's like: first that of those after the same preposition, then that of all of its sort."""
    before = preposition_before(sentence, mention)
    return ([f"{mention.sort} after {before}"] if before else []) + [mention.sort]


def preposition_before(sentence: str, mention: Mention) -> str | None:
    """The preposition or article right before a mention, or None."""
    before = _PREPOSITION.search(sentence[: mention.start])
    return before.group(1) if before else None


def hash_of(text: str) -> int:
    """A number from 0 to 2**64 - 1 that depends on the text alone: the first 8 bytes of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


class _Ring:
    """Texts of documents on a circle of hashes."""

    def __init__(self, items: Collection[tuple[str, str]], seed: int) -> None:
        points = sorted((hash_of(f"{seed}|{document_id}|{text}"), document_id, text) for document_id, text in set(items))
        self._points = [point for point, _, _ in points]
        self._items = [(document_id, text) for _, document_id, text in points]

    def walk(self, key: str) -> Iterator[tuple[str, str]]:
        """Every (document_id, text), from the key's own point on."""
        start = bisect(self._points, hash_of(key))
        yield from self._items[start:]
        yield from self._items[:start]
