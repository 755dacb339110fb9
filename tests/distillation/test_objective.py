"""The objective, against a plain reference in numpy and at its edges."""

import math

import numpy as np
import pytest
import torch

from judge.distillation import objective
from judge.distillation.objective import Sums, Terms, require_finite, soften
from judge.errors import StudentError
from judge.tables.levels import LEVELS, interpolate, nearest

LEVEL_COUNT = len(LEVELS)
SLOPE = 20.0


def plain_terms(
    logits: np.ndarray,
    teacher: np.ndarray,
    acceptable: np.ndarray,
    threshold: float,
    temperature: float,
    slope: float = SLOPE,
) -> tuple[float, float]:
    """The formulas of DESIGN.md, row by row and without regard for numerical stability."""
    cross_entropies, divergences = [], []
    for row, target, is_acceptable in zip(logits, teacher, acceptable, strict=True):
        probabilities = np.exp(row) / np.exp(row).sum()
        score = sum(p * level for p, level in zip(probabilities, LEVELS, strict=True))
        chance = 1 / (1 + math.exp(-slope * (score - threshold)))
        cross_entropies.append(-math.log(chance if is_acceptable else 1.0 - chance))
        student = np.exp(row / temperature) / np.exp(row / temperature).sum()
        softened = target ** (1 / temperature) / (target ** (1 / temperature)).sum()
        divergences.append(sum(q * math.log(q / s) for q, s in zip(softened, student, strict=True) if q > 0))
    return float(np.mean(cross_entropies)), float(temperature**2 * np.mean(divergences))


def rows(count: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random logits, teacher distributions with a zero each, and classes of both kinds."""
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(count, LEVEL_COUNT)) * 2
    teacher = generator.random((count, LEVEL_COUNT))
    teacher[:, 4] = 0.0
    return logits, teacher / teacher.sum(axis=1, keepdims=True), np.arange(count) % 2 == 0


def terms(
    logits: torch.Tensor, teacher: torch.Tensor, acceptable: torch.Tensor, threshold: float, temperature: float, slope: float = SLOPE
) -> Terms:
    """The terms at a slope."""
    return objective.terms(logits, teacher, acceptable, threshold, temperature, torch.tensor(slope))


def as_tensors(logits: np.ndarray, teacher: np.ndarray, acceptable: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The same in double precision, with gradients for the logits."""
    return torch.tensor(logits, requires_grad=True), torch.tensor(teacher), torch.tensor(acceptable)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("threshold", [0.0, 0.55, 0.8])
def test_both_terms_equal_the_plain_formulas(temperature: float, threshold: float) -> None:
    """Cross entropy and T²·KL are those of the formulas, at any temperature and threshold."""
    logits, teacher, acceptable = rows()
    reached = terms(*as_tensors(logits, teacher, acceptable), threshold, temperature)
    expected = plain_terms(logits, teacher, acceptable, threshold, temperature)
    assert expected == pytest.approx([float(term.detach()) for term in reached], rel=1e-9)


def test_alpha_weighs_the_two_terms() -> None:
    """The total at α = 0.25 is a quarter of the cross entropy and three quarters of the divergence."""
    total = Terms(torch.tensor(2.0), torch.tensor(4.0)).total(0.25)
    assert float(total) == pytest.approx(0.25 * 2.0 + 0.75 * 4.0)


def test_alpha_one_ignores_the_distribution() -> None:
    """At α = 1 two teachers of the same class give the same loss."""
    logits, teacher, acceptable = as_tensors(*rows())
    other = teacher.flip(1)
    totals = [terms(logits, q, acceptable, 0.8, 2.0).total(1.0) for q in (teacher, other)]
    assert torch.equal(totals[0], totals[1])


def test_alpha_zero_ignores_the_class() -> None:
    """At α = 0 the class, and so the threshold, changes nothing."""
    logits, teacher, acceptable = as_tensors(*rows())
    totals = [terms(logits, teacher, classes, 0.8, 2.0).total(0.0) for classes in (acceptable, ~acceptable)]
    assert torch.equal(totals[0], totals[1])


def test_divergence_is_zero_when_the_student_is_the_teacher() -> None:
    """A student that gives the teacher's own probabilities has no divergence at any temperature."""
    _, teacher, acceptable = rows()
    teacher = (teacher + 0.01) / (teacher + 0.01).sum(axis=1, keepdims=True)
    for temperature in (0.5, 1.0, 4.0):
        reached = terms(*as_tensors(np.log(teacher), teacher, acceptable), 0.8, temperature)
        assert float(reached.divergence.detach()) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_gradient_equals_finite_differences(alpha: float) -> None:
    """At T = 1 the gradient of the total is what small steps of each logit measure."""
    logits, teacher, acceptable = rows(2)
    tensors = as_tensors(logits, teacher, acceptable)
    terms(*tensors, 0.8, 1.0).total(alpha).backward()  # type: ignore[no-untyped-call]
    step = 1e-6
    for index in np.ndindex(logits.shape):
        moved = []
        for sign in (1, -1):
            nudged = logits.copy()
            nudged[index] += sign * step
            cross_entropy, divergence = plain_terms(nudged, teacher, acceptable, 0.8, 1.0)
            moved.append(alpha * cross_entropy + (1 - alpha) * divergence)
        assert tensors[0].grad is not None
        assert float(tensors[0].grad[index]) == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=1e-6)


def test_gradient_of_the_divergence_keeps_its_size_at_high_temperature() -> None:
    """T² undoes the shrinking: at T = 20 and at T = 40 the gradient is within a tenth the same."""
    sizes = []
    for temperature in (20.0, 40.0):
        logits, teacher, acceptable = as_tensors(*rows())
        # Without zeros: ruled out levels stay ruled out at any temperature.
        teacher = (teacher + 0.05) / (teacher + 0.05).sum(dim=1, keepdim=True)
        terms(logits, teacher, acceptable, 0.8, temperature).divergence.backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        sizes.append(float(logits.grad.norm()))
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_rows_weigh_what_they_are_given() -> None:
    """A row of weight 3 beside one of weight 1 counts as if it stood there three times."""
    logits, teacher, acceptable = as_tensors(*rows(2))
    thrice = [0, 0, 0, 1]
    weighed = objective.terms(logits, teacher, acceptable, 0.8, 1.0, torch.tensor(SLOPE), torch.tensor([3.0, 1.0], dtype=logits.dtype))
    repeated = terms(logits[thrice], teacher[thrice], acceptable[thrice], 0.8, 1.0)
    assert [float(term.detach()) for term in weighed] == pytest.approx([float(term.detach()) for term in repeated])


def test_a_row_without_a_class_has_its_divergence_alone() -> None:
    """NaN for the class of one of two rows halves the mean cross entropy that the other has, and leaves the divergence as it is."""
    logits, teacher, _ = as_tensors(*rows(2))
    both = terms(logits, teacher, torch.tensor([1.0, math.nan], dtype=logits.dtype), 0.8, 1.0)
    alone = terms(logits[:1], teacher[:1], torch.tensor([True]), 0.8, 1.0)
    as_one = terms(logits, teacher, torch.tensor([True, False]), 0.8, 1.0)
    assert float(both.cross_entropy.detach()) == pytest.approx(0.5 * float(alone.cross_entropy.detach()))
    assert torch.equal(both.divergence, as_one.divergence)


def test_one_hot_teacher_gives_the_cross_entropy_of_its_level() -> None:
    """For a teacher with one level the divergence at T = 1 is minus the student's log-probability of that level."""
    logits = torch.randn(1, LEVEL_COUNT, generator=torch.Generator().manual_seed(1))
    reached = terms(logits, torch.tensor([nearest(0.7)]), torch.tensor([False]), 0.8, 1.0)
    assert float(reached.divergence) == pytest.approx(-float(torch.log_softmax(logits, dim=1)[0, 7]), rel=1e-6)


def test_zero_mass_and_huge_logits_give_finite_loss_and_gradient() -> None:
    """Levels without mass and logits of ±1000 lead to no NaN and no infinity, for either class."""
    logits = torch.tensor([[1000.0, *[-1000.0] * 10], [*[-1000.0] * 10, 1000.0]], requires_grad=True)
    teacher = torch.tensor([interpolate(0.95), interpolate(0.0)])
    total = terms(logits, teacher, torch.tensor([True, False]), 0.8, 2.0).total(0.5)
    total.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(total)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_one_class_is_a_loss_like_any_other() -> None:
    """A batch in which all answers are of one class has a finite loss that falls as their scores move to that side."""
    teacher = torch.tensor([interpolate(0.95)] * 3)
    leaning = [torch.tensor([[*[0.0] * 10, lean]] * 3) for lean in (0.0, 3.0)]
    losses = [float(terms(logits, teacher, torch.tensor([True] * 3), 0.8, 1.0).cross_entropy) for logits in leaning]
    assert math.isfinite(losses[0])
    assert losses[1] < losses[0]


@pytest.mark.parametrize("alpha", [0.25, 0.5, 0.9])
def test_a_copy_of_the_teacher_is_where_both_terms_are_least(alpha: float) -> None:
    """With the slope free, minimising the objective over all distributions ends at the teacher's classes and near its distributions.

    A score of 0.82, a hundredth above the threshold, is the case in which a class by mass would pull the two terms apart.
    """
    teacher = torch.tensor([interpolate(score) for score in (0.05, 0.5, 0.78, 0.82, 0.97)], dtype=torch.float64)
    acceptable = torch.tensor([False, False, False, True, True])
    logits, slope = torch.zeros(5, LEVEL_COUNT, dtype=torch.float64, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.Adam([logits, slope], lr=0.05)
    for _ in range(3000):
        optimizer.zero_grad()
        reached = objective.terms(logits, teacher, acceptable, 0.8, 1.0, slope.exp())
        reached.total(alpha).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert float(reached.cross_entropy.detach()) < 0.02
    assert float(reached.divergence.detach()) < 0.02
    scores = torch.softmax(logits, dim=1) @ torch.tensor(LEVELS, dtype=torch.float64)
    assert ((scores > 0.8) == acceptable).all()


@pytest.mark.parametrize("temperature", [0.01, 1.0, 100.0])
def test_softening_keeps_zeros_and_sums_to_one(temperature: float) -> None:
    """Softened distributions sum to 1 at extreme temperatures, and a level that had no mass has none."""
    softened = soften(torch.tensor([interpolate(0.37), nearest(1.0)]), temperature)
    assert softened.sum(dim=1).tolist() == pytest.approx([1.0, 1.0])
    assert not softened[0, 5:].any()
    assert not softened[1, :10].any()


def test_sums_are_means_over_rows_whatever_the_batches() -> None:
    """A batch of three rows weighs three times one of a single row, and the loss is the mixture of the two means."""
    sums = Sums()
    sums.add(1.0, 10.0, rows=3)
    sums.add(5.0, 2.0)
    assert {"train_ce": 2.0, "train_kl": 8.0, "train_loss": 0.25 * 2.0 + 0.75 * 8.0} == sums.means("train", 0.25)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_training_that_diverges_is_stopped(loss: float) -> None:
    """The error tells the epoch, and what to lower."""
    with pytest.raises(StudentError, match=r"after epoch 3: the training diverges(.|\n)*lower the step"):
        require_finite(loss, 3, "the step")
    require_finite(1e30, 3, "the step")
