"""The baseline that a student with an encoder has to beat: plain cosine of its embeddings, before any distillation."""

from collections.abc import Sequence

from judge.models import encoders
from judge.students.evidence import narrowed
from judge.students.options import CrossEncoder, LateInteraction
from judge.students.student import judge_worded
from judge.tables.items import Item
from judge.tables.levels import Judgment, interpolate


class Cosine:
    """A judge whose score is the cosine of the mean-pooled embeddings of answer and evidence, cut to [0, 1].

    Raises:
        PinError, ModelError: the encoder cannot be loaded.
    """

    def __init__(self, option: LateInteraction | CrossEncoder) -> None:
        self._encoder = encoders.load(option.encoder)
        self._evidence = option.evidence

    def judge(self, items: Sequence[Item]) -> list[Judgment]:
        """Judge answers, in order; one without a letter or digit gets no verdict.

        Raises:
            StudentError: an item lacks the evidence that the student is held against.
        """
        return judge_worded(items, self._judge)

    def _judge(self, items: Sequence[Item]) -> list[Judgment]:
        read = [narrowed(item, self._evidence) for item in items]
        means = [
            tokens.mean for tokens in encoders.read(self._encoder, [text or "" for item in read for text in (item.answer, item.context)])
        ]
        return [
            Judgment(interpolate(min(1.0, max(0.0, float(answer @ evidence)))))
            for answer, evidence in zip(means[::2], means[1::2], strict=True)
        ]
