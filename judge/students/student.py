"""The student judge, whatever it is made of: how it is asked, and what each kind has to say for itself.

Nothing here needs the stages, Hydra or DVC; torch and transformers load when a student does.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from judge.errors import StudentError
from judge.students import asked_rows, one_at_a_time, streams
from judge.students.options import StudentOption
from judge.tables.dry_run import Planned
from judge.tables.items import Item, Judge, has_words
from judge.tables.levels import ACCEPTABLE, Judgment, Slopes, acceptable_probability, classify, mean
from judge.tables.spans import Span


class CardTexts(NamedTuple):
    """What a kind of student says in its model card; each text is Markdown, without a line break at its end.

    Attributes:
        method: how it comes to its levels, as the rest of a sentence.
        model: what it is made of, in whole sentences.
        training: what it was trained on and for, in whole sentences.
        target: what the cross-entropy of its validation is of.
        divergence: what its validation calls the divergence from the teacher.
    """

    method: str
    model: str
    training: str
    target: str
    divergence: str


class Student(ABC):
    """A judge of answers that was distilled; a kind of student is a class below this one, in the registry.

    Attributes:
        FILES: what a complete folder of the kind holds, besides settings and model card.
        EXPLAINS: whether the kind can say which words of an answer found no support.
        option: what kind of student it is, and what evidence it needs.
        threshold: of the class; an answer is acceptable when its score is strictly above it.
        training: what it was trained on, how, and the figures of its validation, name to value.
        budget_usd: dollars that all runs with this cache may pay together, for a student that costs any; None is no limit.
        out_of_fold: by answer_id its judgments of training answers, each by the part of it that had not learnt from that answer's
            document; only training fills it, and only that of a kind that leaves documents out.
    """

    FILES: ClassVar[tuple[str, ...]]
    EXPLAINS: ClassVar[bool] = False

    def __init__(self, option: StudentOption, threshold: float, training: dict[str, Any]) -> None:
        self.option = option
        self.threshold = threshold
        self.training = training
        self.budget_usd: float | None = None
        self.out_of_fold: dict[str, Judgment] = {}

    @classmethod
    @abstractmethod
    def restore(cls, option: Any, threshold: float, training: dict[str, Any], model: dict[str, Any], folder: Path) -> Self:
        """The student of a folder that has all its `FILES`; `model` is what `describe` gave.

        Raises:
            StudentError: a file is cut off, or does not fit the settings.
            PinError, ModelError: a model that the folder does not hold cannot be loaded.
        """

    @abstractmethod
    def judge_items(self, items: Sequence[Item]) -> list[Judgment]:
        """As `judge`, for items alone."""

    def untuned(self) -> Judge | None:
        """The judge that it was before distillation; None for a kind that could not judge then."""
        return None

    def keep_passages(self, folder: Path) -> None:  # noqa: ARG002 - a kind that reads passages by themselves keeps them
        """Keep what is read of passages in a folder, so that other runs need not read them again.

        Raises:
            StudentError: this kind reads a passage together with its answer.
            JudgeError: the folder cannot be written.
        """
        raise StudentError(
            f"A student of the kind {self.option.kind} reads a passage together with its answer, so nothing of it can be kept.\n"
            "Next: leave out --passages; late-interaction is a kind that keeps them."
        )

    def write_retrained(self, folder: Path) -> None:  # noqa: B027 - a kind that cannot be trained again cheaply has nothing to write
        """Write what of the student differs where it was trained again from other seeds; nothing where it was not."""

    def judge_retrained(self, folder: Path, items: Sequence[Item]) -> dict[int, list[Judgment]]:  # noqa: ARG002
        """What the students that were trained again judge, by their seed.

        Args:
            folder: where `write_retrained` wrote.
            items: what is judged.

        Raises:
            StudentError: an item lacks a text that this student needs.
        """
        return {}

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What of the model is needed to load it, besides option and files; JSON."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write the `FILES`."""

    @abstractmethod
    def card_texts(self) -> CardTexts:
        """What its model card says of its kind."""

    def judge(self, items: Sequence[Item | Mapping[str, Any]]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict.

        Args:
            items: items, or rows: mappings with `question`, `answer`, and the evidence that this student needs: `context`, `reference`,
                which may be a list of texts, each right alone.

        Raises:
            StudentError: an item lacks a text that this student needs, or it is one row rather than a list of them.
        """
        return self._in_turn(list(asked_rows.items(items, "judge")))

    def judge_stream(self, items: Iterable[Item | Mapping[str, Any]]) -> Iterator[Judgment]:
        """As `judge`, for more items than fit into memory: they are read and judged in chunks, as their judgments are asked for.

        Raises:
            StudentError: as `judge`, at the judgment of the first row of the chunk.
        """
        for chunk in streams.chunks(asked_rows.items(items, "judge_stream"), asked_rows.texts):
            yield from self._in_turn(chunk)

    async def ajudge(self, items: Sequence[Item | Mapping[str, Any]]) -> list[Judgment]:
        """As `judge`, without holding up the event loop; several calls are taken in turn."""
        return await one_at_a_time.in_worker(partial(self.judge, items))

    def score(self, question: str, answer: str, *, context: str | None = None, reference: str | Sequence[str] | None = None) -> float:
        """The score of one answer, in [0, 1]; it is acceptable when that is strictly above `threshold`.

        Several references are alternatives: the answer is held against the one that it comes nearest to.

        Raises:
            StudentError: the answer is empty, or a text is none, or the evidence that this student needs is missing, or it gave no verdict.
        """
        row = {"question": question, "answer": answer, "context": context, "reference": reference}
        return mean(self._judged(asked_rows.item(row, 0))[1])

    async def ascore(
        self, question: str, answer: str, *, context: str | None = None, reference: str | Sequence[str] | None = None
    ) -> float:
        """As `score`, without holding up the event loop; several calls are taken in turn."""
        return await one_at_a_time.in_worker(partial(self.score, question, answer, context=context, reference=reference))

    def acceptable(self, question: str, answer: str, *, context: str | None = None, reference: str | Sequence[str] | None = None) -> float:
        """The probability that one answer is acceptable, in [0, 1], above 0.5 exactly where the score is above the threshold.

        It is 1.0 or 0.0 from a student that has learnt no probability; raises as `score` does.
        """
        row = {"question": question, "answer": answer, "context": context, "reference": reference}
        judgment, levels = self._judged(asked_rows.item(row, 0))
        if judgment.acceptable is None:
            return float(classify(mean(levels), self.threshold) == ACCEPTABLE)
        return judgment.acceptable

    def explain(self, item: Item | Mapping[str, Any]) -> list[Span]:
        """Which words and sentences of one answer found no support: a span for each, with its strength; [] for an answer without words.

        Args:
            item: an item, or a row as `judge` takes it.

        Raises:
            StudentError: a text is missing that this student needs, or it is of a kind that matches no words.
        """
        with one_at_a_time.LOCK:
            (spans,) = self.explain_items([item if isinstance(item, Item) else asked_rows.item(item, 0)])
        return spans

    def explain_items(self, items: Sequence[Item]) -> list[list[Span]]:  # noqa: ARG002 - a kind that matches words takes them
        """As `explain`, for many items, in order.

        Raises:
            StudentError: as `explain`.
        """
        raise StudentError(
            f"A student of kind {self.option.kind} says nothing of single words: it reads an answer as a whole.\n"
            "Next: ask a late-interaction student, such as `dvc exp run -S student=late-interaction` makes.",
        )

    def planned(self, items: Sequence[Item]) -> Planned:
        """What it and the judge that it was would ask, and at what price, to judge these items: nothing, for a student that runs here."""
        return Planned("judgments", len(items), 0)

    def _in_turn(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge items while no other thread does."""
        with one_at_a_time.LOCK:
            return self.judge_items(items)

    def _judged(self, item: Item) -> tuple[Judgment, tuple[float, ...]]:
        """The judgment of one answer, and its distribution."""
        if not has_words(item.answer):
            raise StudentError("An empty answer has no score.\nNext: leave it out, or use judge(items), which gives it no verdict.")
        (judgment,) = self._in_turn([item])
        if judgment.levels is None:
            said = f": {judgment.rationale}" if judgment.rationale else ""
            raise StudentError(
                f"The student gave no verdict ({judgment.reason}){said}.\nNext: ask again, or use judge(items), which tells."
            )
        return judgment, judgment.levels


def with_probability(levels: tuple[float, ...], threshold: float, slopes: Slopes) -> Judgment:
    """The judgment of a distribution by a judge that has learnt the slopes of its probability of acceptable."""
    return Judgment(levels, acceptable=acceptable_probability(mean(levels), threshold, slopes))


def judge_worded(items: Sequence[Item], judge: Callable[[list[Item]], Sequence[Judgment]]) -> list[Judgment]:
    """Let `judge` see those items whose answers have a letter or digit, if there are any; the others get no verdict.

    Returns:
        The judgments in the order of the items.
    """
    worded = [index for index, item in enumerate(items) if has_words(item.answer)]
    judgments = [Judgment(None, reason="no_verdict")] * len(items)
    if worded:
        for index, judgment in zip(worded, judge([items[index] for index in worded]), strict=True):
            judgments[index] = judgment
    return judgments


def incompatible(folder: Path, what: str) -> StudentError:
    """The error of a folder that cannot be loaded."""
    return StudentError(
        f"The student in {folder} cannot be loaded: {what}.\n"
        "Next: `dvc repro distil` makes it again; a student of an older version loads with the commit that made it.",
    )


def best_epoch(training: dict[str, Any]) -> str:
    """The sentence of a model card that says when the training stopped."""
    return f"The weights are those of epoch {training['epoch']}, after which the validation loss fell no more."
