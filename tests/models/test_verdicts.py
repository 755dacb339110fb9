"""Verdicts in judges' replies: a table of phrasings as models write them."""

import pytest

from judge.models import verdicts
from judge.models.verdicts import Verdict

# The reply, the scale, the grade on that scale, and how its number is written.
PHRASINGS = [
    ("Score: 0.7", (0, 1), 0.7, "0.7"),
    ("**Score:** .7", (0, 1), 0.7, ".7"),
    ("**Score**: 0.7", (0, 1), 0.7, "0.7"),
    ("Score: **0.7**", (0, 1), 0.7, "0.7"),
    ("score = `0.4`", (0, 1), 0.4, "0.4"),
    ("Score - 1.0.", (0, 1), 1.0, "1.0"),
    ("Score – 0.3", (0, 1), 0.3, "0.3"),
    ("Score：0.7", (0, 1), 0.7, "0.7"),
    ("Final score is 0.9", (0, 1), 0.9, "0.9"),
    ("SCORE 0.6", (0, 1), 0.6, "0.6"),
    ("Score: about 0.7", (0, 1), 0.7, "0.7"),
    ("Score: ~0.7", (0, 1), 0.7, "0.7"),
    ("Score: 0,8", (0, 1), 0.8, "0,8"),
    ("Score: 0.7/1", (0, 1), 0.7, "0.7"),
    ("Score: 0.7/1.0", (0, 1), 0.7, "0.7"),
    ("Score: 8/10", (0, 1), 0.8, "8"),
    ("Score: 7 out of 10", (0, 1), 0.7, "7"),
    ("Rating: 70%", (0, 1), 0.7, "70"),
    ("Rating: 70 per cent", (0, 1), 0.7, "70"),
    ("70%", (0, 1), 0.7, "70"),
    ("8/10", (0, 1), 0.8, "8"),
    ("Mostly right: 8/10.", (0, 1), 0.8, "8"),
    ("0.8", (0, 1), 0.8, "0.8"),
    ("1", (0, 1), 1.0, "1"),
    ("[[0.8]]", (0, 1), 0.8, "0.8"),
    ("It is well put. [[ 0.8 ]] So I decide.", (0, 1), 0.8, "0.8"),
    (r"\boxed{0.8}", (0, 1), 0.8, "0.8"),
    ("<score>0.8</score>", (0, 1), 0.8, "0.8"),
    ("| Score | 0.8 |", (0, 1), 0.8, "0.8"),
    ('{"score": 0.8}', (0, 1), 0.8, "0.8"),
    ('{"rationale": "2 of 3 facts", "score": "0.8"}', (0, 1), 0.8, "0.8"),
    ('```json\n{"score": 0.8, "rationale": "all 3 facts"}\n```', (0, 1), 0.8, "0.8"),
    ("Of the 3 facts 2 are there.\nScore: 0.9", (0, 1), 0.9, "0.9"),
    ("The 3 facts of 1889 are there... Score: 0.9", (0, 1), 0.9, "0.9"),
    ("Score: 0.9 because 3 of the 3 facts are there", (0, 1), 0.9, "0.9"),
    ("Score: 0.9 - 2 facts are there", (0, 1), 0.9, "0.9"),
    ("Score: 0.2\nOn reflection, that was wrong.\nScore: 0.9", (0, 1), 0.9, "0.9"),
    ("Score: 0.2\nOn reflection my score is 0.9.", (0, 1), 0.9, "0.9"),
    ("Score: 0.7. A score of 1.0 would need the date too.", (0, 1), 0.7, "0.7"),
    ("Score: 0.7\nThe highest possible score is 1.0.", (0, 1), 0.7, "0.7"),
    ("Score for the answer (0 to 1): 0.7", (0, 1), 0.7, "0.7"),
    ("Score: 0.5 + 0.3 = 0.8", (0, 1), 0.8, "0.8"),
    ("I give the answer a score of 0.7 in all.", (0, 1), 0.7, "0.7"),
    ("I'd give it a 0.6.", (0, 1), 0.6, "0.6"),
    ("I would rate this answer 0.4.", (0, 1), 0.4, "0.4"),
    ("The answer scores 0.3.", (0, 1), 0.3, "0.3"),
    ("4.0\nThe answer has the same metrics as the reference, but 2 words more.", (1, 5), 4.0, "4.0"),
    ("4.5", (1, 5), 4.5, "4.5"),
    ("> **4**", (1, 5), 4.0, "4"),
    ("Feedback: it holds. [RESULT] 4", (1, 5), 4.0, "4"),
    ("Rating: 4/5", (1, 5), 4.0, "4"),
    ("Rating: 8/10", (1, 5), 4.2, "8"),
    ("Grade: 50%", (1, 5), 3.0, "50"),
    ("Score: 10", (0, 10), 10.0, "10"),
    ("final_score: 7", (0, 10), 7.0, "7"),
]

FAILURES = [
    ("", (0, 1), "no_verdict"),
    ("The answer rests on the passage.", (0, 1), "no_verdict"),
    ("Of the 3 claims, 2 hold; I weigh them at 50% each.", (0, 1), "no_verdict"),
    ("Score: N/A", (0, 1), "no_verdict"),
    ("Score: <number>", (0, 1), "no_verdict"),
    ("Score: between 0.6 and 0.7", (0, 1), "no_verdict"),
    ("Score: 0.6-0.7", (0, 1), "no_verdict"),
    ("It came 3rd in version 0.7.1 of 2024-10-23.", (0, 1), "no_verdict"),
    ("The best score is 1.0.", (0, 1), "no_verdict"),
    ("Written for grade 5 students.", (1, 5), "no_verdict"),
    ("Score: 7", (0, 1), "out_of_range"),
    ("Score: -0.2", (0, 1), "out_of_range"),
    ("Score: 11/10", (0, 1), "out_of_range"),
    ("Score: 120%", (0, 1), "out_of_range"),
    ("Score: 0.8\nNo, more than that.\nScore: 7", (0, 1), "out_of_range"),
    ("0.5", (1, 5), "out_of_range"),
]


@pytest.mark.parametrize(("text", "scale", "value", "written"), PHRASINGS)
def test_a_verdict_is_read_from_the_phrasing(text: str, scale: tuple[float, float], value: float, written: str) -> None:
    """Its value is on the scale that was asked for, and its span holds the number as it is written."""
    verdict = verdicts.parse(text, *scale)
    assert isinstance(verdict, Verdict)
    assert value == pytest.approx(verdict.value)
    assert written == text[verdict.start : verdict.end]


@pytest.mark.parametrize(("text", "scale", "reason"), FAILURES)
def test_a_reply_without_a_valid_verdict_has_a_reason(text: str, scale: tuple[float, float], reason: str) -> None:
    """No grade is invented, and one outside the scale is not clipped."""
    assert reason == verdicts.parse(text, *scale)


@pytest.mark.parametrize(
    ("text", "rationale"),
    [
        ("Score: 0.7", None),
        ("**Score:** 0.7.", None),
        ("[[0.7]]", None),
        ("Two of three hold.\n\nScore: 0.7", "Two of three hold."),
        ("0.7\nTwo of three hold.", "Two of three hold."),
        ("Two hold.\n**Score: 0.7**\nOne does not.", "Two hold.\nOne does not."),
    ],
)
def test_the_rationale_is_what_stands_besides_the_verdict(text: str, rationale: str | None) -> None:
    """Before it, after it, or nothing."""
    verdict = verdicts.parse(text, 0, 1)
    assert isinstance(verdict, Verdict)
    assert rationale == verdict.rationale


@pytest.mark.parametrize(
    ("text", "scale"), [("Score: 8/10", (0.0, 10.0)), ("Score: 70%", (0.0, 100.0)), ("Score: 4/5", (1.0, 5.0)), ("Score: 4", (1.0, 5.0))]
)
def test_the_scale_that_the_number_is_written_on_is_told(text: str, scale: tuple[float, float]) -> None:
    """A denominator or a per cent sign changes it; the asked scale's own upper end as a denominator does not."""
    verdict = verdicts.parse(text, 1.0, 5.0)
    assert isinstance(verdict, Verdict)
    assert scale == (verdict.lowest, verdict.highest)


@pytest.mark.parametrize("filler", ["score [ ", "score" + " " * 50, "[" * 9, "1,2 ", "max score " * 3, "\n# ", "a score of the ", "8/1"])
def test_a_long_reply_is_read_in_linear_steps(filler: str) -> None:
    """A hundred thousand characters of almost-verdicts do not hang the parser."""
    verdict = verdicts.parse(filler * (100_000 // len(filler)) + "\nScore: 0.7", 0, 1)
    assert isinstance(verdict, Verdict)
    assert verdict.value == 0.7
