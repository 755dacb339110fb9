"""What the tests of students and of their training share: options, rows, and a small trained student."""

from pathlib import Path
from typing import Any, get_args

import pytest

from judge.distillation import model_card
from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.distillation.trainer import TrainingRun
from judge.models import language_models
from judge.students.encoder_student import EncoderStudent
from judge.students.options import CausalLM, CrossEncoder, LateInteraction, OpenAI, StudentOption
from judge.students.saved import save
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, interpolate, mean
from tests.conftest import option

SETTINGS = DistilSettings(
    alpha=0.5,
    temperature=1.0,
    epochs=30,
    patience=30,
    learning_rate=0.01,
    weight_decay=0.0,
    batch_size=8,
    statements=True,
    retrainings=2,
    validation_fraction=0.25,
)
RUN = TrainingRun(threshold=0.8, teacher="rule", seed=1)

PASSAGES = {
    "Lisbon": "Lisbon is the capital of Portugal. It lies at the mouth of the Tagus and has 545,000 inhabitants.",
    "Oxygen": "Oxygen is a chemical element with the symbol O. Priestley described it in 1774 as dephlogisticated air.",
    "Falcon": "Falcons are birds of prey. The peregrine dives at more than 300 kilometres an hour to catch pigeons.",
    "Tundra": "Tundra is land where frozen ground keeps trees from growing. Mosses, lichens and dwarf shrubs cover it.",
}
VIOLA = Item("What is a viola?", "It is a string instrument.", "The viola is a string instrument, larger than the violin.")

LORA = {"rank": 4, "alpha": 8, "dropout": 0.05, "target_modules": ["q_proj", "v_proj"]}


def kinds() -> list[str]:
    """The kinds of students that an option file can name."""
    union, discriminator = get_args(StudentOption)
    return [get_args(kind.model_fields[discriminator.discriminator].annotation)[0] for kind in get_args(union)]


def supported_or_not() -> list[dict[str, Any]]:
    """Rows of the dataset: each passage with its own sentences, which the teacher likes, and with those of the others."""
    rows: list[dict[str, Any]] = []
    for title, passage in PASSAGES.items():
        for other in PASSAGES.values():
            for sentence in other.split(". "):
                is_own = other == passage
                levels = interpolate(0.95 if is_own else 0.05)
                rows.append(
                    {
                        "answer_id": f"a{len(rows)}",
                        "document_id": title,
                        "question": f"What is said of {title}?",
                        "context": passage,
                        "reference": None,
                        "answer": sentence,
                        "teacher_levels": list(levels),
                        "teacher_score": mean(levels),
                        "teacher_class": ACCEPTABLE if is_own else UNACCEPTABLE,
                    }
                )
    return rows


def few_rows() -> list[dict[str, Any]]:
    """Three of these rows about each of two documents, for a student that learns slowly."""
    rows = supported_or_not()
    return rows[:3] + rows[8:11]


def items() -> list[Item]:
    """The rows as items."""
    return [Item.of(row) for row in supported_or_not()]


def late_interaction(**changes: Any) -> LateInteraction:
    """The option of conf/, with fewer heads."""
    chosen: LateInteraction = option("student", "late-interaction", StudentOption, **{"heads": 2, **changes})
    return chosen


def cross_encoder(**changes: Any) -> CrossEncoder:
    """The option of conf/."""
    chosen: CrossEncoder = option("student", "cross-encoder", StudentOption, **changes)
    return chosen


def causal_lm(**changes: Any) -> CausalLM:
    """The option of conf/, with a smaller adapter and a larger step."""
    small = {"lora": LORA, "epochs": 3, "learning_rate": 0.005, "batch_size": 2, "validation_fraction": 0.5}
    chosen: CausalLM = option("student", "causal-lm", StudentOption, **{**small, **changes})
    return chosen


def shallow_language_model(folder: Path) -> dict[str, Any]:
    """The `model` of an option: the first two layers of the pinned one, saved there, for what needs no more of it than that it learns."""
    loaded: Any = language_models.load(causal_lm().model)
    loaded.model.model.layers = loaded.model.model.layers[:2]
    loaded.model.config.num_hidden_layers = 2
    loaded.model.save_pretrained(folder)
    loaded.tokenizer.save_pretrained(folder)
    return {"embedded": None, "hub": str(folder), "revision": "main", "dtype": "bfloat16"}


def openai(**changes: Any) -> OpenAI:
    """The option of conf/."""
    chosen: OpenAI = option("student", "openai", StudentOption, **changes)
    return chosen


def train(seed: int) -> EncoderStudent:
    """A small student of all these rows."""
    return distil(supported_or_not(), late_interaction(), SETTINGS, RUN._replace(seed=seed))


@pytest.fixture(scope="session")
def trained() -> EncoderStudent:
    """One of them."""
    return train(seed=1)


@pytest.fixture(scope="session")
def folder(trained: EncoderStudent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, saved; not to be changed."""
    target = tmp_path_factory.mktemp("students") / "student"
    save(trained, target, model_card.write(trained))
    return target
