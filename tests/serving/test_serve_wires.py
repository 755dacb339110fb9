"""Typed questions: the student's distribution as answers of both wires, for clients of these wires."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge import load
from judge.serving.server import typed_questions
from judge.tables.items import Item
from judge.tables.levels import LEVELS, interpolate, mean
from judge.teachers.decisions import Decisions
from tests.conftest import option
from tests.serving.served import ROW, Served, served

QUESTIONS: dict[str, Any] = {
    "grade": {"type": "score", "instructions": "How good is it?", "criteria": ["bad", "so so", "good"]},
    "fine": {"type": "noul", "instructions": "Is it acceptable?"},
    "which": {"type": "choice", "instructions": "Which?", "criteria": {"Unacceptable": None, "Acceptable": "it is good"}},
}


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small student, served for all tests of this file."""
    with served(folder, tmp_path_factory.mktemp("wires")) as found:
        yield found


def system_one(**changes: Any) -> dict[str, Any]:
    """A request of System One."""
    return {"model": "judge", "state": ROW, "questions": QUESTIONS, **changes}


def decisions(**changes: Any) -> dict[str, Any]:
    """The same questions in the form of OpenAI's Decisions."""
    questions = [
        {"type": "score", "name": "grade", "instructions": "How good?", "levels": [{"label": name} for name in ("bad", "so so", "good")]},
        {"type": "predicate", "name": "fine", "instructions": "Is it acceptable?"},
        {"type": "choice", "instructions": "Which?", "choices": [{"value": "no"}, {"value": "yes", "description": "it is good"}]},
    ]
    return {"model": "judge", "input": json.dumps(ROW), "questions": questions, **changes}


@pytest.mark.parametrize("count", [2, 3, 6, 10, 11, 26])
def test_a_distribution_keeps_its_mean_over_other_levels(count: int) -> None:
    """Over eleven it stays what it is."""
    judgment = tuple(0.5 * left + 0.5 * right for left, right in zip(interpolate(0.3), interpolate(0.87), strict=True))
    masses = typed_questions.levels(judgment, count)
    assert 1.0 == pytest.approx(math.fsum(masses))
    assert all(mass >= 0.0 for mass in masses)
    assert mean(judgment) == pytest.approx(math.fsum(mass * index for index, mass in enumerate(masses)) / (count - 1))
    assert count != len(LEVELS) or list(judgment) == pytest.approx(masses)


def test_system_one_answers_each_question_from_the_same_judgment(server: Served, folder: Path) -> None:
    """Level, yes and choice are what the student says of the answer."""
    (judgment,) = load(folder).judge([ROW])
    reply = server.post("/v1/systemone", system_one()).json()
    grade, fine, which = (reply["answers"][name] for name in QUESTIONS)
    assert judgment.score == pytest.approx(grade["score"] / 2, abs=0.02)
    assert {"0": "bad", "1": "so so", "2": "good"} == grade["legend"]
    assert judgment.acceptable == pytest.approx(fine["noul"], abs=0.05)
    assert fine["noul"] == which["probabilities"]["Acceptable"]
    assert ("Acceptable" if fine["noul"] > 0.5 else "Unacceptable") == which["choice"]
    assert ("judge", 0) == (reply["model"], reply["usage"]["output_tokens"])


def test_both_wires_say_the_same(server: Served) -> None:
    """They differ in form alone; the evidence may be the text of an object on either."""
    named = server.post("/v1/systemone", system_one(state=json.dumps(ROW))).json()["answers"]
    listed = server.post("/v1/decisions", decisions()).json()["answers"]
    parts = [{"role": "user", "content": [{"type": "input_text", "text": json.dumps(ROW)}]}]
    assert listed == server.post("/v1/decisions", decisions(input=parts)).json()["answers"]
    assert ["grade", "fine", None] == [answer["name"] for answer in listed]
    assert list(named["grade"]["probabilities"].values()) == [mass["probability"] for mass in listed[0]["probabilities"]]
    assert named["fine"]["noul"] == listed[1]["probability"]
    assert ("yes" if named["fine"]["noul"] > 0.5 else "no") == listed[2]["choice"]


def test_the_request_types_of_transformers_serve_are_ours(server: Served) -> None:
    """What its server takes, ours takes, and the other way round; the answers have its keys."""
    from transformers.cli.serving.systemone import SystemOneRequest
    from transformers.decision import DecisionConfig, parse_questions

    request = SystemOneRequest.model_validate(system_one(), strict=True)
    theirs = {each.name: each for each in parse_questions(request.questions, DecisionConfig())}
    answers = server.post("/v1/systemone", request.model_dump()).json()["answers"]
    for name, question in theirs.items():
        expected = question.answer([1 / len(question.options)] * len(question.options))
        assert expected.keys() == answers[name].keys()
        assert {key: type(value) for key, value in expected.items()} == {key: type(value) for key, value in answers[name].items()}
        if question.type != "noul":
            again = question.answer(list(answers[name]["probabilities"].values()))
            assert again["confidence"] == pytest.approx(answers[name]["confidence"])


@pytest.mark.parametrize("name", ["transformers-serve", "openai-decisions"])
@pytest.mark.usefixtures("workspace")
def test_our_own_teacher_asks_it(server: Served, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A student behind HTTP is a teacher for another project: scores come through as they are."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    teacher: Decisions = option("teacher", name, Decisions)
    teacher = teacher.model_copy(update={"endpoint": teacher.endpoint.model_copy(update={"base_url": f"{server.url}/v1"})})
    items = [Item(**ROW), Item(**{**ROW, "answer": "It is a bird of prey."}), Item(**{**ROW, "answer": "..."})]
    expected = load(folder).judge(items)
    judged = teacher.judge(items)
    assert ["decision"] * 3 == [judgment.source for judgment in judged]
    assert [None, None, "no_verdict"] == [judgment.reason for judgment in judged]
    for mine, theirs in zip(expected[:2], judged[:2], strict=True):
        assert mine.score == pytest.approx(theirs.score, abs=0.02)


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("systemone", system_one(state="It is a string instrument."), 422, "has to be a JSON object"),
        ("systemone", system_one(state=[ROW]), 422, "has to be a JSON object"),
        ("systemone", system_one(state={**ROW, "context": None}), 422, "the context is missing"),
        ("systemone", system_one(state={"question": "Why?", "context": "So."}), 422, "`answer` is missing"),
        ("systemone", system_one(state={**ROW, "answer": "..."}), 400, "no verdict"),
        ("systemone", system_one(assets={"img-1": {}}), 400, "reads no images"),
        (
            "systemone",
            system_one(questions={"a": {"type": "choice", "criteria": {"calm": None, "angry": None}}}),
            400,
            "acceptable/unacceptable",
        ),
        ("systemone", system_one(questions={"a": {"type": "score", "criteria": ["only"]}}), 400, "2 to 26 levels"),
        ("systemone", system_one(questions={"a": {"type": "essay"}}), 422, "'noul', 'choice', 'score'"),
        ("systemone", system_one(questions={}), 422, "at least 1 item"),
        ("systemone", {"state": ROW, "questions": QUESTIONS}, 422, "Field required"),
        ("decisions", decisions(input="plain text"), 422, "has to be a JSON object"),
        ("decisions", decisions(input=[{"role": "system", "content": "{}"}]), 422, "'user'"),
        ("decisions", decisions(temperature=0), 422, "Extra inputs"),
    ],
)
def test_what_a_student_cannot_answer_is_refused_in_words(server: Served, path: str, body: Any, status: int, said: str) -> None:
    """With the place in the request, and nothing is judged."""
    reply = server.post(f"/v1/{path}", body)
    assert status == reply.status_code
    assert any(said in fault["msg"] and fault["loc"][0] == "body" for fault in reply.json()["detail"])


def test_an_answer_without_words_is_declined_on_openais_wire(server: Served) -> None:
    """That wire has a form for it."""
    reply = server.post("/v1/decisions", decisions(input=json.dumps({**ROW, "answer": "..."})))
    assert (200, {"refusal"}) == (reply.status_code, {answer["type"] for answer in reply.json()["answers"]})
