"""Statements that say nothing."""

from judge.probes.hollow import circular, empty_openings, inside, tautologies

CITY = "Aldmoor is the capital of Wessland."


def test_a_circle_explains_a_name_by_itself() -> None:
    """The owner is what it owns, or the subject stands where what is said of it stood."""
    made = list(circular(CITY, "Aldmoor", CITY))
    assert {"The capital of Wessland is Wessland.", "Wessland is the capital of Wessland.", "Aldmoor is the capital of Aldmoor."} == set(
        made
    )


def test_a_name_in_apposition_makes_no_circle() -> None:
    """The island of Cyprus is Cyprus indeed."""
    assert [] == list(circular("It lies on the island of Cyprus.", "Town", "It lies on the island of Cyprus."))


def test_a_definition_is_defined_by_itself() -> None:
    """In several forms, so that none gives the kind away."""
    text = "A lawn mower is a machine that cuts grass."
    made = list(tautologies(text, "Lawn mower", text))
    assert "A lawn mower is a lawn mower." in made
    assert 4 == len(set(made))
    assert [] == list(tautologies("Grass is cut by it.", "Lawn mower", text))


def test_an_opening_ends_with_a_colon_before_what_it_opens() -> None:
    """Lists, definitions and counted things, each cut before anything is said."""
    text = "The court consists of nine judges and four clerks."
    made = set(empty_openings(text, text))
    assert {"The court consists of:", "The court consists of the following:", "The nine judges are:", "Here are the four clerks:"} <= made
    assert all(opening.endswith(":") for opening in made)


def test_what_is_said_before_the_verb_is_no_empty_opening() -> None:
    """A head with a clause of its own says something already."""
    assert [] == list(empty_openings("The king, who ruled the Isles, founded it there.", ""))


def test_a_name_keeps_its_capital_within_a_sentence() -> None:
    """Other words lose it, by the passage's own spelling where it has them."""
    assert "the canal" == inside("The canal", "")
    assert "Corda Canal" == inside("Corda Canal", "")
    assert "rhetoric" == inside("Rhetoric", "The art of rhetoric is old.")
    assert "Gothic art" == inside("Gothic art", "Late Gothic art is old.")
