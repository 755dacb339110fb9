"""Verdict copies: how many of each, and that training on them is training on the objective."""

import random

import pytest
import torch

from judge.distillation.verdict_copies import counts, target
from judge.tables.levels import LEVELS, interpolate, mean, nearest


def distributions(count: int) -> list[tuple[float, ...]]:
    """Distributions of a teacher: some certain, some spread, some with zeros."""
    generator = random.Random(5)
    drawn = [nearest(0.3), interpolate(0.85), tuple([1 / 11] * 11)]
    while len(drawn) < count:
        masses = [generator.random() ** 4 * (generator.random() > 0.3) + 1e-9 for _ in LEVELS]
        drawn.append(tuple(mass / sum(masses) for mass in masses))
    return drawn


def objective_gradient(logits: torch.Tensor, levels: tuple[float, ...], alpha: float) -> torch.Tensor:
    """The gradient of α·CE of the reported level + (1 - α)·KL at T = 1, by torch, by the 11 logits."""
    student = torch.log_softmax(logits, dim=0)
    teacher = torch.tensor(levels, dtype=torch.float64)
    cross_entropy = -(student @ torch.tensor(nearest(mean(levels)), dtype=torch.float64))
    divergence = (torch.xlogy(teacher, teacher) - teacher * student).sum()
    (gradient,) = torch.autograd.grad(alpha * cross_entropy + (1 - alpha) * divergence, logits)
    return gradient


def copies_gradient(logits: torch.Tensor, carried: tuple[int, ...]) -> torch.Tensor:
    """The gradient of the mean cross-entropy over copies that carry hard verdicts."""
    verdicts = torch.tensor([level for level, count in enumerate(carried) for _ in range(count)])
    loss = torch.nn.functional.cross_entropy(logits.expand(len(verdicts), -1), verdicts)
    (gradient,) = torch.autograd.grad(loss, logits)
    return gradient


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("copies", [1, 4, 7, 100])
def test_the_copies_have_the_gradient_of_the_objective_up_to_rounding(alpha: float, copies: int) -> None:
    """For each level the two gradients differ by less than 1 / copies."""
    torch.manual_seed(2)
    for index, levels in enumerate(distributions(20)):
        logits = torch.randn(11, dtype=torch.float64, requires_grad=True)
        carried = counts(levels, mean(levels), alpha, copies, 17, f"row {index}")
        off = (copies_gradient(logits, carried) - objective_gradient(logits, levels, alpha)).abs().max()
        assert float(off) < 1 / copies


def test_over_seeds_the_gradients_are_the_same() -> None:
    """The mean over 4,000 seeds of 3 copies' gradient comes as near as their scatter allows: 0.02."""
    levels, alpha = interpolate(0.37), 0.4
    logits = torch.linspace(-1, 1, 11, dtype=torch.float64, requires_grad=True)
    carried = torch.tensor([counts(levels, 0.37, alpha, 3, seed, "row") for seed in range(4000)], dtype=torch.float64)
    expected = objective_gradient(logits, levels, alpha)
    gradient = torch.softmax(logits.detach(), dim=0) - carried.mean(dim=0) / 3
    assert expected.tolist() == pytest.approx(gradient.tolist(), abs=0.02)


@pytest.mark.parametrize("copies", [1, 3, 10, 64])
@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_counts_are_rounded_and_sum_to_the_copies(copies: int, alpha: float) -> None:
    """No count is off by one whole copy, and none is lost or added."""
    for index, levels in enumerate(distributions(50)):
        carried = counts(levels, mean(levels), alpha, copies, index)
        assert sum(carried) == copies
        wanted = target(levels, mean(levels), alpha)
        assert max(abs(count - copies * share) for count, share in zip(carried, wanted, strict=True)) < 1


def test_alpha_one_carries_the_reported_level_alone() -> None:
    """The nearest level to the score, whatever the distribution; a tie goes where `levels.nearest` puts it."""
    uniform = tuple([1 / 11] * 11)
    assert (0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0) == counts(uniform, 0.44, 1.0, 8, "row")
    assert tuple(4 * mass for mass in nearest(0.25)) == counts(uniform, 0.25, 1.0, 4, "row")


def test_alpha_zero_carries_whole_counts_exactly() -> None:
    """A distribution that copies can render is rendered without chance."""
    levels = (0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert {(0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 0)} == {counts(levels, 0.4, 0.0, 10, seed, "row") for seed in range(200)}


def test_the_same_seed_and_row_give_the_same_counts_and_others_do_not() -> None:
    """The draw depends on the salt alone."""
    levels = tuple([1 / 11] * 11)
    assert counts(levels, 0.5, 0.5, 4, 17, "a") == counts(levels, 0.5, 0.5, 4, 17, "a")
    assert len({counts(levels, 0.5, 0.5, 4, 17, name) for name in "abcdefgh"}) > 1
