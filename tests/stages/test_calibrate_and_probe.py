"""Calibrate, then probe: no judge is probed with what the teacher was calibrated on, whatever the corpus."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from judge import tables
from judge.dataset import chunks
from judge.dataset.documents import document
from judge.dataset.set_aside import ALWAYS_TRAIN
from judge.dataset.splits import SplitSettings, is_below, split
from judge.models.language_models import ModelSettings
from judge.probes import rows
from judge.probes.statements import Statement
from judge.tables import metric_files
from judge.tables.items import Item
from judge.tables.levels import ACCEPTABLE, UNACCEPTABLE
from judge.tables.schema import Row
from judge.teachers import calibration, groundedness_features, groundedness_fit
from judge.teachers.groundedness import Groundedness
from stages import calibrate, probe
from tests.conftest import option

SEED = 17
PEOPLE = ("Ada Brandt", "Milo Fenner", "Ines Corda", "Otto Vell", "Rosa Lindt", "Juan Arce", "Edda Holm", "Karl Weiss")
PLACES = ("Lisbon", "Vienna", "Tallinn", "Quito", "Ghent", "Turin", "Malmo", "Porto")
CLASSES = (ACCEPTABLE, UNACCEPTABLE)
SIZES = chunks.ChunkSettings(size=96, overlap=32)


def _life(n: int) -> str:
    person, place, other = PEOPLE[n % 8], PLACES[n % 8], PLACES[(n + n // 8 + 3) % 8]
    return (
        f"{person} was born in {place} in {1800 + n} and moved to {other} at the age of {14 + n}. "
        f"In {1850 + n}, the city of {other} received {120 + 31 * n} plans from {PEOPLE[(n + 2 + n // 8) % 8]}. "
        f"The bridge of {place} was built for {3000 + 17 * n} workers, which stood until {1890 + n}."
    )


LIVES = [document(f"Life {n}", _life(n), "test") for n in range(16)]


class Outcome(NamedTuple):
    """What the teacher was fitted on, and the probes."""

    fitted: list[Item]
    probes: list[Row]

    @property
    def told(self) -> set[str]:
        """The statements of the calibration."""
        return {str(item.answer) for item in self.fitted}

    @property
    def shared(self) -> set[str]:
        """Probes that stand in the calibration."""
        return self.told & {row["answer"] for row in self.probes}


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[Item]:
    """The statements of a fit, with features that hang on nothing but the length in place of a language model's."""
    seen: list[Item] = []

    def measure(_: ModelSettings, items: Sequence[Item]) -> Any:
        return np.array(
            [[len(item.answer or "") * (n + 1) % 7 for n in range(len(groundedness_features.FEATURES))] for item in items], float
        )

    def note(model: str, names: Sequence[str], features: Any, statements: Sequence[Statement], **options: int) -> calibration.Calibration:
        seen.extend(Item(one.question, one.statement, one.context) for one in statements)
        return fit(model, names, features, statements, **options)

    fit = groundedness_fit.fit
    monkeypatch.setattr(groundedness_fit, "fit", note)
    monkeypatch.setattr(groundedness_features, "measure", measure)
    return seen


def _run(fitted: list[Item], documents: Sequence[Row], background: Sequence[Row] = (), test: set[str] | None = None) -> Outcome:
    """Both stages on these documents; `test` holds the ids of those of test, which are else those that a split of 0.5 leaves."""
    every = {row["document_id"] for row in documents}
    test = {one for one in every if not is_below(one, ALWAYS_TRAIN, SEED)} if test is None else test
    teacher = option("teacher", "likelihood", Groundedness)
    tables.write(tables.BACKGROUND, background)
    tables.write(tables.CHUNKS, chunks.cut(documents, SIZES))
    tables.write(tables.TEST_DOCUMENTS, [{"document_id": one} for one in test])
    for table in (tables.ANSWERS, tables.QUESTIONS, tables.RECORDED):
        tables.write(table, [])
    calibrate.main(calibrate.Config(seed=SEED, generators=["a"], chunk=SIZES, teacher=teacher))
    probe.main(probe.Config(seed=SEED, probe=rows.ProbeSettings(per_passage=None), teacher=teacher, budget_usd=None))
    return Outcome(fitted, tables.read(tables.PROBES))


def _own() -> tuple[Any, Any]:
    figures = metric_files.read(metric_files.TEACHER)
    return figures["own_documents"], figures["own_passages"]


@pytest.mark.usefixtures("workspace")
def test_with_a_background_none_of_the_runs_documents_is_used(fitted: list[Item]) -> None:
    """Every document of test is probed, and none is its own."""
    outcome = _run(fitted, LIVES[:8], LIVES[8:], test={row["document_id"] for row in LIVES[:8]})
    assert not outcome.shared
    assert {row["document_id"] for row in LIVES[:8]} == {row["document_id"] for row in outcome.probes}
    assert (0, 0) == _own()


@pytest.mark.usefixtures("workspace")
def test_a_background_that_repeats_a_document_gives_no_probe_away(fitted: list[Item], capsys: pytest.CaptureFixture[str]) -> None:
    """A copy under another title, and one that shares a sentence: what they share is no probe, what they do not share is."""
    copy = document("A copy", LIVES[0]["text"], "test")
    shared, _, more = LIVES[1]["text"].partition(". ")
    alike = document("Another life", f"{shared}. {_life(15)}", "test")
    outcome = _run(fitted, LIVES[:8], [*LIVES[8:15], copy, alike], test={row["document_id"] for row in LIVES[:8]})
    assert not outcome.shared
    probed = {row["document_id"] for row in outcome.probes}
    assert {row["document_id"] for row in LIVES[1:8]} == probed
    assert not [row for row in outcome.probes if row["truth"] and shared in row["answer"]]
    assert more in {row["context"] for row in outcome.probes if row["document_id"] == LIVES[1]["document_id"]}
    assert "0 of 8 passages, 4 sentences" in capsys.readouterr().out


@pytest.mark.usefixtures("workspace")
def test_documents_without_a_background_are_calibrated_on_outside_of_test(fitted: list[Item]) -> None:
    """About half of them, and every document of test is probed."""
    outcome = _run(fitted, LIVES)
    test = {row["document_id"] for row in tables.read(tables.TEST_DOCUMENTS)}
    contexts = {item.context for item in outcome.fitted}
    used = {row["document_id"] for row in tables.read(tables.CHUNKS) if row["text"] in contexts}
    assert not outcome.shared
    assert test == {row["document_id"] for row in outcome.probes}
    assert test.isdisjoint(used)
    assert (len(used), len(contexts)) == _own()


@pytest.mark.usefixtures("workspace")
def test_one_document_is_shared_out_by_passages(fitted: list[Item]) -> None:
    """Passages overlap: a sentence of a calibrated one that the next one begins with gives no probe there."""
    whole = document("Lives", " ".join(map(_life, range(16))), "test")
    outcome = _run(fitted, [whole], test={whole["document_id"]})
    shown = {sentence for item in outcome.fitted for sentence in (item.context or "").split(". ")}
    assert outcome.probes
    assert not outcome.shared
    assert not [row for row in outcome.probes if shown & set(row["context"].split(". "))]
    assert _own()[0] == 1
    assert 1 < _own()[1] < len(tables.read(tables.CHUNKS))


@pytest.mark.usefixtures("workspace")
def test_a_calibrated_document_of_test_gives_no_probe_and_is_counted(fitted: list[Item], capsys: pytest.CaptureFixture[str]) -> None:
    """By answer nearly every document is in test: those that the teacher has seen are counted."""
    answers = [{"answer_id": f"{row['document_id']}{n}", **row, "teacher_class": CLASSES[n % 2]} for row in LIVES for n in range(8)]
    every = {row["document_id"] for row in split(answers, SplitSettings(train_fraction=0.5, group_by="answer"), SEED).test}
    outcome = _run(fitted, LIVES, test=every)
    used = {one for one in every if is_below(one, ALWAYS_TRAIN, SEED)}
    assert not outcome.shared
    assert len(used) > 1
    assert every - used == {row["document_id"] for row in outcome.probes}
    assert len(used) == calibration.own_documents_among(every, calibration.read())
    assert f"calibrated on {len(used)} of these documents" in capsys.readouterr().out


@pytest.mark.usefixtures("workspace")
def test_where_the_teacher_needs_every_passage_none_is_left_to_probe(fitted: list[Item], capsys: pytest.CaptureFixture[str]) -> None:
    """The tables are there, and empty, and the stage says so."""
    outcome = _run(fitted, LIVES[:2], test={row["document_id"] for row in LIVES[:2]})
    assert ([], []) == (outcome.probes, tables.read(tables.probe_scores("teacher")))
    assert outcome.told
    assert "No statement is left to probe" in capsys.readouterr().out


@pytest.mark.usefixtures("workspace", "fitted")
def test_a_teacher_is_shown_the_answers_of_the_run_and_what_it_makes_of_them_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with its question and passage; the share that it estimates is written, with the figures, and told."""
    shown: list[Item] = []

    def adapt(_: Groundedness, fitted: calibration.Calibration, items: Sequence[Item]) -> calibration.Calibration:
        shown.extend(items)
        return fitted.model_copy(update={"share_acceptable": 0.25})

    monkeypatch.setattr(Groundedness, "adapt", adapt)
    rows = chunks.cut(LIVES[:1], SIZES)
    tables.write(tables.BACKGROUND, LIVES[8:])
    tables.write(tables.CHUNKS, rows)
    question = {"question_id": "q", "chunk_id": rows[0]["chunk_id"], "question": "Who?", "reference": ["Ada Brandt."]}
    tables.write(tables.QUESTIONS, [{**question, **tables.calls(None)}])
    answer = {"answer_id": "a", "question_id": "q", "generator": "a", "answer": "Ada."}
    tables.write(tables.ANSWERS, [{**answer, **tables.calls(None)}])
    tables.write(tables.RECORDED, [])
    teacher = option("teacher", "likelihood", Groundedness)
    calibrate.main(calibrate.Config(seed=SEED, generators=["a"], chunk=SIZES, teacher=teacher))
    assert [Item("Who?", "Ada.", rows[0]["text"], ("Ada Brandt.",))] == shown
    kept = calibration.read()
    assert kept is not None
    assert (0.25, 0.25) == (kept.share_acceptable, metric_files.read(metric_files.TEACHER)["share_acceptable"])
    assert "of 1 answers 25% are estimated to be acceptable" in capsys.readouterr().out
