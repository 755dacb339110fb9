"""The share of a system's answers that people would accept, from many answers that the judge has judged and few that people have.

The judge's own share is off by as much as it errs. The labelled answers alone are right on average and few. Prediction-powered inference
(Angelopoulos, Bates, Fannjiang, Jordan and Zrnic, Science 382, 2023) takes the mean of the judge's probability of acceptable over all
answers, and adds what people say of the labelled ones less what the judge says of them; the judge counts by as much as it is worth
(Angelopoulos, Duchi and Zrnic, "PPI++", 2023): nothing at worst. With all answers labelled the result is the people's share.

What is estimated is the share among all answers that the system would give to questions like these, not among these answers alone.

The intervals are Wilson's, for the number of labels that would leave the same variance, by Student's quantile where chances differ.
For that variance two answers are added, one acceptable and one not: of ten answers that are all acceptable nobody knows that the next
ones are too. `bench/corrected.py` says how often these intervals hold the truth, and how often the plain ones do.
"""

import math
import warnings
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from judge.evaluation.bootstrap import FEWEST_CLUSTERS, PLACES, Array, Figure, Integers, Mask
from judge.evaluation.intervals import student_t, wilson


class Answers(NamedTuple):
    """Answers that the judge has judged; each field has a value for every answer.

    Attributes:
        probability: the judge's, that the answer is acceptable, in [0, 1].
        accepted: whether the judge accepts it.
        people: 1 where people do and 0 where they do not; NaN where nobody was asked.
        chance: that people were asked about it (`people.inclusion`), in (0, 1] for each that is labelled.
        document: a number for each document, from 0.
    """

    probability: Array
    accepted: Mask
    people: Array
    chance: Array
    document: Integers

    @property
    def labelled(self) -> Mask:
        """Where people have spoken: (answers,)."""
        return ~np.isnan(self.people)

    @property
    def weights(self) -> Array:
        """What each answer stands for among the labelled ones, 0 for the others; they add up to 1: (answers,)."""
        raw = np.where(self.labelled, 1 / np.where(self.labelled, self.chance, 1.0), 0.0)
        return np.asarray(raw / raw.sum())

    def of(self, rows: Mask) -> "Answers":
        """The answers that are marked in `rows` (answers,)."""
        return Answers(self.probability[rows], self.accepted[rows], self.people[rows], self.chance[rows], self.document[rows])


class Rate(NamedTuple):
    """An estimated share, in [0, 1], and how far it may be off.

    Attributes:
        value: the share.
        moved: by how much each answer moves the estimate, (answers,); they add up to about 0.
        size: how many labels drawn at random would leave this variance.
        freedom: the degrees of freedom of that variance; infinite where labels were drawn at random, as the added answers make up for it.
    """

    value: float
    moved: Array
    size: float
    freedom: float = math.inf

    def ends(self, confidence: float) -> tuple[float, float]:
        """Both ends of Wilson's interval."""
        normal = NormalDist().inv_cdf((1 + confidence) / 2)
        return wilson(self.value, self.size, normal if math.isinf(self.freedom) else student_t(confidence, self.freedom))


def prediction_powered(answers: Answers) -> Rate:
    """The share by the judge's probabilities, corrected by the labelled answers, of which there has to be one.

    The judge counts by the slope of the labels on its probabilities: where they are drawn at random this is the tuning of PPI++, which
    takes the answers that are not labelled for a sample of their own.
    """
    rows, weights = answers.labelled, answers.weights
    raw = _moments(answers, 0.0)
    slope = raw.slope
    # The library's, whose import would switch off every warning of the process.
    with warnings.catch_warnings():
        from ppi_py import ppi_mean_pointestimate
    value = ppi_mean_pointestimate(
        answers.people[rows], answers.probability[rows], answers.probability, lam=slope, w=answers.chance[rows] ** -1.0
    )
    rest = np.where(rows, answers.people, 0.0) - slope * answers.probability
    moved = slope * (answers.probability - answers.probability.mean()) / len(rows) + weights * (rest - weights @ rest)
    return _rate(float(value[0]), answers, moved, raw, predicts=True)


def labels_alone(answers: Answers) -> Rate:
    """The share among the labelled answers, each weighted by what it stands for (Hájek, 1971); there has to be one."""
    weights = answers.weights
    people = np.where(answers.labelled, answers.people, 0.0)
    value = float(weights @ people)
    return _rate(value, answers, weights * (people - value), _moments(answers, 0.0), predicts=False)


def figure(rate: Rate | None, answers: Answers, confidence: float) -> Figure:
    """A share with its interval, for the table of figures; without one where fewer than ten documents have a label."""
    if rate is None:
        return Figure(None, None, None, "undefined")
    value = round(rate.value, PLACES)
    if len(np.unique(answers.document[answers.labelled])) < FEWEST_CLUSTERS:
        return Figure(value, None, None, "few_documents")
    low, high = rate.ends(confidence)
    return Figure(value, round(low, PLACES), round(high, PLACES), None)


def difference(one: Rate, other: Rate, document_of_one: Integers, document_of_other: Integers, confidence: float) -> Figure:
    """How much larger one system's share is than another's, with its interval.

    Both answer questions of the same documents, so that what moves one share may move the other. The ends are put together from those of
    the two (Newcombe, Statistics in Medicine 17, 1998, 2635, method 10), whose correlation is that of how documents move them.

    Args:
        one: the share of the one.
        other: that of the other.
        document_of_one: the document of each of its answers, in the order of `one.moved`; numbers from 0, the same for both.
        document_of_other: the same of the other.
        confidence: such as 0.95.
    """
    size = 1 + int(max(document_of_one.max(), document_of_other.max()))
    ones, others = by_document(one.moved, document_of_one, size), by_document(other.moved, document_of_other, size)
    scale = float(np.sqrt((ones @ ones) * (others @ others)))
    correlation = float(ones @ others) / scale if scale > 0 else 0.0
    (low, high), (other_low, other_high) = one.ends(confidence), other.ends(confidence)
    value = one.value - other.value

    def reach(down: float, up: float) -> float:
        return float(np.sqrt(max(0.0, down**2 + up**2 - 2 * correlation * down * up)))

    below, above = reach(one.value - low, other_high - other.value), reach(high - one.value, other.value - other_low)
    return Figure(round(value, PLACES), round(value - below, PLACES), round(value + above, PLACES), None)


def labels_equivalent(corrected: Rate, alone: Rate, labelled: int) -> float:
    """How many labels alone would make the interval of the corrected share, where `labelled` were given; never fewer than these."""
    return max(float(labelled), labelled * corrected.size / alone.size)


def by_document(moved: Array, document: Integers, documents: int) -> Array:
    """How far each document moves an estimate: (documents,)."""
    return np.bincount(document, weights=moved, minlength=documents).astype(np.float64)


def design_effect(moved: Array, document: Integers, plain: float) -> float:
    """By how much chances that differ, and documents with several answers, change a variance.

    `plain` is the variance if all answers had the same chance and a document of their own. Answers about one document are never taken to
    tell more than as many about several.
    """
    alone = float(moved @ moved)
    # Where the labels are all alike there is nothing to compare but the last bits.
    if min(plain, alone) < 10.0**-PLACES:
        return 1.0
    together = by_document(moved, document, int(document.max()) + 1)
    return alone / plain * max(1.0, float(together @ together) / alone)


def effective(weights: Array) -> float:
    """How many answers of equal weight say as much as these (Kish, "Survey Sampling", 1965, section 11.7)."""
    return float(weights.sum() ** 2 / (weights @ weights))


class _Moments(NamedTuple):
    """What the variance of a share is made of; `size` labels say it.

    `share` is that of the labelled answers, `slope` that of the labels on the judge's probabilities, `estimate` the corrected share,
    `rest` the variance of a label less slope times probability, and `shared` its covariance with the probability.
    """

    size: float
    share: float
    slope: float
    estimate: float
    rest: float
    shared: float


def _moments(answers: Answers, added: float) -> _Moments:
    """The moments of the labelled answers, with `added` more acceptable ones, and as many that are not.

    The added ones have the judge's verdicts as often as all answers have, and the mean probability of their verdict.
    """
    rows = answers.labelled
    size = effective(answers.weights[rows])
    weights, people, probability = answers.weights[rows] * size, answers.people[rows], answers.probability[rows]
    for verdict in (True, False):
        of_verdict = answers.probability[answers.accepted == verdict]
        if added and len(of_verdict):
            weights = np.append(weights, [added * len(of_verdict) / len(rows)] * 2)
            people, probability = np.append(people, [1.0, 0.0]), np.append(probability, [of_verdict.mean()] * 2)
    weights = weights / weights.sum()
    share, middle = float(weights @ people), float(weights @ probability)
    varied, shared = float(weights @ (probability - middle) ** 2), float(weights @ ((people - share) * (probability - middle)))
    slope = max(0.0, shared / varied) if varied > 10.0**-PLACES else 0.0
    rest = share * (1 - share) - 2 * slope * shared + slope**2 * varied
    estimate = share + slope * (float(answers.probability.mean()) - middle)
    return _Moments(size, share, slope, estimate, max(0.0, rest), shared - slope * varied)


def _variance(moments: _Moments, answers: Answers, size: float, *, predicts: bool) -> float:
    """The variance of the share by simple random sampling of `size` labels; without predictions that of labels alone."""
    if not predicts:
        return moments.share * (1 - moments.share) / size
    common = moments.slope**2 * float(answers.probability.var()) + 2 * moments.slope * moments.shared
    return moments.rest / size + common / len(answers.people)


def _rate(value: float, answers: Answers, moved: Array, raw: _Moments, *, predicts: bool) -> Rate:
    """The share with its variance: that of the moments with two answers added, times the design effect of the real ones."""
    smoothed = _moments(answers, 1.0)
    design = design_effect(moved, answers.document, _variance(raw, answers, raw.size, predicts=predicts))
    # Each mean that was fitted costs a label.
    fitted = 2 if predicts else 1
    variance = design * _variance(smoothed, answers, max(1.0, raw.size - fitted), predicts=predicts)
    edge = 1 / (raw.size + 2)
    middle = min(1 - edge, max(edge, smoothed.estimate if predicts else smoothed.share))
    # Where chances differ, a few labels weigh much and the variance is less well known than two answers make up for.
    chance = answers.chance[answers.labelled]
    freedom = math.inf if np.ptp(chance) == 0 else max(1.0, raw.size - fitted)
    return Rate(min(1.0, max(0.0, value)), moved, middle * (1 - middle) / variance, freedom)
