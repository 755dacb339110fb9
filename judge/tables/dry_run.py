"""A run that asks nothing: what it would ask, and what that would cost."""

from contextvars import ContextVar

# Set by a dry run: what asks a model then counts what it would ask, and raises `Planned` instead of asking.
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
