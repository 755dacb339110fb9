"""The model card: what it says of each kind of student."""

from typing import Any

import pytest

from judge.distillation import model_card
from judge.students.causal_lm import CausalLMStudent
from judge.students.cross_encoder import CrossEncoderStudent
from judge.students.hosted_student import HostedStudent
from judge.students.late_interaction import LateInteractionStudent
from judge.students.student import Student
from judge.tables.levels import Slopes
from tests.students.examples import causal_lm, cross_encoder, late_interaction, openai

TRAINING = {
    "teacher": "rule",
    "rows": 32,
    "documents": 4,
    "rows_left_out": 3,
    "alpha": 0.5,
    "temperature": 2.0,
    "epoch": 7,
    "validation_rows": 30,
    "validation_ce": 0.12345,
    "validation_kl": 0.6,
    "validation_pearson": 0.98765,
}
CHAT = {"examples": 128, "trained_parameters": 460_800, "job": "ftjob-1", "epochs": 2, "trained_tokens": 5000, "usd": 0.025}


def students() -> dict[str, Student]:
    """One of each kind, without their models, of which a card says nothing."""
    nothing: Any = None
    hosted = {name: value for name, value in TRAINING.items() if not name.startswith("validation_")} | CHAT
    return {
        "late-interaction": LateInteractionStudent(nothing, late_interaction(), 0.8, TRAINING, Slopes(20.0, 20.0)),
        "cross-encoder": CrossEncoderStudent(nothing, cross_encoder(), 0.8, TRAINING, Slopes(20.0, 20.0)),
        "openai": HostedStudent(openai(), 0.8, hosted, "ft:gpt-4.1-mini:judge", ""),
        "causal-lm": CausalLMStudent(causal_lm(), 0.8, TRAINING | CHAT, nothing, nothing, ""),
    }


@pytest.mark.parametrize("kind", students())
def test_every_card_states_teacher_rows_and_how_to_load(kind: str) -> None:
    """The teacher's name, the numbers of rows, and the calls with the evidence and threshold of this student."""
    card = model_card.write(students()[kind])
    for fact in (
        f"# A student judge: {kind}\n",
        "teacher `rule`",
        "32 judged answers about 4 documents; 3 rows",
        'judge.load("data/student")',
        "student.score(question, answer, context=...)",
        "acceptable is above 0.8",
    ):
        assert fact in card


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (
            "late-interaction",
            ["2 small networks", "The encoder is sentence-transformers/all-MiniLM-L6-v2.", "T²·KL with α = 0.5 and T = 2.0."],
        ),
        ("cross-encoder", ["reads question, answer and evidence together", "The weights are those of epoch 7"]),
        (
            "openai",
            [
                "`ft:gpt-4.1-mini:judge`",
                "each row's 4 copies",
                "128 examples.",
                "`ftjob-1`",
                "5000 trained tokens, 0.03 dollars.",
            ],
        ),
        (
            "causal-lm",
            ["HuggingFaceTB/SmolLM2-135M-Instruct", "loads with sha256:", "460,800 parameters", "The weights are those of epoch 7"],
        ),
    ],
)
def test_a_card_says_what_is_the_kinds_own(kind: str, facts: list[str]) -> None:
    """What it is made of, and how it was trained."""
    card = model_card.write(students()[kind])
    assert [] == [fact for fact in facts if fact not in card]


def test_validation_figures_are_named_by_what_the_kind_was_trained_on() -> None:
    """Class and T² times the divergence for an encoder, reported level and divergence for a language model; a job may tell none."""
    cards = {kind: model_card.write(student) for kind, student in students().items()}
    assert "| rows | 30 |\n| cross entropy of the class, nats | 0.1235 |\n| T² times the divergence from" in cards["late-interaction"]
    assert "| cross entropy of the reported level, nats | 0.1235 |\n| divergence from the teacher, nats | 0.6000 |" in cards["causal-lm"]
    assert "| Pearson's r with the teacher's score | 0.988 |" in cards["cross-encoder"]
    assert "validation" not in cards["openai"]


def test_an_undefined_correlation_is_said_to_be_undefined() -> None:
    """Without variance there is none, and no number stands in for it."""
    student = LateInteractionStudent(None, late_interaction(), 0.8, {**TRAINING, "validation_pearson": None}, Slopes(20.0, 20.0))  # type: ignore[arg-type]
    assert "| Pearson's r with the teacher's score | undefined |" in model_card.write(student)
