"""What documents lend each other."""

import pytest

from judge.probes.donors import Donors, Passage, buckets, hash_of
from judge.probes.mentions import Mention, names

CANAL = Passage("canal", "Corda Canal", "Corda Canal was dug in Peru by Queen Isabel, making trade with Chile far cheaper.")
BIRD = Passage("bird", "Marsh tern", "Marsh tern is a bird that breeds in Norway.")


def test_a_document_is_lent_only_what_is_of_another() -> None:
    """Its own sentence is passed over, whatever the key."""
    donors = Donors([CANAL, BIRD], 0)
    assert {BIRD.text} == {donors.lend(str(key), "canal", ["sentence"], lambda _: False) for key in range(20)}


def test_what_is_unfit_is_passed_over() -> None:
    """Where nothing fit is left there is nothing to lend."""
    donors = Donors([CANAL, BIRD], 0)
    assert donors.lend("key", "canal", ["sentence"], lambda text: "Norway" in text) is None
    assert donors.lend("key", "canal", ["no such bucket"], lambda _: False) is None


def test_the_first_bucket_that_has_something_lends() -> None:
    """Those after it are for need only."""
    donors = Donors([CANAL, BIRD], 0)
    assert donors.lend("key", "bird", ["no such bucket", "clause", "sentence"], lambda _: False) == ", making trade with Chile far cheaper"


def test_a_predicate_is_what_a_sentence_says_of_its_title() -> None:
    """The title itself is left out."""
    assert Donors([CANAL, BIRD], 0).lend("key", "canal", ["predicate"], lambda _: False) == " is a bird that breeds in Norway."


def test_a_mention_is_like_those_after_the_same_preposition_first() -> None:
    """Of its sort it is in any case."""
    (mention,) = names("It breeds in Norway.")
    assert ["plain after in", "plain"] == buckets("It breeds in Norway.", mention)
    assert ["year"] == buckets("1924", Mention(0, 4, "1924", "year"))


@pytest.mark.parametrize("text", ["", "a", "Ü"])
def test_a_hash_is_a_number_of_64_bits_that_stays(text: str) -> None:
    """Python's own hash of a text differs from run to run."""
    assert 0 <= hash_of(text) < 2**64
    assert hash_of("a") == 0xCA978112CA1BBDCA
