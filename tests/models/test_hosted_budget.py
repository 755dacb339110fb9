"""The budget of hosted models, while several requests are under way."""

import pytest

from judge.errors import BudgetError
from judge.models import chat
from judge.models.folders import cache_folder
from judge.models.replies import ReplyStore
from tests.models.hosted_model import ask, bodies_of, model_at, texts_of
from tests.openai_server import Json, OpenAIServer, Scripted, last_user_text

pytestmark = pytest.mark.usefixtures("workspace")


# The budget: every reply is five tokens at 0.1 dollars, and may be ten.

_FIVE = "a b c d e"


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_the_budget_stops_before_the_call_that_could_pass_it(concurrency: int) -> None:
    """Half a dollar each, a dollar at most: with 2 dollars the fourth is not asked, however many are under way at a time."""
    with OpenAIServer(respond=lambda _: Scripted([_FIVE])) as server:
        model = model_at(server, concurrency=concurrency)
        with pytest.raises(BudgetError, match=r"1\.0000 dollars; 1\.5000 are spent of budget_usd=2\.0"):
            ask(model, *"abcdefgh", budget_usd=2.0)
        assert len(server.requests) == 3
        assert sum(reply is not None for reply in chat.kept(model, bodies_of(model, *"abcdefgh"))) == 3


def test_a_higher_budget_goes_on(server: OpenAIServer) -> None:
    """What was paid for is kept, and only the rest is asked."""
    server.respond = lambda _: Scripted([_FIVE])
    with pytest.raises(BudgetError):
        ask(model_at(server), *"abcdefgh", budget_usd=2.0)
    server.reset()
    replies = ask(model_at(server), *"abcdefgh", budget_usd=5.0)
    assert texts_of(replies) == [_FIVE] * 8
    assert len(server.requests) == 5


def test_what_is_kept_needs_no_budget(server: OpenAIServer) -> None:
    """With nothing to ask, a budget that is spent stops nothing."""
    ask(model_at(server), "a")
    assert texts_of(ask(model_at(server), "a", budget_usd=0.0)) == ["a"]


def test_a_model_without_a_price_needs_no_budget(server: OpenAIServer) -> None:
    """A server of one's own costs nothing."""
    assert texts_of(ask(model_at(server, usd_per_million_completion_tokens=0.0), "a", budget_usd=0.0)) == ["a"]


def test_the_budget_sees_what_another_run_pays_meanwhile(server: OpenAIServer) -> None:
    """Both pay into one ledger: here the other one pays a dollar beside the first request."""
    folder = cache_folder().resolve()

    def respond(body: Json) -> Scripted:
        if last_user_text(body) == "a":
            other = ReplyStore(folder / "replies.sqlite")
            other.pay(1.0)
            other.close()
        return Scripted([_FIVE])

    server.respond = respond
    with pytest.raises(BudgetError, match=r"1\.5000 are spent"):
        ask(model_at(server, concurrency=1), *"abcdefgh", budget_usd=2.0)
    assert len(server.requests) == 1
