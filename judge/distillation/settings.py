"""How a student is trained: the section `distil` of params.yaml."""

from typing import Literal

from pydantic import Field

from judge.settings import Settings


class DistilSettings(Settings):
    """How a student is trained. All students follow `target` and `alpha`; the other values are for those with an encoder.

    A language model brings its own: see the option files of the kinds openai and causal-lm.
    """

    # Younger than the others: settings without it stay valid.
    target: Literal["teacher", "people"] = Field(
        default="teacher", description="whose class is learnt; where people gave none, a row teaches the teacher's distribution alone"
    )
    alpha: float = Field(
        ge=0.0, le=1.0, description="weight of the class (of the reported level, for a language model); 1 - alpha is the distribution's"
    )
    temperature: float = Field(
        gt=0.0, le=100.0, description="T at which the two distributions are compared; above 1 small masses count more (encoders)"
    )
    epochs: int = Field(ge=1, description="passes over the training rows, at most (encoders)")
    patience: int = Field(ge=1, description="epochs without a better validation loss after which training stops (encoders)")
    learning_rate: float = Field(gt=0.0, le=1.0, description="step size of AdamW (encoders)")
    weight_decay: float = Field(ge=0.0, description="weight decay of AdamW (encoders)")
    batch_size: int = Field(ge=1, description="rows a step (encoders)")
    truth_weight: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="weight of a constructed statement, whose truth is learnt; an answer has 1 (encoders)",
    )
    recalibrate: bool = Field(default=True, description="correct the distributions by what answers judged out of fold ask for (encoders)")
    statements: bool = Field(
        description="learn from the statements that the teacher was calibrated on as well, as it judges them (encoders)"
    )
    retrainings: int = Field(
        ge=0, le=100, description="further trainings from other seeds, to see what chance alone moves (late-interaction)"
    )
    validation_fraction: float = Field(gt=0.0, le=0.5, description="share of the training documents that stops the training (encoders)")
