"""The baseline that a student with an encoder has to beat: plain cosine of its embeddings, before any distillation."""

from collections.abc import Sequence

from judge.models import encoders
from judge.students.evidence import texts_of
from judge.students.options import CrossEncoder, LateInteraction
from judge.tables.items import Item, has_words
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
        said = [place for place, item in enumerate(items) if has_words(item.answer)]
        texts = [texts_of(items[place], self._evidence) for place in said]
        means = [tokens.mean for tokens in encoders.read(self._encoder, [part for text in texts for part in (text.answer, text.evidence)])]
        judgments = [Judgment(None, reason="no_verdict")] * len(items)
        for place, answer, evidence in zip(said, means[::2], means[1::2], strict=True):
            judgments[place] = Judgment(interpolate(min(1.0, max(0.0, float(answer @ evidence)))))
        return judgments
