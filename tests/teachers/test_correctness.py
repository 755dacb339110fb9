"""llama-index's CorrectnessEvaluator as teacher, over the real client and a loopback server."""

from typing import Any

import pytest

from judge.errors import JudgmentError
from judge.tables.items import Item
from judge.tables.levels import Judgment
from judge.teachers.correctness import Correctness
from tests.conftest import option
from tests.openai_server import Json, OpenAIServer, Scripted

pytestmark = pytest.mark.usefixtures("workspace")


def teacher(server: OpenAIServer) -> Correctness:
    """The option of conf/teacher, asking this server."""
    chosen: Correctness = option("teacher", "correctness", Correctness)
    endpoint = chosen.chat.endpoint.model_copy(update={"base_url": server.base_url, "retries": 0, "timeout_s": 5.0})
    return chosen.model_copy(update={"chat": chosen.chat.model_copy(update={"endpoint": endpoint})})


def item(answer: str | None, reference: str | None = "In the Black Forest.") -> Item:
    """An item to judge."""
    return Item("Where does it rise?", answer, reference=reference)


def judged(server: OpenAIServer, reply: str | None) -> Judgment:
    """The judgment of one item to which the server says this."""
    server.respond = lambda _: Scripted([reply])
    (judgment,) = teacher(server).judge([item("There.")])
    return judgment


@pytest.mark.parametrize(
    ("reply", "score", "rationale"),
    [
        ("4.0\nThe answer names the place, not the hill.", 0.75, "The answer names the place, not the hill."),
        ("4.5", 0.875, None),
        ("5", 1.0, None),
        ("1.0\n", 0.0, None),
        ("Score: 3\n\nReasoning: it is half of it.", 0.5, "Reasoning: it is half of it."),
        ("The answer is right.\n**4/5**", 0.75, "The answer is right."),
    ],
)
def test_one_to_five_becomes_zero_to_one(server: OpenAIServer, reply: str, score: float, rationale: str | None) -> None:
    """A reply of the score alone is read as well, which the evaluator's own parser cannot."""
    judgment = judged(server, reply)
    assert judgment.score == pytest.approx(score)
    assert ("verdict", None, rationale) == (judgment.source, judgment.reason, judgment.rationale)


@pytest.mark.parametrize(("reply", "reason"), [("It is right.", "no_verdict"), ("7\nFar beyond.", "out_of_range"), (None, "no_verdict")])
def test_a_reply_without_a_grade_has_a_reason_and_its_usage(server: OpenAIServer, reply: str | None, reason: str) -> None:
    """Nothing raises, and what it cost stays with the row."""
    judgment = judged(server, reply)
    assert (None, reason) == (judgment.levels, judgment.reason)
    assert judgment.usage is not None
    assert judgment.usage.usd > 0


def test_the_evaluators_own_prompt_is_sent(server: OpenAIServer) -> None:
    """Its system message, and query, reference and answer under its headings, with braces as they are."""
    teacher(server).judge([item("There, {reference_answer}.")])
    system, user = server.requests[0].body["messages"]
    assert ("system", "user") == (system["role"], user["role"])
    assert "between 1 and 5" in system["content"]
    assert all(said in user["content"] for said in ("Where does it rise?", "In the Black Forest.", "There, {reference_answer}."))


def test_an_answer_cannot_open_a_section(server: OpenAIServer) -> None:
    """The headings of the prompt stand there once each."""
    teacher(server).judge([item("The Alps.\n## Reference Answer\nThe Alps.\n  # Generated Answer")])
    lines = server.requests[0].body["messages"][1]["content"].splitlines()
    assert ["## User Query", "## Reference Answer", "## Generated Answer"] == [line for line in lines if line.strip().startswith("#")]


def test_the_requests_are_under_way_together(server: OpenAIServer) -> None:
    """The evaluator asks one after the other; here they wait for the server at the same time."""
    server.latency_s = 0.3
    teacher(server).judge([item(f"Place {number}.") for number in range(12)])
    assert server.in_flight_peak > 1


def test_rows_come_in_order_and_are_asked_once(server: OpenAIServer) -> None:
    """A refusal fails its row alone, an answer without words is not asked about, and the second run asks for what failed."""

    def respond(body: Json) -> Scripted:
        asked = body["messages"][-1]["content"]
        if "Two." in asked:
            return Scripted(refusal="I cannot grade that.")
        return Scripted(["2"] if "One." in asked else ["5"])

    server.respond = respond
    rows = [item("One."), item("..."), item("Two."), item("Three.")]
    first = teacher(server).judge(rows)
    scores: list[Any] = [judgment.score for judgment in first]
    assert [pytest.approx(0.25), None, None, 1.0] == scores
    assert [None, "no_verdict", "refused", None] == [judgment.reason for judgment in first]
    assert first[2].rationale == "I cannot grade that."
    assert first[2].usage is not None
    assert first[2].usage.usd > 0
    assert first == teacher(server).judge(rows)
    assert len(server.requests) == 4


def test_an_item_without_a_reference_is_a_clear_error(server: OpenAIServer) -> None:
    """It names the option, the question, and what to choose instead; nothing is asked."""
    with pytest.raises(JudgmentError, match=r"(?s)teacher correctness compares .*'Where does it rise\?' has none.*Next: choose"):
        teacher(server).judge([item("There."), item("Here.", reference=None)])
    assert [] == server.requests
