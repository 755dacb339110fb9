"""The one check of a budget."""

import pytest

from judge.errors import BudgetError
from judge.models.budget import Budget
from judge.models.replies import ReplyStore

pytestmark = pytest.mark.usefixtures("workspace")

WORDS = {"what": "The next request", "state": "3 replies are kept.", "advice": "raise budget_usd in params.yaml."}


def test_the_ledger_and_what_is_asked_for_may_reach_the_budget_and_not_pass_it() -> None:
    """With 0.75 of 1 dollar spent, 0.25 is allowed and 0.26 is not."""
    store = ReplyStore()
    store.pay(0.75)
    budget = Budget(store, 1.0)
    budget.require(0.25, **WORDS)
    assert [True, False] == [budget.allows(0.25), budget.allows(0.26)]
    with pytest.raises(BudgetError) as error:
        budget.require(0.26, **WORDS)
    assert str(error.value) == (
        "The next request may cost about 0.2600 dollars; 0.7500 are spent of budget_usd=1.0.\n"
        "3 replies are kept.\nNext: raise budget_usd in params.yaml."
    )
    store.close()


def test_what_other_runs_pay_counts_once_the_ledger_is_read_anew() -> None:
    """Another store on the same file pays; `refresh` sees it."""
    store, other = ReplyStore(), ReplyStore()
    budget = Budget(store, 1.0)
    other.pay(0.9)
    assert budget.allows(0.5)
    budget.refresh()
    assert not budget.allows(0.5)
    store.close()
    other.close()


def test_what_costs_nothing_is_allowed_even_beyond_the_budget() -> None:
    """A server without prices goes on with a budget that others have used up."""
    store = ReplyStore()
    store.pay(2.0)
    assert Budget(store, 1.0).allows(0.0)
    store.close()


def test_no_budget_is_no_limit() -> None:
    """None allows everything."""
    store = ReplyStore()
    store.pay(1e9)
    Budget(store, None).require(1e9, **WORDS)
    store.close()
