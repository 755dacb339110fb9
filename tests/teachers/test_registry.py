"""Teachers: what a stage asks of them, and when it stops."""

import pytest

from judge.errors import JudgmentError, TableError
from judge.probes import rows
from judge.tables.levels import Judgment, nearest
from judge.teachers import calibration, registry
from judge.teachers.registry import ScoreSettings

GOOD, FAILED = Judgment(nearest(1.0)), Judgment(None, "no_verdict")


def test_more_failed_judgments_than_allowed_stop_the_stage() -> None:
    """2 of 10 at a limit of 10%: the reasons are counted in the message."""
    with pytest.raises(JudgmentError, match=r"2 of 10 judgments failed \(2 no_verdict\)"):
        registry.require_few_failed([GOOD] * 8 + [FAILED] * 2, ScoreSettings(max_failed_share=0.1))


def test_the_limit_itself_is_allowed() -> None:
    """1 of 10 at a limit of 10% goes on."""
    registry.require_few_failed([GOOD] * 9 + [FAILED], ScoreSettings(max_failed_share=0.1))


@pytest.mark.usefixtures("workspace")
def test_a_missing_calibration_names_the_command_that_makes_it() -> None:
    """The next step is in the message."""
    with pytest.raises(TableError, match="dvc repro calibrate"):
        calibration.read_calibration()


@pytest.mark.usefixtures("workspace")
def test_a_corrupt_calibration_is_named_with_its_fault() -> None:
    """Half a file is no calibration."""
    calibration.CALIBRATION.parent.mkdir()
    calibration.CALIBRATION.write_text('{"model": "x"', encoding="utf-8")
    with pytest.raises(TableError, match=r"data/teacher\.json is no calibration"):
        calibration.read_calibration()


def test_a_probe_is_a_row_with_an_id_of_its_content() -> None:
    """The same passage and seed give the same ids; every row says how it was made and whether it is true."""
    text = "Lima was founded in 1535 by Francisco Pizarro. The city had 10,092,000 people in 2023, more than Arequipa or Trujillo."
    chunk = {"document_id": "d", "title": "Lima", "text": text}
    one, again = rows.probes([chunk], 1), rows.probes([chunk], 1)
    assert one == again
    assert len({row["probe_id"] for row in one}) == len(one)
    assert {(row["kind"], row["truth"]) for row in one} >= {("sentence", True), ("exchanged_numbers", False)}
