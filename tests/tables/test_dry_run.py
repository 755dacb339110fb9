"""What a dry run says: requests, those answered before, tokens and dollars."""

from judge.tables.dry_run import DRY_RUN, Planned


def test_a_plan_of_a_hosted_model_tells_requests_tokens_and_dollars() -> None:
    """What is cached costs nothing; the rest is counted."""
    plan = str(Planned("answers", 10, 4, prompt_tokens=12345, completion_tokens=600, usd=0.125))
    assert "answers: 10 requests, 4 of them answered before, 6 to ask" in plan
    assert "about 12,345 of prompts, at most 600 of replies" in plan
    assert "at most 0.1250" in plan


def test_a_plan_of_a_model_that_runs_here_costs_nothing() -> None:
    """It says so, rather than to show 0 tokens."""
    plan = str(Planned("judgments", 3, 0))
    assert "they run on this machine: 0 dollars" in plan
    assert "tokens" not in plan


def test_nothing_is_a_dry_run_unless_it_is_asked_for() -> None:
    """A run asks and writes by default."""
    assert DRY_RUN.get() is False
