"""Contenders take turns, and their ratio is that of each turn."""

from bench import turns
from bench.turns import Contender, Ratio


def test_every_second_turn_is_in_the_other_order() -> None:
    """What is prepared does not count, and comes right before the work."""
    seen: list[str] = []

    def contender(name: str) -> Contender:
        def prepare(turn: int) -> turns.Work:
            seen.append(f"prepare {name} {turn}")
            return lambda: seen.append(f"{name} {turn}")

        return Contender(name, 1, prepare)

    seconds = turns.take([contender("ours"), contender("peer")], 2, "test")
    assert [each for each in seen if "prepare" not in each] == ["ours 0", "peer 0", "peer 1", "ours 1"]
    assert seen[::2] == [f"prepare {each}" for each in seen[1::2]]
    assert {name: len(taken) for name, taken in seconds.items()} == {"ours": 2, "peer": 2}


def test_a_ratio_is_of_the_turns() -> None:
    """Its median is not that of the rates: both stood beside each other in a turn."""
    assert turns.ratio([10.0, 30.0, 20.0], [5.0, 10.0, 20.0]) == Ratio(2.0, 1.0, 3.0)


def test_a_rate_counts_the_rows_of_a_turn() -> None:
    """Six rows in two seconds are three a second."""
    assert turns.rates(Contender("ours", 6, lambda _: lambda: None), {"ours": [2.0, 3.0]}) == [3.0, 2.0]
