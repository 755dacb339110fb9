"""What asking a hosted model took: calls, tokens, dollars; a row, a stage, and in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from judge.tables.metric_files import Metrics


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
    known = [usage for usage in usages if usage is not None]
    return sum(known, Usage()) if known else None


def sums(stages: Mapping[str, Usage | None]) -> Metrics:
    """The figures of metrics/cost.json: the sum first, then each stage; zeros for a stage whose models run here.

    Args:
        stages: what each stage's replies took, whether this run paid for them or the cache had them.
    """
    return {
        f"{name}.{figure}": getattr(usage or Usage(), figure)
        for name, usage in {"total": total(stages.values()), **stages}.items()
        for figure in ("usd", "calls", "prompt_tokens", "completion_tokens")
    }
