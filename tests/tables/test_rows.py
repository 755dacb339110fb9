"""Judgments and usage as columns of a table, and back."""

from judge import tables
from judge.tables.levels import Judgment, interpolate
from judge.tables.usage import Usage


def test_a_judgment_becomes_a_row_that_its_table_takes(workspace: object) -> None:
    """Distribution, mean and what it took, under the id of what was judged."""
    assert workspace
    judgment = Judgment(interpolate(0.25), rationale="Close.", usage=Usage(2, 30, 4, 0.5))
    (row,) = tables.judgment_rows(["a"], [judgment])
    assert ("a", list(interpolate(0.25)), judgment.score, None, "Close.") == tuple(
        row[name] for name in ("item_id", "levels", "score", "reason", "rationale")
    )
    assert (2, 30, 4, 0.5) == tuple(row[name] for name in ("calls", "prompt_tokens", "completion_tokens", "usd"))
    tables.write(tables.TEACHER_SCORES, [row])
    assert [row] == tables.read(tables.TEACHER_SCORES)


def test_a_failed_judgment_is_a_row_with_a_reason_and_no_score() -> None:
    """Never a 0, never dropped."""
    (row,) = tables.judgment_rows(["a"], [Judgment(None, reason="refused")])
    assert (None, None, "refused") == (row["levels"], row["score"], row["reason"])


def test_a_model_that_runs_here_leaves_the_columns_of_usage_empty() -> None:
    """Null and not 0: nobody was asked, so nothing was counted."""
    assert dict.fromkeys(("calls", "prompt_tokens", "completion_tokens", "usd")) == tables.calls(None)


def test_usage_is_summed_over_the_rows_that_have_any() -> None:
    """Rows of a model that runs here add nothing; where no row has any, there is no sum."""
    used = [tables.calls(Usage(1, 10, 2, 0.25)), tables.calls(None), tables.calls(Usage(2, 5, 1, 0.5))]
    assert Usage(3, 15, 3, 0.75) == tables.usage_of(used)
    assert tables.usage_of([tables.calls(None)]) is None
