"""What a student is trained on: α·CE on the class plus (1 - α)·T²·KL from the teacher's distribution over the levels.

Both terms read one distribution, and both are least for a student that copies its teacher: KL is 0 where the distributions are equal,
and CE falls to 0 where the scores are, as the slope grows.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from judge.errors import StudentError
from judge.tables.levels import LEVELS

if TYPE_CHECKING:
    from torch import Tensor


class Terms(NamedTuple):
    """The two terms of the objective, each a scalar in nats: the mean over the rows of a batch."""

    cross_entropy: "Tensor"
    divergence: "Tensor"

    def total(self, alpha: float) -> "Tensor":
        """α·CE + (1 - α)·T²·KL; α = 1 is plain fine-tuning, α = 0 pure distillation."""
        return alpha * self.cross_entropy + (1.0 - alpha) * self.divergence

    def floats(self) -> tuple[float, float]:
        """Both as numbers, cross entropy first."""
        return float(self.cross_entropy.detach()), float(self.divergence.detach())


class Sums:
    """The terms of the objective, summed over rows: cross-entropy and divergence, in nats."""

    def __init__(self) -> None:
        self._cross_entropy = self._divergence = 0.0
        self._rows = 0

    def add(self, cross_entropy: float, divergence: float, rows: int = 1) -> None:
        """Take in the mean terms of a batch of rows."""
        self._cross_entropy += cross_entropy * rows
        self._divergence += divergence * rows
        self._rows += rows

    def summed(self, sums: Callable[[Sequence[float]], list[float]], rows: int) -> "Sums":
        """What all processes have taken in of so many rows, where `sums` adds up over them."""
        everything = Sums()
        everything._cross_entropy, everything._divergence = sums([self._cross_entropy, self._divergence])
        everything._rows = rows
        return everything

    def means(self, side: str, alpha: float) -> dict[str, float]:
        """The means a row and their mixture, named `{side}_ce`, `{side}_kl` and `{side}_loss`; at least one row was taken in."""
        cross_entropy, divergence = self._cross_entropy / self._rows, self._divergence / self._rows
        return {
            f"{side}_ce": cross_entropy,
            f"{side}_kl": divergence,
            f"{side}_loss": alpha * cross_entropy + (1.0 - alpha) * divergence,
        }


def require_finite(validation_loss: float, epoch: int, advice: str) -> None:
    """Stop a training that diverges.

    Raises:
        StudentError: the loss is no finite number; `advice` says what to lower.
    """
    if not math.isfinite(validation_loss):
        raise StudentError(
            f"The validation loss is {validation_loss} after epoch {epoch}: the training diverges.\nNext: lower {advice}.",
        )


def terms(
    logits: "Tensor",
    teacher: "Tensor",
    acceptable: "Tensor",
    threshold: float,
    temperature: float,
    slope: "Tensor",
    weight: "Tensor | None" = None,
) -> Terms:
    """Both terms for a batch of rows that the teacher has judged.

    Args:
        logits: (rows, 11), the student's, one a level.
        teacher: (rows, 11), the teacher's probabilities; each row sums to 1, zeros are allowed.
        acceptable: (rows,), 1 where the class to be learnt is acceptable, 0 where it is not, NaN where there is none: such a row has
            no cross-entropy, and counts as a row nevertheless.
        threshold: the student holds an answer acceptable when the mean of its levels is strictly above it.
        temperature: T > 0, for both distributions of the divergence.
        slope: a scalar above 0: the student's probability of acceptable is the logistic function of slope * (mean - threshold), as in
            `levels.acceptable_probability`, with one slope for both sides.
        weight: (rows,), of each row in the means; None: all weigh the same.

    Returns:
        The cross entropy of the class, and T² times the divergence, so that its gradients keep their size
        whatever T is (Hinton, Vinyals and Dean 2015, section 2).
    """
    import torch

    scores = torch.softmax(logits, dim=1) @ torch.tensor(LEVELS, dtype=logits.dtype, device=logits.device)
    acceptable = acceptable.to(logits.dtype)
    share = torch.full_like(scores, 1.0 / len(scores)) if weight is None else weight / weight.sum()
    # A row without a class has no cross-entropy.
    share_with_class = share * ~torch.isnan(acceptable)
    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(
        slope * (scores - threshold), torch.nan_to_num(acceptable), weight=share_with_class, reduction="sum"
    )

    softened = soften(teacher, temperature)
    student = torch.log_softmax(logits / temperature, dim=1)
    # xlogy is 0 at 0, so a level that the teacher rules out adds nothing rather than NaN.
    divergence = share @ (torch.xlogy(softened, softened) - softened * student).sum(dim=1)
    return Terms(cross_entropy, temperature**2 * divergence)


def soften(probabilities: "Tensor", temperature: float) -> "Tensor":
    """Distributions at temperature T: p^(1/T), renormalised.

    This is the softmax of logits over T, for a teacher of whom only the probabilities are known; zeros stay zero.

    Args:
        probabilities: (rows, 11), each row with a sum above 0.
        temperature: T > 0.
    """
    import torch

    # By way of logarithms, so that a small T cannot turn a whole row into zeros.
    return torch.softmax(torch.log(probabilities) / temperature, dim=1)
