"""Altered answers: what each kind makes of a statement, and why its truth stays."""

import pytest

from judge.probes.perturbations import PAIRED, Base, broken_off

PASSAGE = (
    "Lima is the capital of Peru, which lies on the Pacific coast. "
    "The city was founded in 1535 by Francisco Pizarro. "
    "Trade grew quickly along rivers and roads."
)
TRUE = Base("The city was founded in 1535 by Francisco Pizarro.", truth=True, question="What is Lima?", passage=PASSAGE)
FALSE = TRUE._replace(answer="Lima is the capital of Chile, which lies on the Pacific coast.", truth=False)
FIRST, SECOND, THIRD = PASSAGE.replace(". ", ".\n").split("\n")


@pytest.mark.parametrize("kind", sorted(set(PAIRED) - {"look_alikes", "paraphrased", "truncated", "merged"}))
@pytest.mark.parametrize("base", [TRUE, FALSE], ids=["true", "false"])
def test_the_whole_answer_stands_in_what_is_put_around_it(kind: str, base: Base) -> None:
    """Nothing of it is changed, so what it says is still said."""
    made = PAIRED[kind](base, "key")
    assert made is not None
    assert base.answer in made
    assert made != base.answer


def test_a_verbose_answer_stands_between_two_other_sentences_of_the_passage() -> None:
    """All that is added is true; a sentence that says much the same as the answer is not added."""
    assert {FIRST, THIRD} == set(str(PAIRED["verbose"](TRUE, "key")).split(f" {TRUE.answer} "))
    assert {SECOND, THIRD} == set(str(PAIRED["verbose"](FALSE, "key")).split(f" {FALSE.answer} "))
    assert PAIRED["verbose"](TRUE._replace(passage=f"{FIRST} {SECOND}"), "key") is None


def test_two_facts_are_merged_into_one_sentence() -> None:
    """Both are whole; the second loses the capital that only its place gave it, unless it is a name's."""
    first = TRUE._replace(passage=f"{FIRST} {SECOND}")
    second = TRUE._replace(answer=THIRD, passage=f"{SECOND} {THIRD}")
    assert f"{SECOND[:-1]}, and {FIRST}" == PAIRED["merged"](first, "key")
    assert f"{THIRD[:-1]}, and the city was founded in 1535 by Francisco Pizarro." == PAIRED["merged"](second, "key")
    assert PAIRED["merged"](TRUE._replace(passage=SECOND), "key") is None


def test_the_pasted_passage_comes_before_the_answer() -> None:
    """A false answer stays false after all that is true."""
    assert f"{PASSAGE}\n{FALSE.answer}" == PAIRED["passage_pasted"](FALSE, "key")
    assert f"What is Lima? {TRUE.answer}" == PAIRED["question_repeated"](TRUE, "key")


def test_a_true_answer_is_cut_where_a_whole_statement_ends() -> None:
    """Before its last clause, without a full stop; of a false one the cut might take what is false."""
    assert PAIRED["truncated"](TRUE._replace(answer=FIRST), "key") == "Lima is the capital of Peru"
    assert PAIRED["truncated"](TRUE, "key") is None
    assert PAIRED["truncated"](FALSE, "key") is None


def test_look_alikes_change_letters_and_no_look() -> None:
    """Seven letters become Cyrillic ones, and the rest stays."""
    made = PAIRED["look_alikes"](TRUE, "key")
    assert made is not None
    back = str.maketrans("\u0430\u0441\u0435\u043e\u0440\u0445\u0443", "aceopxy")
    assert (True, TRUE.answer) == (made != TRUE.answer, made.translate(back))


def test_a_paraphrase_is_one_of_the_rules_that_keep_a_sentence_true() -> None:
    """None where no rule fits."""
    known = "Lima was founded in 1535 and is known for its often foggy coast."
    assert PAIRED["paraphrased"](TRUE._replace(answer=known), "key") not in (None, known)
    assert PAIRED["paraphrased"](TRUE._replace(answer="Lima lies there."), "key") is None


def test_a_beginning_breaks_off_before_anything_is_said() -> None:
    """After "is the" and the like; a sentence of another form has no such beginning."""
    assert broken_off(PASSAGE) == ["Lima is the"]
    assert broken_off(SECOND) == []
