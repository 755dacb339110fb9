"""The settings of a student: an option file of conf/student. Reading them loads neither the network stack nor a heavy package."""

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from judge.models.chat import ChatModel
from judge.models.encoders import EncoderSettings
from judge.models.language_models import ModelSettings
from judge.settings import Option, Settings

Evidence = Literal["context", "reference", "both"]
EncoderRuntime = Literal["openvino", "openvino-weights", "pytorch"]
Features = Literal["encoder", "overlap", "support"]


class LateInteraction(Option):
    """A frozen encoder, whose token vectors of answer and evidence are matched; heads are trained on the pooled matches."""

    kind: Literal["late-interaction"]
    encoder: EncoderSettings
    # Younger than the others, as `subspace` is: option files without it stay valid.
    encoder_runtime: EncoderRuntime = Field(
        default="pytorch",
        description="what computes the encoder: OpenVINO in 8-bit integers on the processor (openvino), OpenVINO with weights of 8 bits "
        "and activations rounded more closely, slower (openvino-weights), or PyTorch in bfloat16, on a GPU where there is one",
    )
    evidence: Evidence = Field(description="what an answer is held against: the passage, the reference answer, or both")
    features: list[Features] = Field(
        min_length=1,
        description="what the heads read: matches of the encoder's token vectors (encoder), words shared with the evidence (overlap), "
        "and with its single sentences (support), where the evidence is a passage",
    )
    heads: int = Field(ge=1, le=64, description="small networks that are trained from different seeds and averaged")
    hidden: int = Field(ge=1, le=1024, description="units of a head's hidden layer")
    subspace: float = Field(default=1.0, gt=0.0, le=1.0, description="share of the features that a head reads; they are dealt evenly")
    dropout: float = Field(ge=0.0, lt=1.0, description="share of a head's inputs and hidden units left out at each training step")

    @model_validator(mode="after")
    def _reads_something(self) -> "LateInteraction":
        if self.evidence == "reference" and set(self.features) == {"support"}:
            message = "encoder or overlap among `features`: a reference answer has no sentences to be supported by"
            raise ValueError(message)
        return self


class CrossEncoder(Option):
    """An encoder that reads question, answer and evidence together, fine-tuned as a classifier over the levels."""

    kind: Literal["cross-encoder"]
    encoder: EncoderSettings
    evidence: Evidence = Field(description="what an answer is held against: the passage, the reference answer, or both")
    max_tokens: int = Field(ge=16, le=8192, description="tokens read at most; the end of longer evidence is not seen")


class WordedStudent(Option):
    """A language model that is fine-tuned on verdicts in words, and asked for one in the same words afterwards."""

    evidence: Evidence = Field(description="what an answer is held against: the passage, the reference answer, or both")
    system: str | None = Field(description="the system's message; null for none")
    prompt: str = Field(description="the user's message; {question}, {answer} and the evidence ({context}, {reference}) are filled in")
    copies: int = Field(ge=1, le=1000, description="examples made of each training row; more of them render the teacher's mass more finely")

    @model_validator(mode="after")
    def _has_its_placeholders(self) -> "WordedStudent":
        evidence = {"context", "reference"} if self.evidence == "both" else {self.evidence}
        needed = {"question", "answer"} | evidence
        if set(re.findall(r"\{(\w+)\}", self.prompt)) != needed:
            placeholders = ", ".join(f"{{{name}}}" for name in sorted(needed))
            message = f"for `prompt`, with evidence={self.evidence}, a text with {placeholders} and no other placeholder"
            raise ValueError(message)
        return self


class OpenAI(WordedStudent):
    """A chat model that its server fine-tunes; it stays at the server."""

    kind: Literal["openai"]
    chat: ChatModel = Field(description="the model before fine-tuning; its prices are those of the untuned model")
    epochs: int = Field(ge=1, le=25, description="passes over the examples")
    examples_per_step: int | None = Field(ge=1, description="examples a step of training; null leaves it to the server")
    learning_rate_multiplier: float | None = Field(gt=0.0, description="factor on the server's own step size; null leaves it to the server")
    validation_fraction: float = Field(ge=0.0, le=0.5, description="share of the training documents sent for validation only; 0 for none")
    suffix: str = Field(pattern=r"^[A-Za-z0-9-]{1,40}$", description="a word in the name of the fine-tuned model")
    poll_seconds: float = Field(gt=0.0, description="seconds between two looks at the job")
    usd_per_million_training_tokens: float = Field(ge=0.0, description="the price of training, a token and epoch")
    tuned_usd_per_million_prompt_tokens: float = Field(ge=0.0, description="the price of what is sent to the fine-tuned model")
    tuned_usd_per_million_completion_tokens: float = Field(ge=0.0, description="the price of what comes back from it")


class LoraSettings(Settings):
    """Low-rank adapters: what is trained of a large model (Hu et al. 2021)."""

    rank: int = Field(ge=1, le=1024, description="rank of the matrices that are trained")
    alpha: int = Field(ge=1, description="their product is scaled by alpha / rank")
    dropout: float = Field(ge=0.0, lt=1.0, description="share of an adapter's inputs left out at each training step")
    target_modules: list[str] = Field(min_length=1, description="names of the layers that get an adapter")


class CausalLM(WordedStudent):
    """An open language model that is fine-tuned here, with low-rank adapters."""

    kind: Literal["causal-lm"]
    model: ModelSettings
    max_tokens: int = Field(ge=64, description="tokens of a prompt, at most; the end of longer evidence is not seen")
    lora: LoraSettings
    epochs: int = Field(ge=1, description="passes over the training rows; the weights of the best one are kept")
    learning_rate: float = Field(gt=0.0, le=1.0, description="step size of AdamW")
    batch_size: int = Field(ge=1, description="rows a step, each with all its copies")
    validation_fraction: float = Field(gt=0.0, le=0.5, description="share of the training documents that tells which epoch was the best")


StudentOption = Annotated[LateInteraction | CrossEncoder | OpenAI | CausalLM, Field(discriminator="kind")]
