"""What the hosted models cost, in all and a stage."""

from judge.tables import usage
from judge.tables.usage import Usage, total


def test_the_sums_are_those_of_the_stages() -> None:
    """The total comes first and is the sum; a stage whose models run here counts as zeros."""
    figures = usage.sums({"answer": Usage(2, 100, 10, 0.5), "score": Usage(3, 200, 20, 0.25), "predict": None})
    assert list(figures)[:4] == ["total.usd", "total.calls", "total.prompt_tokens", "total.completion_tokens"]
    assert (0.75, 5, 300, 30) == tuple(figures[f"total.{name}"] for name in ("usd", "calls", "prompt_tokens", "completion_tokens"))
    assert (0.25, 3, 0) == (figures["score.usd"], figures["score.calls"], figures["predict.calls"])


def test_the_sum_of_nothing_is_nothing() -> None:
    """Models that run here have no usage, and neither has their sum."""
    assert total([None, None]) is None
    assert total([None, Usage(1, 2, 3, 4.0)]) == Usage(1, 2, 3, 4.0)
