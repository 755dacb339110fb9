"""What asking a hosted model took: calls, tokens, dollars; and the plan of a run that asks nothing yet."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    """Calls, tokens as the server counted them, and dollars at the prices of the option file.

    It is what the replies cost when they were first given, whether this run paid for them or the cache had them.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.usd + other.usd,
        )


def total(usages: Iterable[Usage | None]) -> Usage | None:
    """The sum of what there is; None where there is nothing, as with models that run here."""
    found = [usage for usage in usages if usage is not None]
    return sum(found, Usage()) if found else None


# Set by a dry run: the doors then count what they would ask, and raise `Planned` instead of asking.
DRY_RUN: ContextVar[bool] = ContextVar("dry_run", default=False)


class Planned(Exception):  # noqa: N818 - no fault: the answer of a dry run, on its way to the command line
    """What a run would ask now: `requests` in all, those `cached`, and for the others tokens and dollars at most.

    `usd` is None for a model that runs here.
    """

    def __init__(
        self, what: str, requests: int, cached: int, prompt_tokens: int = 0, completion_tokens: int = 0, usd: float | None = None
    ) -> None:
        super().__init__(what)
        self.what = what
        self.requests = requests
        self.cached = cached
        self.prompt_tokens = prompt_tokens
        self.completion_tokens = completion_tokens
        self.usd = usd

    def __str__(self) -> str:
        lines = [f"{self.what}: {self.requests} requests, {self.cached} of them answered before, {self.requests - self.cached} to ask"]
        if self.usd is None:
            lines.append("they run on this machine: 0 dollars")
        else:
            lines.append(f"tokens: about {self.prompt_tokens:,} of prompts, at most {self.completion_tokens:,} of replies")
            lines.append(f"dollars: at most {self.usd:.4f}")
        return "\n".join(lines)
