"""The distribution behind a score's tokens, against figures computed by hand."""

import math
from collections.abc import Sequence
from typing import Any

import pytest

from judge.models import score_tokens
from judge.models.choices import Token


def tokens(*chances: dict[str, float]) -> list[Token]:
    """A reply whose sampled tokens are the first ones of these alternatives, each with its probability."""
    return [Token(next(iter(one)), math.log(next(iter(one.values()))), {text: math.log(p) for text, p in one.items()}) for one in chances]


def levels(**masses: float) -> Any:
    """Eleven probabilities of which these are not 0: l7 is the level 0.7."""
    return pytest.approx([masses.get(f"l{level}", 0.0) for level in range(11)], abs=1e-12)


SURE: dict[str, float] = {"Score": 1.0}
COLON: dict[str, float] = {": ": 1.0}
END: dict[str, float] = {"\n": 1.0}


def distribution(*chances: dict[str, float], scale: tuple[float, float] = (0.0, 1.0)) -> Sequence[float] | None:
    """The distribution of "Score: " and these tokens."""
    return score_tokens.distribution(tokens(SURE, COLON, *chances), *scale)


def test_a_score_of_three_tokens_is_weighted_along_its_path() -> None:
    """0.7, 0.6 and 0.8 at 0.9 times 0.5, 0.3, 0.2, and 1 at 0.1 by its own first token: these sum to 1 as they are."""
    got = distribution({"0": 0.9, "1": 0.1}, {".": 1.0}, {"7": 0.5, "6": 0.3, "8": 0.2}, END)
    assert levels(l7=0.45, l6=0.27, l8=0.18, l10=0.1) == got


def test_a_zero_whose_digits_are_unknown_is_not_the_level_zero() -> None:
    """Where 1.0 was sampled, the 0 beside the 1 is most of 0.1 to 0.9, and says nothing of which."""
    assert levels(l10=1.0) == distribution({"1": 0.6, "0": 0.4}, {".": 1.0}, {"0": 1.0}, END)


def test_a_zero_that_ends_there_is_the_level_zero() -> None:
    """A 0 and then a line's end at 0.8 times 0.25, against 0.7 at 0.8 times 0.75."""
    assert levels(l0=0.25, l7=0.75) == distribution({"0": 0.8}, {".": 0.75, "\n": 0.25}, {"7": 1.0}, END)


def test_a_number_that_a_word_follows_is_no_score() -> None:
    """0 and, 0 out of, 0/10: none of them is the level 0; the token that ends a reply is no word."""
    assert levels(l7=1.0) == distribution({"0": 1.0}, {".": 0.6, " and": 0.2, " out": 0.1, "/": 0.1}, {"7": 1.0}, END)
    assert levels(l7=0.5, l0=0.5) == distribution({"0": 1.0}, {".": 0.4, "<|im_end|>": 0.2, "</s>": 0.2, " and": 0.2}, {"7": 1.0}, END)


def test_what_cannot_be_used_at_a_token_takes_nothing_from_the_tokens_before() -> None:
    """A fifth of what follows the 0 is no score: 0.7 still has the half that its 0 has, and the 1 the other half."""
    assert levels(l7=0.5, l10=0.5) == distribution({"0": 0.5, "1": 0.5}, {".": 0.8, " and": 0.2}, {"7": 1.0}, END)


def test_a_sampled_one_is_complete_when_its_next_token_ends_it() -> None:
    """1 and a line's end; the 0 beside it is the beginning of something else."""
    assert levels(l10=1.0) == distribution({"1": 0.7, "0": 0.3}, END)


def test_a_score_in_one_token_is_weighted_by_its_alternatives() -> None:
    """0.7, 0.8 and 1.0 as single tokens; the bare 0 and the word are left out and the rest scaled from 0.8 to 1."""
    got = distribution({"0.7": 0.4, "0.8": 0.2, "1.0": 0.2, "0": 0.1, "high": 0.1}, END)
    assert levels(l7=0.5, l8=0.25, l10=0.25) == got


def test_a_leading_space_belongs_to_no_number() -> None:
    """A space and a digit in one token, after a bare colon."""
    got = score_tokens.distribution(tokens(SURE, {":": 1.0}, {" 0": 0.5, " 1": 0.5}, {".7": 0.5, ".8": 0.5}, END), 0, 1)
    assert levels(l7=0.25, l8=0.25, l10=0.5) == got


def test_a_score_without_a_digit_before_the_point_is_read() -> None:
    """.7 as a point and a digit; the 0 beside the point is unfinished."""
    assert levels(l7=0.75, l6=0.25) == distribution({".": 0.5, "0": 0.5}, {"7": 0.75, "6": 0.25}, END)


def test_the_digits_of_a_score_may_come_with_what_follows() -> None:
    """A 7 with the line's end in its token ends the number; the 8 is of the same form."""
    assert levels(l7=0.5, l8=0.5) == distribution({"0": 1.0}, {".": 1.0}, {"7\n": 0.5, "8": 0.5})


def test_a_reply_that_ends_with_its_number_is_complete() -> None:
    """No token follows, so the sampled path counts as it is."""
    assert levels(l7=0.6, l9=0.4) == distribution({"0": 1.0}, {".": 1.0}, {"7": 0.6, "9": 0.4})


def test_more_digits_than_the_levels_have_are_shared_between_neighbours() -> None:
    """0.75 in two tokens of one digit: 0.7 at 0.25 by its end, 0.75 at 0.75, half of it to each neighbour."""
    assert levels(l7=0.625, l8=0.375) == distribution({"0": 1.0}, {".": 1.0}, {"7": 1.0}, {"5": 0.75, "\n": 0.25}, END)


def test_a_digit_beside_two_sampled_ones_is_unfinished_unless_digits_merge() -> None:
    """0.8? beside 0.75 is not known to end; where 75 is one token, 8 is 0.8."""
    assert levels(l7=0.5, l8=0.5) == distribution({"0": 1.0}, {".": 1.0}, {"7": 0.5, "8": 0.5}, {"5": 1.0}, END)
    assert levels(l7=0.25, l8=0.75) == distribution({"0": 1.0}, {".": 1.0}, {"75": 0.5, "8": 0.5}, END)


def test_a_second_decimal_that_might_have_followed_counts() -> None:
    """0.7 and a line's end at 0.8, 0.75 at 0.2."""
    assert levels(l7=0.9, l8=0.1) == distribution({"0.7": 1.0}, {"\n": 0.8, "5": 0.2})


def test_grades_of_ten_are_single_tokens() -> None:
    """Where 10 is a token, 1 is a grade of its own; 7 of 10 is the level 0.7."""
    got = distribution({"7": 0.5, "8": 0.2, "10": 0.2, "1": 0.1}, END, scale=(0, 10))
    assert levels(l7=0.5, l8=0.2, l10=0.2, l1=0.1) == got


def test_a_one_that_may_be_the_beginning_of_ten_is_left_out() -> None:
    """Where digits come one by one, the 1 beside a sampled 7 may be 10; the 0 and the 8 may not go on."""
    assert levels(l7=0.5, l8=0.3, l0=0.2) == distribution({"7": 0.4, "8": 0.24, "0": 0.16, "1": 0.2}, END, scale=(0, 10))


def test_a_sampled_one_is_parted_from_ten_by_the_next_token() -> None:
    """1 at 0.8 times 0.25, 10 at 0.8 times 0.75, whichever of them was sampled."""
    assert levels(l1=0.25, l10=0.75) == distribution({"1": 0.8}, {"0": 0.75, "\n": 0.25}, END, scale=(0, 10))
    assert levels(l1=0.25, l10=0.75) == distribution({"1": 0.8}, {"\n": 0.25, "0": 0.75}, scale=(0, 10))


def test_grades_from_one_to_five_are_mapped_and_shared() -> None:
    """4 is 0.75, between two levels; 5 is 1; 9 and 0 are no grades."""
    assert levels(l7=0.25, l8=0.25, l10=0.5) == distribution({"4": 0.4, "5": 0.4, "9": 0.1, "0": 0.1}, END, scale=(1, 5))


def test_a_sampled_decimal_grade_leaves_whole_ones_open() -> None:
    """4.5 was sampled, so the 3 beside the 4 may be 3.5; 4 itself ends at 0.2."""
    got = distribution({"4": 0.5, "3": 0.5}, {".": 0.8, "\n": 0.2}, {"5": 0.5, "0": 0.5}, END, scale=(1, 5))
    # 4 at 0.2 + 0.4 and 4.5 at 0.4: 0.75 and 0.875 of the levels.
    assert levels(l7=0.3, l8=0.3 + 0.4 * 0.25, l9=0.4 * 0.75) == got


def test_a_denominator_is_the_scale_of_the_alternatives() -> None:
    """8/10 on a scale of 1: 7 beside 8 is 0.7."""
    assert levels(l8=0.75, l7=0.25) == distribution({"8": 0.75, "7": 0.25}, {"/": 1.0}, {"10": 1.0}, END)


def test_only_the_last_verdict_is_weighed() -> None:
    """The alternatives of an earlier score, and of numbers in the rationale, play no part."""
    reply = [{"0.2": 0.5, "0.3": 0.5}, {"\nScore: ": 1.0}, {"0.9": 0.75, "0.8": 0.25}]
    assert levels(l9=0.75, l8=0.25) == distribution(*reply)


def test_tokens_that_are_halves_of_a_character_do_not_move_the_score() -> None:
    """A server writes such a token as an escape, longer than the character: the score is looked for in the tokens."""
    reply = tokens({"\\xe2\\x82": 1.0}, {"\\xac": 1.0}, {"\nScore: ": 1.0}, {"0.9": 0.75, "0.8": 0.25})
    assert levels(l9=0.75, l8=0.25) == score_tokens.distribution(reply, 0, 1)


@pytest.mark.parametrize("text", ["no grade at all", "Score: 7"])
def test_tokens_without_a_verdict_have_no_distribution(text: str) -> None:
    """None, so that the reply's own words decide what is wrong."""
    assert score_tokens.distribution(tokens({text: 1.0}), 0, 1) is None


def test_a_sampled_token_without_mass_has_no_distribution() -> None:
    """A server's -9999 is a probability of 0, and so is all that follows it."""
    assert score_tokens.distribution([Token("Score: 0.7", -9999.0, {"Score: 0.7": -9999.0})], 0, 1) is None
