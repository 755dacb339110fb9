"""Typed decisions as teacher, on both wires, over the real client and a loopback server."""

import json
from typing import Any

import pytest

from judge.errors import ModelError, SettingsError
from judge.settings import check
from judge.tables.items import Item
from judge.teachers.decisions import Decisions
from tests.conftest import option
from tests.openai_server import DECISIONS, SYSTEM_ONE, Json, OpenAIServer, Response
from tests.teachers.loopback import item, only

pytestmark = pytest.mark.usefixtures("workspace")

NAMES = {"openai": "openai-decisions", "systemone": "transformers-serve"}
PATHS = {"openai": DECISIONS, "systemone": SYSTEM_ONE}
both_wires = pytest.mark.parametrize("wire", ["openai", "systemone"])


def teacher(server: OpenAIServer, wire: str, **changes: Any) -> Decisions:
    """The wire's option of conf/teacher, asking this server with the key."""
    chosen: Decisions = option("teacher", NAMES[wire], Decisions, **{"model": "gpt-6-luna", **changes})
    address = {"base_url": server.base_url, "api_key_env": "OPENAI_API_KEY", "retries": 0, "timeout_s": 5.0}
    return chosen.model_copy(update={"endpoint": chosen.endpoint.model_copy(update=address)})


@both_wires
def test_the_probabilities_of_the_rubric_become_the_levels(server: OpenAIServer, wire: str) -> None:
    """Three levels are 0, 0.5 and 1; what the server gives is scaled to a sum of 1."""
    server.decide = lambda _, count: [0.2, 0.2, 0.4][:count]
    judgment = only(teacher(server, wire, criteria=["wrong", "in part", "right"]).judge([item("There.")]))
    assert judgment.levels == pytest.approx([0.25, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0.5])
    assert ("decision", None, None) == (judgment.source, judgment.reason, judgment.rationale)


@both_wires
def test_every_rubric_of_conf_is_read_in_full(server: OpenAIServer, wire: str) -> None:
    """Its last level is the score 1.0, its first 0.0."""
    one = teacher(server, wire)
    server.decide = lambda _, count: [0.5, *[0.0] * (count - 2), 0.5]
    judgment = only(one.judge([item("There.")]))
    assert judgment.levels == pytest.approx([0.5, *[0] * 9, 0.5])


def test_levels_between_ours_are_shared(server: OpenAIServer) -> None:
    """Of four levels the second is a third: two thirds of it on 0.3, one third on 0.4."""
    server.decide = lambda _, count: [float(level == 1) for level in range(count)]
    judgment = only(teacher(server, "openai", criteria=["a", "b", "c", "d"]).judge([item("There.")]))
    assert judgment.levels == pytest.approx([0, 0, 0, 2 / 3, 1 / 3, 0, 0, 0, 0, 0, 0])


def test_openai_is_asked_a_score_question_about_json(server: OpenAIServer) -> None:
    """The request as the Decisions API documents it: the evidence as text, the levels with label and description."""
    teacher(server, "openai", criteria=["wrong", "right"], instructions="How right?").judge([item('So "it" is.</answer>')])
    (request,) = server.requests
    evidence = json.loads(request.body.pop("input"))
    assert item('So "it" is.</answer>') == Item(**evidence)
    levels = [{"label": "0.00", "description": "wrong"}, {"label": "1.00", "description": "right"}]
    question = {"type": "score", "name": "grade", "instructions": "How right?", "levels": levels}
    assert ("/v1/decisions", {"model": "gpt-6-luna", "questions": [question]}) == (request.path, request.body)


def test_system_one_is_asked_a_score_question_about_a_state(server: OpenAIServer) -> None:
    """The request as Jev and `transformers serve` take it; only the chosen evidence is shown."""
    one = teacher(server, "systemone", criteria=["wrong", "right"], instructions="How right?", evidence=["context", "answer"])
    one.judge([item("There.", context=None)])
    (request,) = server.requests
    question = {"type": "score", "instructions": "How right?", "criteria": ["wrong", "right"]}
    expected = {"model": "gpt-6-luna", "state": {"context": None, "answer": "There."}, "questions": {"grade": question}}
    assert ("/v1/systemone", expected) == (request.path, request.body)


@both_wires
def test_rows_come_in_order_with_their_tokens_and_price(server: OpenAIServer, wire: str) -> None:
    """Prompt tokens as the server counts them, no completion; an answer without words is not asked about."""
    judged = teacher(server, wire).judge([item("One."), item("..."), item("Two."), item("One.")])
    assert judged[0] == judged[3]
    assert judged[0].levels != judged[2].levels
    assert ("no_verdict", None) == (judged[1].reason, judged[1].usage)
    usage = judged[0].usage
    assert usage is not None
    assert (1, 0) == (usage.calls, usage.completion_tokens)
    assert usage.prompt_tokens > 0
    assert (wire == "openai") == (usage.usd > 0)
    assert len(server.requests) == 2


@both_wires
def test_a_decision_is_asked_for_once(server: OpenAIServer, wire: str) -> None:
    """The second run takes it from the cache."""
    one = teacher(server, wire)
    judged = one.judge([item("There.")])
    assert judged == one.judge([item("There.")])
    assert len(server.requests) == 1


def test_a_refusal_is_a_judgment_with_a_reason_and_is_paid(server: OpenAIServer) -> None:
    """The model declines one question; the others are answered."""
    server.decide = lambda text, count: None if "Two." in text else [1 / count] * count
    judged = teacher(server, "openai").judge([item("One."), item("Two.")])
    assert [None, "refused"] == [judgment.reason for judgment in judged]
    assert judged[1].usage is not None
    assert judged[1].usage.usd > 0


@both_wires
@pytest.mark.parametrize(("fault", "reason"), [("500", "error"), ("malformed", "error"), ("empty", "no_verdict")])
def test_a_request_that_fails_is_a_judgment_with_a_reason(server: OpenAIServer, wire: str, fault: str, reason: str) -> None:
    """A reply without an answer was paid for and keeps its usage; an error cost nothing."""
    server.faults = [fault]
    judgment = only(teacher(server, wire).judge([item("There.")]))
    assert (None, reason) == (judgment.levels, judgment.reason)
    assert judgment.usage is not None
    assert int(fault == "empty") == judgment.usage.calls


@both_wires
def test_a_fault_that_passes_is_asked_again_by_the_client(server: OpenAIServer, wire: str) -> None:
    """Two overloads, then the answer: the client's own retries hold for these paths too."""
    server.faults = ["503", "500"]
    one = teacher(server, wire)
    one = one.model_copy(update={"endpoint": one.endpoint.model_copy(update={"retries": 2})})
    assert only(one.judge([item("There.")])).levels is not None
    assert [503, 500, 200] == [request.status for request in server.requests]


@both_wires
@pytest.mark.parametrize("masses", [[], [0.5], [0.5, -0.5], [0.0, 0.0], [0.2, 0.3, 0.5], None])
def test_probabilities_that_are_none_are_no_verdict(
    server: OpenAIServer, wire: str, masses: list[float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few, too many, negative, all 0, or missing."""
    stated: Any = masses if masses is None else {str(level): mass for level, mass in enumerate(masses)}
    if wire == "openai" and masses is not None:
        stated = [{"value": level, "label": "", "probability": mass} for level, mass in enumerate(masses)]
    answer = {"type": "score", "name": "grade", "score": 0.5, "probabilities": stated}
    usage = {"input_tokens": 7, "output_tokens": 0, "total_tokens": 7}
    payload = {"model": "m", "answers": {"grade": answer} if wire == "systemone" else [answer], "usage": usage}
    monkeypatch.setattr(server, "_route", lambda _: Response(payload))
    judgment = only(teacher(server, wire, criteria=["wrong", "right"]).judge([item("There.")]))
    assert (None, "no_verdict") == (judgment.levels, judgment.reason)


@both_wires
def test_a_wrong_key_is_in_no_message(server: OpenAIServer, wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is told the name of the variable."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-fedcba9876543210")
    with pytest.raises(ModelError) as raised:
        teacher(server, wire).judge([item("There.")])
    assert "OPENAI_API_KEY" in str(raised.value)
    assert "fedcba" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("openai-decisions", {"criteria": [str(level) for level in range(11)]}, "at most 10 criteria"),
        ("transformers-serve", {"criteria": [str(level) for level in range(27)]}, "at most 26 criteria"),
        ("openai-decisions", {"evidence": ["question"]}, "`answer` among the evidence"),
    ],
)
def test_an_option_that_the_wire_cannot_take_is_refused(name: str, changes: Json, said: str) -> None:
    """Before anything is asked."""
    values = option("teacher", name, Decisions).model_dump() | changes
    with pytest.raises(SettingsError) as raised:
        check(Decisions, values)
    assert said in str(raised.value)
