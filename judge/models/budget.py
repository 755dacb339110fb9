"""The budget: dollars that all runs with one cache may pay to hosted models together."""

from judge.errors import BudgetError
from judge.models.replies import ReplyStore


class Budget:
    """What may be paid, beside what the ledger of the cache says was paid; None as `budget_usd` is no limit."""

    def __init__(self, store: ReplyStore, budget_usd: float | None) -> None:
        self._store = store
        self._budget_usd = budget_usd
        self._spent_usd = 0.0
        self.refresh()

    @property
    def is_limited(self) -> bool:
        """Whether there is a limit at all."""
        return self._budget_usd is not None

    def refresh(self) -> None:
        """Read the ledger anew, into which other runs pay as well."""
        if self._budget_usd is not None:
            self._spent_usd = self._store.spent()

    def allows(self, usd: float) -> bool:
        """Whether `usd` more dollars stay within the budget; nothing to pay is always within."""
        return self._budget_usd is None or usd == 0.0 or self._spent_usd + usd <= self._budget_usd

    def require(self, usd: float, *, what: str, state: str, advice: str) -> None:
        """Stop before the budget is passed.

        Args:
            usd: dollars that may have to be paid, at most.
            what: what would cost them, as the beginning of a sentence.
            state: what was done and is kept, a sentence.
            advice: what to do next.

        Raises:
            BudgetError: the ledger and `usd` together pass the budget.
        """
        if not self.allows(usd):
            raise BudgetError(
                f"{what} may cost about {usd:.4f} dollars; {self._spent_usd:.4f} are spent of budget_usd={self._budget_usd}.\n"
                f"{state}\nNext: {advice}",
            )
