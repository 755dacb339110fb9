"""What the hosted models behind the tables cost: calls, tokens and dollars, a stage and in all."""

from collections.abc import Mapping

from judge.metrics import Metrics
from judge.usage import Usage


def sums(stages: Mapping[str, Usage | None]) -> Metrics:
    """The figures of metrics/cost.json: the sum first, then each stage; zeros for a stage whose models run here.

    Args:
        stages: what each stage's replies took, whether this run paid for them or the cache had them.
    """
    total = sum((usage for usage in stages.values() if usage is not None), Usage())
    return {
        f"{name}.{figure}": getattr(usage or Usage(), figure)
        for name, usage in {"total": total, **stages}.items()
        for figure in ("usd", "calls", "prompt_tokens", "completion_tokens")
    }
