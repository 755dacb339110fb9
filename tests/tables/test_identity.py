"""Content hashes: the same everywhere, and choices that no neighbour disturbs."""

import pytest

from judge.tables.identity import content_id, digest, shuffled, unit_hash


def test_an_id_is_the_beginning_of_the_digest() -> None:
    """16 hexadecimal digits of a SHA-256 that anybody can compute again."""
    assert content_id("a", 1) == digest("a", 1)[:16] == "839e11a421d370be"


def test_parts_do_not_run_into_each_other() -> None:
    """The parts ab and c are not a and bc."""
    assert content_id("ab", "c") != content_id("a", "bc")


def test_an_added_item_moves_no_others_past_each_other() -> None:
    """The order of the old ones is what it was."""
    names = [f"item {number}" for number in range(50)]
    after = shuffled([*names, "new"], 17)
    assert shuffled(names, 17) == [name for name in after if name != "new"]


def test_another_salt_shuffles_anew() -> None:
    """The same items in another order, and none lost."""
    names = [f"item {number}" for number in range(50)]
    one, other = shuffled(names, 1), shuffled(names, 2)
    assert one != other
    assert sorted(one) == sorted(other) == sorted(names)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_hashes_are_uniform(share: float) -> None:
    """Of 10,000 texts that share lies below it, within three standard deviations (1.5 points at the most)."""
    numbers = [unit_hash("salt", number) for number in range(10_000)]
    assert all(0.0 <= number < 1.0 for number in numbers)
    assert sum(number < share for number in numbers) / 10_000 == pytest.approx(share, abs=0.015)
