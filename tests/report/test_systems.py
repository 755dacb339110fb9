"""The command `judge systems`: what it prints of a table of figures."""

from pathlib import Path

import pytest

from judge.__main__ import main
from judge.errors import TableError
from judge.evaluation import figures
from judge.evaluation.definitions import SYSTEMS
from judge.evaluation.figures import ALL, NONE, PEOPLE, counted, measured
from judge.report import cells
from judge.report.systems import as_text
from judge.tables.schema import Row

CONFIDENCE = counted("interval", NONE, "confidence", None, 0.95)


def _system(name: str, labelled: int, corrected: float) -> list[Row]:
    part = ALL if name == ALL else f"generator={name}"
    share = (corrected, corrected - 0.1, corrected + 0.08, None)
    return [
        measured(SYSTEMS, PEOPLE, part, "labelled", labelled, (0.5, 0.3, 0.7, None) if labelled else (None, None, None, "undefined")),
        measured(SYSTEMS, PEOPLE, part, "corrected", labelled, share),
        measured(SYSTEMS, PEOPLE, part, "rogan_gladen", labelled, (None, None, None, "undefined")),
        counted(SYSTEMS, PEOPLE, "labels_saved", labelled, 21, part),
        counted(SYSTEMS, PEOPLE, "naive", 200, 0.25, part),
        counted(SYSTEMS, PEOPLE, "judged", 200, 200, part),
    ]


def _ahead(one: str, other: str, value: float, low: float, high: float) -> Row:
    return measured(SYSTEMS, PEOPLE, f"pair={one},{other}", "ahead", 60, (value, low, high, None))


def _text(*rows: Row) -> str:
    return as_text(figures.frame([*rows, CONFIDENCE]))


def test_a_system_has_a_line_and_the_best_is_held_against_the_others() -> None:
    """The difference is turned round where the table has it the other way, and what labels do not tell apart is said."""
    text = _text(
        *_system(ALL, 90, 0.5),
        *_system("large", 30, 0.6),
        *_system("small", 30, 0.4),
        *_system("tiny", 30, 0.58),
        _ahead("large", "small", 0.2, 0.05, 0.33),
        _ahead("large", "tiny", 0.02, -0.1, 0.14),
        _ahead("small", "tiny", -0.18, -0.3, -0.04),
    )
    lines = text.splitlines()
    assert "Share of a system's answers that people accept, from 90 labelled answers; 95% intervals by document" == lines[0]
    assert ["large", "200", "30", "0.250", "0.500", "[0.300,", "0.700]", "0.600", "[0.500,", "0.680]", "–", "(a)", "21"] == lines[2].split()
    assert "  small by 0.200 [0.050, 0.330]\n  tiny by 0.020 [-0.100, 0.140], so that they are not told apart\n" in text
    assert "(a) undefined: " in lines[-1]
    assert "  tiny by 0.180" not in text


def test_the_best_may_be_the_second_of_a_pair() -> None:
    """Then the difference in the table is below 0."""
    text = _text(*_system(ALL, 60, 0.5), *_system("a", 30, 0.4), *_system("b", 30, 0.6), _ahead("a", "b", -0.2, -0.33, -0.05))
    assert (
        "b has the highest corrected share, which of several is in part luck. At 95% it is ahead of\n  a by 0.200 [0.050, 0.330]\n" in text
    )


def test_one_system_is_compared_with_none() -> None:
    """There is no best of one."""
    assert "highest" not in _text(*_system(ALL, 30, 0.6), *_system("large", 30, 0.6))


def test_where_nobody_has_labelled_it_says_what_to_do() -> None:
    """And shows what the judge accepts, without passing it off as what people would say."""
    rows = [row for row in (*_system(ALL, 0, 0.5), *_system("large", 0, 0.5)) if row["figure"] in ("labelled", "naive", "judged")]
    text = _text(*rows)
    assert text.startswith("Nobody has labelled an answer: what people would say of these systems is not known.\n")
    assert "\n  large  0.250\nNext: `judge annotate` shows answers to label" in text


def test_figures_of_before_are_refused() -> None:
    """The message names the next step."""
    with pytest.raises(TableError, match=r"has no figures of systems.\nNext: `dvc repro`"):
        _text()


def test_the_command_prints_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From metrics/figures.csv of the project; without the file exit code 2 and no traceback."""
    monkeypatch.chdir(tmp_path)
    assert 2 == main(["systems"])
    assert "figures.csv is missing" in capsys.readouterr().err
    figures.FIGURES_CSV.parent.mkdir()
    table = figures.frame([*_system(ALL, 30, 0.6), *_system("large", 30, 0.6), CONFIDENCE])
    figures.write(table)
    assert 0 == main(["systems"])
    assert as_text(table) == capsys.readouterr().out


def test_systems_are_no_simple_judges() -> None:
    """The tables of judges against people leave them out."""
    assert [] == cells.people_baselines(figures.frame(_system(ALL, 30, 0.6)))
    assert [] == cells.against_people(figures.frame(_system(ALL, 30, 0.6)))
