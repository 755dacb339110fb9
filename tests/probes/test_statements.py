"""Statements with known truth: what each kind changes, what it leaves alone, and what it must never do."""

import re
from collections import Counter

import pytest

from judge.probes import statements
from judge.probes.donors import Passage
from judge.probes.overlap import words
from judge.probes.statements import CALIBRATED_KINDS, FALSE_KINDS, KINDS, QUESTION_KINDS, TRUE_KINDS, Statement, construct

BERLIN = Passage(
    "berlin",
    "Ada Brandt",
    "Ada Brandt was a chemist who moved from Lisbon in 1924 and joined the Curie Institute of Warsaw in 1931. "
    "She was awarded the Nobel Prize in Vienna with 12 students, which surprised her family. "
    "In the following years, she directed a laboratory of 85 people.",
)
CANAL = Passage(
    "canal",
    "Corda Canal (waterway)",
    "Corda Canal is a waterway in Peru that was opened in 1877 by Queen Isabel, making trade with Chile far cheaper. "
    "It was widened in 1902 for 430 larger ships. "
    "The canal is 64 kilometres long.",
)
BIRD = Passage(
    "bird",
    "Marsh tern",
    "Marsh tern is a small bird that breeds in Norway and winters near Lake Chad, where it feeds on 17 kinds of insects. "
    "Its eggs were first described by Linnaeus in 1758.",
)
CITY = Passage(
    "city",
    "Aldmoor",
    "Aldmoor is the capital of Wessland. "
    "It is located in the north, approximately 40 kilometres from Port Vane, and is known for its seven bridges. "
    "The town was founded in 1204 by Duke Osric.",
)
CORPUS = (BERLIN, CANAL, BIRD, CITY)


def _of_kind(kind: str, passages: tuple[Passage, ...] = CORPUS, seed: int = 0) -> list[Statement]:
    return construct(passages, seed, [kind])


def test_every_kind_is_constructed_from_a_corpus_that_has_material_for_it() -> None:
    """A few passages with names, numbers and clauses give statements of every kind."""
    assert set(KINDS) == {statement.kind for statement in construct(CORPUS, 0)}


def test_truth_follows_from_the_kind() -> None:
    """A statement is true exactly when its kind is one of the true ones."""
    assert all(statement.truth == (statement.kind in TRUE_KINDS) for statement in construct(CORPUS, 0))


@pytest.mark.parametrize("seed", range(5))
def test_no_false_statement_stands_in_its_passage(seed: int) -> None:
    """Whatever is replaced, exchanged or added, the result is nothing that the passage says word for word; only `no_answer` copies."""
    false = [statement for statement in construct(CORPUS, seed) if not statement.truth and statement.kind != "no_answer"]
    assert false
    assert [] == [statement.statement for statement in false if statement.statement in statement.context]


def test_a_true_sentence_stands_in_its_passage() -> None:
    """The kind "sentence" copies."""
    assert all(statement.statement in statement.context for statement in _of_kind("sentence"))


@pytest.mark.parametrize("kind", ["exchanged_names", "exchanged_numbers"])
def test_an_exchange_has_no_word_that_the_passage_lacks(kind: str) -> None:
    """Word overlap is blind to an exchange."""
    for statement in _of_kind(kind):
        own = set(words(statement.statement)) - {"it", "ada", "brandt", "she"}
        assert own <= set(words(statement.context))


def test_an_exchange_puts_each_of_two_numbers_where_the_other_stood() -> None:
    """In a sentence with two years each stands where the other stood."""
    passage = Passage("a", "Ada", "Ada moved from Lisbon in 1924 and joined the institute in 1931.")
    (statement,) = _of_kind("exchanged_numbers", (passage,))
    assert statement.statement == "Ada moved from Lisbon in 1931 and joined the institute in 1924."


@pytest.mark.parametrize(
    "text",
    [
        "The rivers that cross it are the Rhine, the Danube and the Elbe.",
        "It lies somewhere between Norway and Finland.",
        "The town, which locals know as Aberdale, also known as Morvich, is old.",
    ],
)
def test_members_of_a_list_or_a_pair_are_not_exchanged(text: str) -> None:
    """Exchanging what stands in a list, in a symmetric relation or for the same thing would leave the sentence true."""
    assert _of_kind("exchanged_names", (Passage("a", "Land", text),)) == []


def test_a_replaced_number_is_one_that_the_passage_does_not_have() -> None:
    """The new number comes from elsewhere, spelled out or in digits."""
    spelled = Passage("s", "Choir", "The choir has four voices and it sings in the old town hall.")
    other = Passage("o", "Band", "The band has 4 members, four guitars and nine songs in all.")
    (statement,) = [s for s in _of_kind("replaced_number", (spelled, other)) if s.document_id == "s"]
    assert statement.statement == "The choir has nine voices and it sings in the old town hall."


def test_a_replaced_name_shares_no_beginning_with_the_passage() -> None:
    """A name that is only another form of one in the passage, German for Germany, is never its replacement."""
    own = Passage("a", "Reform", "The reform was decided in Germany after a long debate.")
    other = Passage("b", "War", "The treaty was signed in German Bavaria and later in France.")
    (statement,) = [s for s in _of_kind("replaced_name", (own, other)) if s.document_id == "a"]
    assert statement.statement == "The reform was decided in France after a long debate."


def test_other_subject_says_of_this_title_what_another_document_says_of_its_own() -> None:
    """The title stands without its brackets."""
    (statement,) = [s for s in _of_kind("other_subject") if s.document_id == "canal"]
    assert re.match(r"Corda Canal (was a chemist|is a small bird)", statement.statement)


def test_an_invented_clause_is_real_text_of_another_document() -> None:
    """The clause comes from the other article's own words, so no list of phrases can give it away."""
    (statement,) = [s for s in _of_kind("invented_clause", (BERLIN, CANAL)) if s.document_id == "berlin"]
    assert statement.statement.endswith(", making trade with Chile far cheaper.")


def test_a_passage_alone_gives_only_what_needs_no_donor() -> None:
    """Without other documents nothing is replaced from elsewhere."""
    borrowing = {kind for kind in KINDS if kind.startswith(("replaced", "other", "invented"))}
    assert {s.kind for s in construct([passage for passage in CORPUS if passage is not BERLIN][:1], 0)} & borrowing == set()
    assert {s.kind for s in construct([BERLIN], 0)} >= {"sentence", "shortened", "exchanged_names", "exchanged_numbers", "negated"}


def test_passages_of_one_document_do_not_lend_to_each_other() -> None:
    """A sentence of another passage of the same document might well be true of this one."""
    parts = [Passage("one", "Bird", BIRD.text), Passage("one", "Canal", CANAL.text)]
    assert construct(parts, 0, ["other_document", "invented_sentence", "replaced_name"]) == []


def test_the_same_seed_gives_the_same_statements() -> None:
    """Construction depends on nothing but its arguments."""
    assert construct(CORPUS, 3) == construct(CORPUS, 3)


def test_another_seed_gives_other_statements() -> None:
    """The seed reaches the choices."""
    assert construct(CORPUS, 3) != construct(CORPUS, 4)


def test_a_new_document_leaves_what_borrows_nothing_as_it_was() -> None:
    """Choices hang on the passage itself, not on how many there are."""
    own = [kind for kind in KINDS if not kind.startswith(("replaced", "other", "invented"))]
    assert construct(CORPUS[:2], 0, own) == construct(CORPUS, 0, own)[: len(construct(CORPUS[:2], 0, own))]


def test_a_new_document_changes_few_of_the_statements_that_borrow() -> None:
    """Of 40 documents' borrowed sentences a 41st changes a handful at most."""
    passages = [Passage(f"d{n}", f"Thing {n}", f"Thing {n} is the object that was found in place number {n}.") for n in range(41)]
    before = construct(passages[:40], 0, ["other_document"])
    after = construct(passages, 0, ["other_document"])[:40]
    assert sum(one != other for one, other in zip(before, after, strict=True)) <= 10


def test_no_statement_occurs_twice_for_a_passage_and_a_question() -> None:
    """A passage of one sentence is not stated once more under another kind, unless something else is asked."""
    keys = [(statement.context, statement.question, statement.statement) for statement in construct(CORPUS, 0)]
    assert len(keys) == len(set(keys))


def test_a_passage_gives_one_statement_of_a_kind_and_two_of_an_exchange() -> None:
    """Exchanges are rare, so a passage may give two."""
    counts = Counter((statement.document_id, statement.kind) for statement in construct(CORPUS, 0))
    assert {kind for (_, kind), count in counts.items() if count > 1} <= {"exchanged_names", "exchanged_numbers"}
    assert max(counts.values()) == 2


def test_of_a_passage_as_many_are_drawn_as_are_wanted() -> None:
    """The scarce kinds first, in the order of all; the kinds of the others differ from passage to passage."""
    every = construct(CORPUS, 7)
    drawn = construct(CORPUS, 7, most=8)
    assert drawn == [one for one in every if one in drawn]
    of = {context: [one.kind for one in drawn if one.context == context] for context in {one.context for one in every}}
    assert {min(8, sum(one.context == context for one in every)) for context in of} == {len(kinds) for kinds in of.values()}
    for context, kinds in of.items():
        scarce = [one.kind for one in every if one.context == context and one.kind in statements._SCARCE]
        assert set(scarce) <= set(kinds) or set(kinds) <= set(scarce)
    assert len({tuple(kinds) for kinds in of.values()}) > 1


def test_only_the_kinds_about_the_question_ask_their_own() -> None:
    """Every other statement is asked for by the passage's subject."""
    for statement in construct(CORPUS, 0):
        is_general = statement.question in {f"What is {title}?" for title in ("Ada Brandt", "Corda Canal", "Marsh tern", "Aldmoor")}
        assert is_general == (statement.kind not in QUESTION_KINDS)


def test_what_does_not_answer_is_said_by_the_passage() -> None:
    """Support alone cannot tell it from an answer: both are sentences of the passage."""
    made = _of_kind("no_answer") + _of_kind("answer_sentence")
    assert {True, False} == {statement.truth for statement in made}
    assert all(statement.statement in statement.context for statement in made)


def test_a_teacher_is_calibrated_on_kinds_that_likelihoods_can_tell() -> None:
    """All but those about the question, those that say nothing, and those in other words, which measure it."""
    apart = {"no_answer", "answer_sentence", "circular", "empty_opening", "paraphrase", "negated"}
    assert set(CALIBRATED_KINDS) == set(KINDS) - apart


def test_kinds_are_either_true_or_false() -> None:
    """The two lists share nothing."""
    assert not set(TRUE_KINDS) & set(FALSE_KINDS)
