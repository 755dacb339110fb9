"""The student: what it judges, how it is saved and loaded, and what it refuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import judge
from judge.distillation.encoder_training import distil
from judge.distillation.settings import DistilSettings
from judge.distillation.training_rows import Distilled
from judge.errors import StudentError
from judge.students.encoder_student import Student
from judge.students.evidence import texts_of
from judge.students.options import LateInteraction, StudentOption
from judge.students.saved import load, save
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE, Judgment, interpolate
from tests.conftest import ROOT, option

SETTINGS = DistilSettings(
    alpha=0.5,
    temperature=1.0,
    epochs=30,
    patience=30,
    learning_rate=0.01,
    weight_decay=0.0,
    batch_size=8,
    validation_fraction=0.25,
)
PASSAGES = {
    "Lisbon": "Lisbon is the capital of Portugal. It lies at the mouth of the Tagus and has 545,000 inhabitants.",
    "Oxygen": "Oxygen is a chemical element with the symbol O. Priestley described it in 1774 as dephlogisticated air.",
    "Falcon": "Falcons are birds of prey. The peregrine dives at more than 300 kilometres an hour to catch pigeons.",
    "Tundra": "Tundra is land where frozen ground keeps trees from growing. Mosses, lichens and dwarf shrubs cover it.",
}


def supported_or_not() -> list[dict[str, Any]]:
    """Rows of the dataset: each passage with its own sentences, which the teacher likes, and with those of the others."""
    rows = []
    for title, passage in PASSAGES.items():
        for other in PASSAGES.values():
            for sentence in other.split(". "):
                is_own = other == passage
                rows.append(
                    {
                        "document_id": title,
                        "question": f"What is said of {title}?",
                        "context": passage,
                        "reference": None,
                        "answer": sentence,
                        "teacher_levels": list(interpolate(0.95 if is_own else 0.05)),
                        "teacher_class": ACCEPTABLE if is_own else UNACCEPTABLE,
                    }
                )
    return rows


def late_interaction(**changes: Any) -> LateInteraction:
    """The option of conf/, with fewer heads."""
    chosen: LateInteraction = option("student", "late-interaction", StudentOption, **{"heads": 2, **changes})
    return chosen


def train(seed: int) -> Distilled:
    """A small student of these rows."""
    return distil(supported_or_not(), late_interaction(), SETTINGS, threshold=0.8, teacher="rule", seed=seed)


@pytest.fixture(scope="module")
def trained() -> Distilled:
    """One of them."""
    return train(seed=1)


@pytest.fixture(scope="module")
def folder(trained: Distilled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, saved."""
    target = tmp_path_factory.mktemp("students") / "student"
    save(trained.student, target, trained.card)
    return target


@pytest.fixture(scope="module")
def student(folder: Path) -> Student:
    """The same, loaded again."""
    loaded = load(folder)
    assert isinstance(loaded, Student)
    return loaded


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the saved student, to be spoilt."""
    return Path(shutil.copytree(folder, tmp_path / "student"))


def items() -> list[Item]:
    """The rows as items."""
    return [Item.of(row) for row in supported_or_not()]


def test_it_judges_an_unseen_document_by_the_rule_it_learnt(student: Student) -> None:
    """An answer taken from a new passage scores above 0.5, one from elsewhere below."""
    passage = "The viola is a string instrument that is larger than the violin and sounds a fifth lower."
    own = student.score("What is a viola?", "It is a string instrument.", context=passage)
    other = student.score("What is a viola?", "Mosses and lichens cover the frozen ground.", context=passage)
    assert other < 0.5 < own


def test_loaded_student_gives_the_scores_of_the_one_that_was_saved(trained: Distilled, student: Student) -> None:
    """Saving and loading changes no level of any judgment."""
    assert student.judge(items()) == trained.student.judge(items())


def test_same_seed_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """A second training with the same rows, settings and seed ends with equal files, card and all."""
    again = train(seed=1)
    save(again.student, tmp_path / "again", again.card)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    assert [(folder / name).read_bytes() for name in names] == [(tmp_path / "again" / name).read_bytes() for name in names]


def test_another_seed_gives_another_student(trained: Distilled) -> None:
    """The seed reaches the weights."""
    assert train(seed=2).student.judge(items()) != trained.student.judge(items())


def test_no_file_names_a_path_of_this_machine(folder: Path) -> None:
    """Neither the cache nor the project's folder is named in what is saved."""
    for path in folder.glob("*.json"):
        text = path.read_text(encoding="utf-8")
        assert ".cache" not in text
        assert str(ROOT) not in text


def test_it_loads_without_stages_hydra_and_dvc(folder: Path, tmp_path: Path) -> None:
    """In a fresh interpreter `judge.load` and a score import none of them."""
    code = (
        "import sys, judge\n"
        f"student = judge.load({str(folder)!r})\n"
        "student.score('Who?', 'Nobody knows.', context='Nobody knows who.')\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'stages', 'hydra', 'dvc', 'dvclive', 'omegaconf'}))\n"
    )
    # Elsewhere than in the project, so that nothing can be found there by accident.
    environment = {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_the_package_offers_load() -> None:
    """`judge.load` is `judge.students.saved.load`."""
    assert judge.load is load


def test_score_and_judgment_agree(student: Student) -> None:
    """`score` is the mean of the levels that `judge` gives, whatever shares its batch, to within 0.02."""
    for item, judgment in zip(items()[:6], student.judge(items()), strict=False):
        assert student.score(item.question, str(item.answer), context=item.context) == pytest.approx(judgment.score, abs=0.02)


def test_acceptable_is_the_mass_above_the_threshold(student: Student) -> None:
    """`acceptable` sums the levels 0.9 and 1.0 at the threshold 0.8."""
    item = items()[0]
    (judgment,) = student.judge([item])
    assert judgment.levels is not None
    assert student.acceptable(item.question, str(item.answer), context=item.context) == pytest.approx(sum(judgment.levels[9:]))


def test_every_judgment_is_a_distribution(student: Student) -> None:
    """Eleven probabilities in [0, 1] that sum to 1, as a table demands."""
    for judgment in student.judge(items()):
        assert judgment.levels is not None
        assert len(judgment.levels) == 11
        assert min(judgment.levels) >= 0
        assert sum(judgment.levels) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("answer", [None, "", "   ", "...", "\n"])
def test_answer_without_words_gets_no_verdict(student: Student, answer: str | None) -> None:
    """It is a failed judgment in its place, and the others are judged."""
    judged = student.judge([items()[0], Item("Why?", answer, "Because."), items()[1]])
    assert judged[1] == Judgment(None, "no_verdict")
    assert [judgment.score is None for judgment in judged] == [False, True, False]


def test_score_of_an_empty_answer_is_refused(student: Student) -> None:
    """A single score cannot be a failed judgment, so it is an error."""
    with pytest.raises(StudentError, match="empty answer"):
        student.score("Why?", "", context="Because.")


def test_no_items_give_no_judgments(student: Student) -> None:
    """An empty list is answered by an empty list."""
    assert student.judge([]) == []


@pytest.mark.parametrize(
    ("evidence", "missing"),
    [("context", "context"), ("reference", "reference"), ("both", "context and the reference")],
)
def test_missing_evidence_is_named(evidence: Any, missing: str) -> None:
    """The error names each text that is missing, and the option that asks for it."""
    with pytest.raises(StudentError, match=f"evidence={evidence}, but the {missing} is missing"):
        texts_of(Item("Why?", "Because."), evidence)


def test_both_kinds_of_evidence_are_read() -> None:
    """With evidence=both the text holds reference and passage."""
    assert texts_of(Item("Why?", "So.", "The passage.", "The reference."), "both").evidence == "The reference.\nThe passage."


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_missing_file_is_named(copied: Path, name: str) -> None:
    """A folder that lacks a file is refused with the file's name."""
    (copied / name).unlink()
    with pytest.raises(StudentError, match=name):
        load(copied)


def test_other_format_is_refused(copied: Path) -> None:
    """A student of another format is refused with both numbers."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    (copied / "config.json").write_text(json.dumps({**config, "format": 99}), encoding="utf-8")
    with pytest.raises(StudentError, match=r"format 99 .* reads format 2"):
        load(copied)


def test_unreadable_config_is_refused(copied: Path) -> None:
    """A config that is no JSON is the user's to mend, so it is no traceback."""
    (copied / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(StudentError, match=r"config\.json cannot be read"):
        load(copied)


def test_config_that_does_not_fit_the_weights_is_refused(copied: Path) -> None:
    """Heads of another size than the saved ones are refused."""
    config = json.loads((copied / "config.json").read_text(encoding="utf-8"))
    config["option"]["hidden"] += 1
    (copied / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(StudentError, match="does not fit"):
        load(copied)


def test_cut_off_weights_are_refused(copied: Path) -> None:
    """A weights file of which the end is missing is refused."""
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(StudentError, match="does not fit"):
        load(copied)


def test_failed_save_leaves_the_old_student(student: Student, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing breaks off, the folder still holds the whole older student."""
    before = {path.name: path.read_bytes() for path in copied.iterdir()}

    def break_off(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(student.model.tokenizer, "save_pretrained", break_off)
    with pytest.raises(KeyboardInterrupt):
        save(student, copied, "another card")
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == before


def test_card_states_teacher_rows_and_how_to_load(folder: Path) -> None:
    """The model card names the teacher, the number of rows and the call that loads it."""
    card = (folder / "README.md").read_text(encoding="utf-8")
    for fact in ("`rule`", "32 judged answers about 4 documents", 'judge.load("data/student")'):
        assert fact in card
