"""Statements whose truth is known by construction: what a judge is calibrated on and probed with.

A statement is acceptable where the passage says it and it answers what was asked; false is what the passage does not support,
what says nothing, and what answers another question.
The false ones are sentences of the corpus with one thing changed, so that no template gives them away, and the true
ones vary in form as well, so that neither shortness nor a cut end does.
Every choice is drawn by hashing what it concerns, so a new document changes only the few statements that now borrow from it
(`judge.probes.donors`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from judge.probes import borrowed, copies, exchanges, hollow, questions
from judge.probes.donors import Donors, Passage, hash_of
from judge.probes.drafts import Draft, Made
from judge.probes.mentions import names, numbers
from judge.probes.negations import negate
from judge.probes.paraphrases import paraphrase
from judge.probes.rewording import reorder, statable_sentences, subject_of

TRUE_KINDS = ("sentence", "two_sentences", "shortened", "reordered", "renamed_subject", "fragment", "paraphrase", "answer_sentence")
FALSE_KINDS = (
    "replaced_number",
    "replaced_name",
    "exchanged_numbers",
    "exchanged_names",
    "other_document",
    "other_subject",
    "other_fragment",
    "invented_clause",
    "invented_sentence",
    "negated",
    "circular",
    "empty_opening",
    "no_answer",
)
KINDS = TRUE_KINDS + FALSE_KINDS
# Kinds whose truth hangs on the question: a judge of support alone cannot tell them apart.
QUESTION_KINDS = ("answer_sentence", "no_answer")
# Kinds that are false because they say nothing, whatever the passage says.
HOLLOW_KINDS = ("circular", "empty_opening")
# Kinds in words that the passage does not have: true ones said otherwise, false ones by a "not".
REWORDED_KINDS = ("paraphrase", "negated")
# What a teacher of likelihoods is fitted on; the rest measures it. Fitted on hollow kinds too, it takes shortness for their fault and
# rejects four in ten short answers that are right; on reworded ones, it leans on word overlap: its r with a fit of overlap alone goes
# from 0.93 to 0.97, and 71% instead of 89% of the sentences with their subject renamed pass.
CALIBRATED_KINDS = tuple(kind for kind in KINDS if kind not in (*QUESTION_KINDS, *HOLLOW_KINDS, *REWORDED_KINDS))
# Passages have little to exchange, and an exchange is the hardest to see; of every other kind one a passage is enough.
_MOST = {"exchanged_numbers": 2, "exchanged_names": 2}
# Kinds that few passages have material for: where not all statements are wanted, these are kept first.
_SCARCE = ("exchanged_numbers", "exchanged_names", "answer_sentence", "no_answer", "paraphrase", "reordered")


@dataclass(frozen=True)
class Statement:
    """A statement, the question that it is to answer, the passage that decides (`context`), and its truth.

    `truth` is whether the statement is acceptable: the passage says it, and it answers the question.
    """

    document_id: str
    kind: str
    context: str
    question: str
    statement: str
    truth: bool


def construct(passages: Sequence[Passage], seed: int, kinds: Collection[str] = KINDS, most: int | None = None) -> list[Statement]:
    """Construct at most one statement of each kind for each passage, and at most two of an exchange.

    A passage gives none of a kind that it has no material for: no two numbers, no other document to borrow from.

    Args:
        passages: what statements are made from; those of other documents serve as donors.
        seed: another seed draws other sentences, names and numbers.
        kinds: members of `KINDS`.
        most: statements of a passage, at most: those of scarce kinds, and of the others as many as are left, drawn; None: all.

    Returns:
        The statements, in the order of the passages and then of `KINDS`; no statement occurs twice for a passage and a question.
    """
    donors = Donors(passages, seed)
    made: dict[tuple[str, str, str], Statement] = {}
    for passage in passages:
        own: dict[tuple[str, str, str], Statement] = {}
        for kind in KINDS:
            if kind not in kinds:
                continue
            draft = Draft(passage, f"{seed}|{kind}|{passage.document_id}|{passage.text}", donors)
            for statement, question in islice(_MAKERS[kind](draft), _MOST.get(kind, 1)):
                asked = question or f"What is {subject_of(passage.title)}?"
                key = (passage.text, asked, statement)
                own.setdefault(key, Statement(passage.document_id, kind, passage.text, asked, statement, kind in TRUE_KINDS))
        drawn = sorted(own, key=lambda key: (own[key].kind not in _SCARCE, hash_of(f"{seed}|drawn|{own[key].kind}|{key}")))[:most]
        made |= {key: own[key] for key in own if key in drawn and key not in made}
    return list(made.values())


def _of(texts: Callable[[Draft], Iterable[str]]) -> Callable[[Draft], Iterator[Made]]:
    """A maker of statements that any question about the passage's subject fits."""
    return lambda draft: (Made(text) for text in texts(draft))


def _circular(draft: Draft) -> list[str]:
    title, text = draft.passage.title, draft.passage.text
    explained = [made for sentence in draft.sentences for made in hollow.circular(sentence, title, text)]
    defined = [made for sentence in draft.sentences for made in hollow.tautologies(sentence, title, text)]
    return [made for made in [*draft.shuffle(explained), *draft.shuffle(defined)] if made not in text]


def _empty_openings(draft: Draft) -> list[str]:
    made = [opening for sentence in draft.sentences for opening in hollow.empty_openings(sentence, draft.passage.text)]
    return draft.shuffle([opening for opening in made if opening not in draft.passage.text])


def _asked(draft: Draft) -> list[tuple[str, questions.Asked]]:
    """The sentences of the passage with the questions that they answer, shuffled."""
    passage = draft.passage
    made = [
        (sentence, asked)
        for sentence in statable_sentences(passage.text)
        for asked in questions.questions(sentence, passage.title, passage.text)
    ]
    return draft.shuffle(made)


def _answer_sentences(draft: Draft) -> Iterator[Made]:
    for sentence, asked in _asked(draft):
        yield Made(sentence, asked.question)


def _no_answers(draft: Draft) -> Iterator[Made]:
    for sentence, asked in _asked(draft):
        for other in draft.sentences:
            if other != sentence and not questions.answers(other, asked):
                yield Made(other, asked.question)


_MAKERS: dict[str, Callable[[Draft], Iterator[Made]]] = {
    "sentence": _of(lambda draft: draft.sentences),
    "two_sentences": _of(copies.two_sentences),
    "shortened": _of(copies.shortened),
    "reordered": _of(lambda draft: draft.reworded(reorder)),
    "renamed_subject": _of(lambda draft: draft.renamed()),
    "fragment": _of(copies.fragment),
    "paraphrase": _of(lambda draft: draft.reworded(paraphrase)),
    "answer_sentence": _answer_sentences,
    "replaced_number": _of(lambda draft: borrowed.replaced(draft, numbers)),
    "replaced_name": _of(lambda draft: borrowed.replaced(draft, names)),
    "exchanged_numbers": _of(exchanges.exchanged_numbers),
    "exchanged_names": _of(exchanges.exchanged_names),
    "other_document": _of(borrowed.other_document),
    "other_subject": _of(borrowed.other_subject),
    "other_fragment": _of(borrowed.other_fragment),
    "invented_clause": _of(borrowed.invented_clause),
    "invented_sentence": _of(borrowed.invented_sentence),
    "negated": _of(lambda draft: draft.reworded(negate)),
    "circular": _of(_circular),
    "empty_opening": _of(_empty_openings),
    "no_answer": _no_answers,
}
