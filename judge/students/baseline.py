"""The simple judges that a student has to beat: a logistic model of a few plain features, fitted on the student's own training rows.

Whoever doubts a student asks what word overlap, cosine, length or the majority class would have given; these say it.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError, computed_field

from judge.errors import TableError
from judge.models.encoders import EncoderSettings
from judge.probes import overlap
from judge.students.evidence import narrowed
from judge.students.options import Evidence
from judge.students.student import with_probability
from judge.tables import atomic
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment, Slopes, interpolate

BASELINES_JSON = Path("data/baselines.json")

Array = npt.NDArray[np.float64]

COSINE, CONTAINS = "cosine", "contains"
FEATURES: dict[str, tuple[str, ...]] = {
    "overlap": (*overlap.FEATURES, "overlap_score"),
    "overlap-statements": (*overlap.FEATURES, "overlap_score"),
    COSINE: (COSINE,),
    "length": ("length",),
    "majority": (),
    CONTAINS: (CONTAINS,),
}
"""The baselines and what each reads. `overlap-statements` also learns from the statements of known truth, as the student may;
`cosine` needs an encoder, `contains` a reference answer."""


class Fitted(BaseModel):
    """A baseline as it was fitted: the logistic function of standardised features is its score.

    `slopes` are those of its probability of acceptable (`levels.acceptable_probability`); `pearson` is its correlation with the teacher's
    scores on training answers of documents that a fit had left out, None without variance.
    """

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    slopes: Slopes
    pearson: float | None

    def scores(self, measured: Array) -> list[float]:
        """The score, in [0, 1], of each row of measured features (items, features)."""
        standard = (measured - np.array(self.centers)) / np.array(self.scales)
        logits = standard @ np.array(self.coefficients) + self.intercept
        return [float(score) for score in 0.5 + 0.5 * np.tanh(0.5 * logits)]


class Baselines(BaseModel):
    """All baselines of a run by name, what they are held against, and the strongest of them."""

    model_config = ConfigDict(frozen=True)

    evidence: Evidence
    threshold: float
    encoder: EncoderSettings | None
    fitted: dict[str, Fitted]

    @computed_field  # type: ignore[prop-decorator] # mypy knows no decorator on top of property
    @property
    def best(self) -> str:
        """The one that agrees best with the teacher, by Pearson's r, on training answers that its fit had left out.

        So it is chosen on other rows than it is reported on; the first in the order of `FEATURES` where two are equal.
        """
        return max(self.fitted, key=lambda name: (self.fitted[name].pearson or 0.0, -list(FEATURES).index(name)))

    @property
    def strongest(self) -> "Baselines":
        """The strongest baseline alone: most need no encoder."""
        return self.model_copy(update={"fitted": {self.best: self.fitted[self.best]}})

    def judge(self, items: Sequence[Item]) -> dict[str, list[Judgment]]:
        """Each baseline's judgments of answers, in order; an answer without a letter or digit gets no verdict.

        Raises:
            StudentError: an item lacks the evidence that the student is held against.
            PinError, ModelError: the encoder cannot be loaded.
        """
        worded = [item for item in items if has_words(item.answer)]
        if not worded:
            return {name: [Judgment(None, reason="no_verdict")] * len(items) for name in self.fitted}
        measured = measure(worded, self.evidence, {feature for one in self.fitted.values() for feature in one.features}, self.encoder)
        judged = {}
        for name, one in self.fitted.items():
            given = iter(judgments(one.scores(columns(measured, one.features, len(worded))), one.slopes, self.threshold))
            judged[name] = [next(given) if has_words(item.answer) else Judgment(None, reason="no_verdict") for item in items]
        return judged


def judgments(scores: Sequence[float], slopes: Slopes, threshold: float) -> list[Judgment]:
    """The judgments of a judge that gives one number: each score, in [0, 1], is shared by the two levels next to it."""
    return [with_probability(interpolate(score), threshold, slopes) for score in scores]


def columns(measured: Mapping[str, Array], features: Sequence[str], items: int) -> Array:
    """Some measured features side by side: (items, features)."""
    return np.stack([measured[name] for name in features], axis=1) if features else np.zeros((items, 0))


def measure(items: Sequence[Item], evidence: Evidence, features: Collection[str], encoder: EncoderSettings | None) -> dict[str, Array]:
    """Features of answers that have words, each (items,).

    Args:
        items: what is measured.
        evidence: which of an item's texts the answer is held against.
        features: the names that are wanted; cosine only where there is an encoder.
        encoder: of the cosine.

    Raises:
        StudentError: an item lacks that evidence.
        PinError, ModelError: the encoder cannot be loaded.
    """
    read = [narrowed(item, evidence) for item in items]
    rows = [
        # What the question gave the answer, it has not invented: the same evidence as the teacher's own overlap features.
        overlap.measure(item.answer or "", f"{item.context}\n{item.question}")
        | {
            "overlap_score": overlap.overlap_score(item.question, item.answer or "", item.context or ""),
            CONTAINS: float(any(contains(item.answer or "", reference) for reference in original.references)),
        }
        for item, original in zip(read, items, strict=True)
    ]
    measured = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in features if name != COSINE}
    if COSINE in features and encoder is not None:
        measured[COSINE] = cosines(read, encoder)
    return measured


def contains(answer: str, reference: str) -> bool:
    """Whether the words of a reference answer stand in the answer, next to each other and in order; inflection does not matter."""
    wanted, said = overlap.words(reference), overlap.words(answer)
    return bool(wanted) and any(said[start : start + len(wanted)] == wanted for start in range(len(said) - len(wanted) + 1))


def cosines(items: Sequence[Item], encoder: EncoderSettings) -> Array:
    """The cosine of the mean-pooled embeddings of answer and evidence of narrowed items: (items,)."""
    from judge.models import encoders
    from judge.models.text_reader import TextReader

    texts = [text or "" for item in items for text in (item.answer, item.context)]
    means = [tokens.mean for tokens in TextReader(encoders.load(encoder)).read_each(texts)]
    return np.array([answer @ evidence for answer, evidence in zip(means[::2], means[1::2], strict=True)], dtype=np.float64)


def write(baselines: Baselines, path: Path = BASELINES_JSON) -> None:
    """Keep what was fitted, in full precision."""
    atomic.write_text(path, baselines.model_dump_json(indent=1) + "\n")


def read(path: Path = BASELINES_JSON) -> Baselines:
    """What `write` kept.

    Raises:
        TableError: the file is missing or cannot be used.
    """
    try:
        return Baselines.model_validate_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{path} is missing.\nNext: `dvc repro fit` makes it.") from None
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise TableError(f"{path} holds no baselines: {where}: {fault['msg']}.\nNext: `dvc repro fit` makes it again.") from None
