"""False statements with something in them that another document lends: a name, a number, a clause, a sentence."""

import re
from collections.abc import Callable, Iterator

from judge.probes.copies import as_answer, mentions
from judge.probes.donors import buckets
from judge.probes.drafts import Draft
from judge.probes.mentions import Mention
from judge.probes.rewording import subject_of


def replaced(draft: Draft, find: Callable[[str], list[Mention]]) -> Iterator[str]:
    """A sentence with a name or number that the passage does not have, for one that it has."""
    for sentence in draft.forms:
        for mention in draft.shuffle(find(sentence)):
            surface = draft.borrow(buckets(sentence, mention), draft.says)
            # Every whole occurrence is changed, or the old name would still stand there; the CH of CH2O is none.
            pieces = re.split(rf"(?<!\w){re.escape(mention.surface)}(?!\w)", sentence)
            if surface is not None and len(pieces) > 1:
                yield surface.join(pieces)


def other_fragment(draft: Draft) -> Iterator[str]:
    """A name or number of another document as a short answer."""
    for sentence in draft.sentences:
        for mention in draft.shuffle(mentions(sentence)):
            surface = draft.borrow(buckets(sentence, mention), draft.says)
            if surface is not None:
                yield as_answer(draft, sentence, surface, mention)


def other_document(draft: Draft) -> Iterator[str]:
    """A sentence of another document."""
    sentence = draft.borrow(["sentence"], lambda text: text in draft.passage.text)
    if sentence is not None:
        yield sentence


def other_subject(draft: Draft) -> Iterator[str]:
    """What another document says of its own subject, said of this one's."""
    predicate = draft.borrow(["predicate"], lambda text: text in draft.passage.text)
    if predicate is not None:
        yield f"{subject_of(draft.passage.title)}{predicate}"


def invented_clause(draft: Draft) -> Iterator[str]:
    """A sentence of the passage that goes on with a clause of another document."""
    clause = draft.borrow(["clause"], lambda text: text in draft.passage.text)
    if clause and draft.forms:
        yield f"{draft.forms[0][:-1]}{clause}."


def invented_sentence(draft: Draft) -> Iterator[str]:
    """A sentence of the passage, and one of another document."""
    for sentence in other_document(draft):
        if draft.sentences:
            yield f"{draft.sentences[0]} {sentence}"
