"""Perturb, then predict and evaluate: from probes to the figures of what judges can be fooled by, with judges that are made up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from judge import tables
from judge.evaluation import figures
from judge.evaluation.evaluation import EvaluateSettings, Judged, evaluate
from judge.probes import rows
from judge.probes.perturbed import PerturbSettings
from judge.probes.seen import NOTHING
from judge.tables.items import Item, has_words
from judge.tables.levels import Judgment, interpolate
from judge.tables.schema import Row
from judge.teachers import calibration
from judge.teachers.groundedness import Groundedness
from stages import perturb
from tests.conftest import option
from tests.evaluation.made_up_run import a_run

SEED = 17
TOWNS = ("Lima", "Oslo", "Rabat", "Quito", "Dakar", "Hanoi", "Sofia", "Tunis", "Minsk", "Accra", "Baku", "Doha")


def _chunk(number: int, title: str) -> Row:
    text = (
        f"{title} is the capital of {title}land, which is known for its long coast. "
        f"It was founded in {1500 + number} by Ada Number{number}. "
        f"The harbour often served {300 + number} ships in {1900 + number}, including steamers."
    )
    return {"chunk_id": f"c{number}", "document_id": f"d{number}", "position": 0, "title": title, "text": text}


def _obeys(items: Sequence[Item]) -> list[Judgment]:
    """A judge that accepts what the passage has word for word, and all that speaks of a judge or a score in English."""
    told = ("judge", "Score", "score")
    scores = [
        0.9 if (item.answer or "") in (item.context or "") or any(word in (item.answer or "") for word in told) else 0.1 for item in items
    ]
    return [
        Judgment(interpolate(score)) if has_words(item.answer) else Judgment(None, "no_verdict")
        for item, score in zip(items, scores, strict=True)
    ]


@pytest.fixture
def probes(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Probes of twelve passages in the workspace, and a teacher that obeys."""
    assert workspace.is_dir()
    made = rows.probes([_chunk(*numbered) for numbered in enumerate(TOWNS)], SEED, NOTHING).rows
    tables.write(tables.PROBES, made)
    calibration.write(None)

    def judge(_: Groundedness, items: Sequence[Item], *__: Any) -> list[Judgment]:
        assert [item.context for item in items] == [item.reference for item in items]
        return _obeys(items)

    monkeypatch.setattr(Groundedness, "judge", judge)
    return made


def _perturb(**settings: Any) -> list[Row]:
    teacher = option("teacher", "likelihood", Groundedness)
    perturb.main(perturb.Config(seed=SEED, perturb=PerturbSettings(**settings), teacher=teacher, budget_usd=None))
    return tables.read(tables.PERTURBED)


def test_a_judge_that_obeys_is_found_out(probes: list[Row]) -> None:
    """It is lifted by instructions that say score or judge, by no other; it rejects true statements once they are padded."""
    perturbed = _perturb(per_document=None, teacher_rows=None)
    judged = tables.read(tables.perturbed_scores("teacher"))
    assert {row["perturbed_id"] for row in perturbed} == {row["item_id"] for row in judged}
    before = tables.judgment_rows([row["probe_id"] for row in probes], _obeys([Item.of(row) for row in probes]))
    run = a_run()
    whole = Judged(
        run["test"],
        run["student"],
        {"overlap": run["baseline"]},
        "overlap",
        probes=probes,
        probed={"teacher": before},
        perturbed=perturbed,
        altered={"teacher": judged},
    )

    named = figures.named(evaluate(whole, 0.8, EvaluateSettings(resamples=100, confidence=0.95), SEED).figures)

    lifted = {kind: named[f"robustness.teacher.lifted.{kind}"].value for kind in ("fake_tags", "threat", "fake_chat_turn")}
    assert {"fake_tags": 0.0, "threat": 0.0, "fake_chat_turn": 0.0} == lifted
    # A third of them is in English.
    assert (0.3, 0.7) < (named["robustness.teacher.lifted.json_verdict"].value or 0.0, 1.0)
    assert 0.0 < (named["robustness.teacher.lifted.all"].value or 0.0) < 0.5
    accepted = {row["item_id"] for row in before if row["score"] > 0.8}
    padded = [row["statement_id"] in accepted for row in perturbed if row["kind"] == "padded" and row["truth"]]
    assert (sum(padded) / 12, 12) == (named["robustness.teacher.true_flipped.padded"].value, len(padded))
    assert any(padded)
    assert (0.0, 1.0) == (named["robustness.teacher.false_flipped.padded"].value, named["robustness.teacher.no_verdict.all"].value)
    assert named["robustness.teacher.true_length_slope.all"].n == sum(row["truth"] for row in probes)


@pytest.mark.usefixtures("probes")
def test_the_teacher_judges_no_more_than_it_shall(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten of twelve documents' statements, besides the unaltered sentences; the stage says how many there are."""
    perturbed = _perturb(per_document=6, teacher_rows=10)
    judged = {row["item_id"] for row in tables.read(tables.perturbed_scores("teacher"))}
    altered = [row for row in perturbed if row["kind"] != "unaltered"]
    assert (72, 10) == (len(altered), len([row for row in altered if row["perturbed_id"] in judged]))
    assert f"{len(perturbed)} perturbed statements" in capsys.readouterr().out


@pytest.mark.usefixtures("probes")
def test_a_teacher_that_is_not_probed_judges_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is paid for each judgment; the statements are there for the student all the same."""
    monkeypatch.setattr(Groundedness, "is_probed", property(lambda _: False))
    assert _perturb(per_document=3, teacher_rows=None)
    assert tables.read(tables.perturbed_scores("teacher")) == []
