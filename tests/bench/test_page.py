"""docs/bench.md is made from metrics/bench.csv."""

from bench import page, table
from bench.table import Line
from judge.report import readme
from tests.conftest import ROOT

STUDENT = Line(
    "student",
    "judge rows",
    "the student",
    "the peer",
    "rows/s",
    241.4,
    20.12,
    12.0,
    11.5,
    12.62,
    to_reach=10.0,
    ours_n=600,
    peer_n=600,
    repeats=3,
    ours_dtype="bfloat16",
    ours_share=0.614,
    machine="2 cores",
)


def test_a_line_is_a_row_of_the_table() -> None:
    """With its ratio, what is aimed at, and the share of the limit."""
    row = page.as_markdown([STUDENT]).splitlines()[2]
    assert (
        "| student: judge rows | the student | the peer | 241 rows/s | 20.1 rows/s | 12 (11.5 to 12.6) | ≥ 10: yes | 600 and 600 | 3 "
        "| 61% of bfloat16; – |"
    ) == row


def test_of_the_commands_the_slowest_stands_for_all() -> None:
    """Against the seconds that it may take."""
    commands = [Line("commands", "start", f"judge {name}", None, "s", taken, to_reach=0.5) for name, taken in (("a", 0.3), ("b", 0.6))]
    rows = page.as_markdown(commands).splitlines()[2:]
    assert len(rows) == 1
    assert "| judge b | – | 0.6 s | – | – | ≤ 0.5 s: no |" in rows[0]


def test_lengths_of_prompts_are_no_work() -> None:
    """They are kept for docs/scale.md alone."""
    assert len(page.as_markdown([Line("teachers", "a prompt", "openai", None, "tokens", 500.0)]).splitlines()) == 2


def test_the_same_lines_give_the_same_picture() -> None:
    """A PNG file, byte for byte; without lines too."""
    assert page.picture([STUDENT]) == page.picture([STUDENT])
    assert page.picture([STUDENT]).startswith(b"\x89PNG")
    assert page.picture([]).startswith(b"\x89PNG")


def test_the_page_is_that_of_the_file() -> None:
    """As it is committed."""
    text = (ROOT / page.PAGE).read_text(encoding="utf-8")
    assert text == readme.with_blocks(text, page.blocks(table.read(ROOT / table.BENCH_CSV)), "docs/bench.md")
