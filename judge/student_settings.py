"""The settings of a student and of its training: an option file of conf/student, and the section `distil` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from judge.encoders import EncoderSettings
from judge.settings import Option, Settings

Evidence = Literal["context", "reference", "both"]


class LateInteraction(Option):
    """A frozen encoder, whose token vectors of answer and evidence are matched; heads are trained on the pooled matches."""

    kind: Literal["late-interaction"]
    encoder: EncoderSettings
    evidence: Evidence = Field(description="what an answer is held against: the passage, the reference answer, or both")
    heads: int = Field(ge=1, le=64, description="small networks that are trained from different seeds and averaged")
    hidden: int = Field(ge=1, le=1024, description="units of a head's hidden layer")
    dropout: float = Field(ge=0.0, lt=1.0, description="share of a head's inputs and hidden units left out at each training step")


class CrossEncoder(Option):
    """An encoder that reads question, answer and evidence together, fine-tuned as a classifier over the levels."""

    kind: Literal["cross-encoder"]
    encoder: EncoderSettings
    evidence: Evidence = Field(description="what an answer is held against: the passage, the reference answer, or both")
    max_tokens: int = Field(ge=16, le=8192, description="tokens read at most; the end of longer evidence is not seen")


StudentOption = Annotated[LateInteraction | CrossEncoder, Field(discriminator="kind")]


class DistilSettings(Settings):
    """How a student is trained."""

    alpha: float = Field(ge=0.0, le=1.0, description="weight of the class; 1 - alpha is that of the teacher's distribution")
    temperature: float = Field(
        gt=0.0, le=100.0, description="T at which the two distributions are compared; above 1 small masses count more"
    )
    epochs: int = Field(ge=1, description="passes over the training rows, at most")
    patience: int = Field(ge=1, description="epochs without a better validation loss after which training stops")
    learning_rate: float = Field(gt=0.0, le=1.0, description="step size of AdamW")
    weight_decay: float = Field(ge=0.0, description="weight decay of AdamW")
    batch_size: int = Field(ge=1, description="rows a step")
    validation_fraction: float = Field(gt=0.0, le=0.5, description="share of the training documents that stops the training")
