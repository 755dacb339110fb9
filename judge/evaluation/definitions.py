"""The figures: what each is called, what sort it is, which way is better and what the best value is, stated once."""

from typing import Literal, NamedTuple

Better = Literal["higher", "lower", "nearest 0"]
Scale = Literal["difference", "signed", "correlation", "rank_correlation", "agreement", "rate", "auroc", "auroc_of_kind", "error", "root"]
"""What sort of figure it is, for its interval: a difference of two judges, a signed gap, a correlation of scores or of ranks in [-1, 1],
another agreement that is at most 1, a share in [0, 1], an AUROC, an AUROC of few rows, an error of 0 and more, the root of a square
that is estimated without bias."""


class Definition(NamedTuple):
    """What a figure is called, what the reader has to know of it, what sort of figure it is, and its best value: the nearer the better."""

    label: str
    meaning: str
    scale: Scale
    best: float = 1.0

    @property
    def better(self) -> Better:
        """Which way is better."""
        return "nearest 0" if self.scale == "signed" else "higher" if self.best else "lower"

    @property
    def lower_is_better(self) -> bool:
        """Whether the lower of two figures is better: not so for a signed one, which is best at 0."""
        return self.better == "lower"


# The most important first: tables are printed in this order.
FIGURES: dict[str, Definition] = {
    "pearson": Definition("Pearson's r", "correlation of the scores", "correlation"),
    "spearman": Definition("Spearman's rho", "correlation of their ranks", "rank_correlation"),
    "kendall": Definition("Kendall's tau-b", "pairs in the teacher's order, less those the other way round", "rank_correlation"),
    "mae": Definition("Mean absolute error", "of the scores, 0 to 1; lower is better", "error", best=0.0),
    "kappa": Definition("Cohen's kappa", "agreement on the class beyond chance", "agreement"),
    "accuracy": Definition("Accuracy", "share of answers given the teacher's class", "rate"),
    "f1": Definition("F1", "of the class acceptable", "agreement"),
    "f1_unacceptable": Definition("F1, unacceptable", "of the class unacceptable", "agreement"),
    "mcc": Definition("Matthews' correlation", "of the two classes", "agreement"),
    "true_positive_rate": Definition("True-positive rate", "share of the teacher's acceptable answers that the judge accepts", "rate"),
    "true_negative_rate": Definition("True-negative rate", "share of the teacher's unacceptable answers that the judge rejects", "rate"),
    "auroc": Definition("AUROC", "chance that an answer acceptable to the teacher outscores one that is not", "auroc"),
    "brier": Definition("Brier score", "of the probability of acceptable; lower is better", "error", best=0.0),
    "ece": Definition(
        "Calibration error",
        "typical gap between that probability and the share acceptable, without bias; lower is better",
        "root",
        best=0.0,
    ),
    "calibration": Definition(
        "Calibration in the large", "mean of it less the share acceptable; above 0 is too lenient", "signed", best=0.0
    ),
}
# The figure that a run is judged by; the same of the baseline, and the difference, stand beside it.
PRIMARY = "pearson"
BY_GENERATOR = ("pearson", "spearman", "mae", "kappa", "auroc")
AGAINST_PEOPLE = (
    "kappa",
    "accuracy",
    "f1",
    "f1_unacceptable",
    "mcc",
    "true_positive_rate",
    "true_negative_rate",
    "auroc",
    "brier",
    "ece",
)
SYSTEMS = "systems"
"""The judge of the figures of systems: the shares of their answers that people accept, as the judge, people and both together say."""
