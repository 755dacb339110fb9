"""Decisions and System One, as the official client sees them."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.openai_server import DECISIONS, OpenAIServer

if TYPE_CHECKING:
    from openai import OpenAI


LEVELS = [{"label": f"{level / 10}"} for level in range(10)]


def _decide(client: "OpenAI", *questions: dict[str, Any], **changes: Any) -> Any:
    body = {"model": "gpt-6-luna", "input": "An answer.", "questions": list(questions), **changes}
    return client.post("/decisions", cast_to=object, body=body)


def test_a_decision_answers_each_kind_of_question(server: OpenAIServer, client: "OpenAI") -> None:
    """In question order, with a probability for every option, and exactly the fields of the official types."""
    server.decide = lambda _, size: [0.25, 0.75, *[0.0] * (size - 2)]
    reply = _decide(
        client,
        {"type": "predicate", "name": "true", "instructions": "It is true."},
        {"type": "choice", "instructions": "Which?", "choices": [{"value": "a"}, {"value": True, "description": "yes"}]},
        {"type": "score", "name": "level", "instructions": "How good?", "levels": LEVELS[:3]},
    )
    predicate, choice, score = reply["answers"]
    assert {"type": "predicate", "name": "true", "probability": 0.25} == predicate
    masses: list[Any] = [{"value": "a", "probability": 0.25}, {"value": True, "probability": 0.75}]
    assert {"type": "choice", "name": None, "choice": True, "probabilities": masses, "confidence": 0.5} == choice
    masses = [{"value": index, "label": f"{index / 10}", "probability": mass} for index, mass in enumerate([0.25, 0.75, 0.0])]
    assert {"type": "score", "name": "level", "score": 0.75, "probabilities": masses, "confidence": 0.625} == score
    assert {"model", "answers", "usage"} == set(reply)
    assert {"input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens"} == set(reply["usage"])


def test_a_decision_reads_messages_like_text(client: "OpenAI") -> None:
    """Parts of user messages are the same evidence as a string."""
    question = {"type": "score", "instructions": "How good?", "levels": LEVELS}
    parts = [{"role": "user", "content": [{"type": "input_text", "text": "An "}, {"type": "input_text", "text": "answer."}]}]
    plain = _decide(client, question)
    assert plain["answers"] == _decide(client, question, input=parts)["answers"]
    assert sum(mass["probability"] for mass in plain["answers"][0]["probabilities"]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("question", "param", "code"),
    [
        ({"type": "score", "levels": [*LEVELS, {"label": "1.0"}]}, "questions[0].levels", "array_above_max_length"),
        ({"type": "score", "levels": LEVELS[:1]}, "questions[0].levels", "array_below_min_length"),
        ({"type": "score", "levels": ["0.0", "1.0"]}, "questions[0].levels", "invalid_type"),
        ({"type": "noul"}, "questions[0].type", "invalid_value"),
        ({"type": "predicate", "levels": LEVELS}, "questions[0].levels", "unknown_parameter"),
    ],
)
def test_a_decision_has_limits(client: "OpenAI", question: dict[str, Any], param: str, code: str) -> None:
    """Two to ten levels, each an object with a label; an eleventh is a 400."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError) as caught:
        _decide(client, {"instructions": "How good?", **question})
    assert (param, code) == (caught.value.param, caught.value.code)


def test_eleven_levels_fit_into_a_choice(client: "OpenAI") -> None:
    """A choice takes up to 255 options, so it gives the whole distribution."""
    choices = [{"value": f"{level / 10}"} for level in range(11)]
    answer = _decide(client, {"type": "choice", "instructions": "How good?", "choices": choices})["answers"][0]
    assert [choice["value"] for choice in choices] == [mass["value"] for mass in answer["probabilities"]]


def test_a_decision_takes_nothing_of_a_chat(client: "OpenAI") -> None:
    """No temperature, no log-probabilities, and questions are a must."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match="Unknown parameter: 'temperature'"):
        _decide(client, {"type": "predicate", "instructions": "x"}, temperature=0)
    with pytest.raises(BadRequestError, match="'questions'"):
        _decide(client)


def test_a_decision_is_refused_question_by_question(server: OpenAIServer, client: "OpenAI") -> None:
    """On order by the fault, or by the test's own function."""
    question = {"type": "predicate", "name": "q", "instructions": "x"}
    server.faults = ["refusal", "500"]
    assert [{"type": "refusal", "name": "q"}] == _decide(client, question)["answers"]
    assert "predicate" == _decide(client.with_options(max_retries=1), question)["answers"][0]["type"]
    server.decide = lambda text, _: None if "secret" in text else [1.0, 0.0]
    answers = _decide(client, question, question | {"instructions": "secret"})["answers"]
    assert ["predicate", "refusal"] == [answer["type"] for answer in answers]
    assert {DECISIONS} == {request.path for request in server.requests}


def _system_one(client: "OpenAI", **changes: Any) -> Any:
    body = {"model": "jev-latest", "state": {"answer": "An answer."}, "questions": {}, **changes}
    return client.post("/systemone", cast_to=object, body=body)


def test_system_one_answers_as_transformers_does(server: OpenAIServer, client: "OpenAI") -> None:
    """The same numbers in the same fields as the library that serves this wire locally."""
    from transformers.decision import DecisionConfig, parse_questions

    masses = {2: [0.25, 0.75], 3: [0.1, 0.6, 0.3]}
    server.decide = lambda _, size: masses[size]
    questions: dict[str, Any] = {
        "true": {"type": "noul", "instructions": "Is it true?"},
        "kind": {"type": "choice", "instructions": "Which?", "criteria": {"a": None, "b": "The other"}},
        "level": {"type": "score", "instructions": "How good?", "criteria": ["low", "middle", "high"]},
    }
    reply = _system_one(client, questions=questions)
    expected = {one.name: one.answer(masses[len(one.options)]) for one in parse_questions(questions, DecisionConfig())}
    assert list(expected) == list(reply["answers"])
    for name, answer in expected.items():
        assert {key: pytest.approx(value) for key, value in answer.items() if isinstance(value, float)}.items() <= reply["answers"][
            name
        ].items()
        assert {key: value for key, value in answer.items() if not isinstance(value, float)}.items() <= reply["answers"][name].items()
        assert set(answer) == set(reply["answers"][name])
    assert 0 == reply["usage"]["output_tokens"]


def test_system_one_refuses_in_its_own_shape(server: OpenAIServer, client: "OpenAI") -> None:
    """A 422 lists what does not fit; a 400 says what is too much, which the test can change."""
    from openai import BadRequestError, UnprocessableEntityError

    with pytest.raises(UnprocessableEntityError) as caught:
        _system_one(client, questions={"q": {"type": "predicate"}})
    assert isinstance(caught.value.body, dict)
    assert [["body", "questions"]] == [item["loc"] for item in caught.value.body["detail"]]
    eleven = {"q": {"type": "score", "instructions": "How good?", "criteria": [str(level / 10) for level in range(11)]}}
    with pytest.raises(BadRequestError, match="too_many_options"):
        _system_one(client, questions=eleven)
    server.system_one_levels = 26
    assert 11 == len(_system_one(client, questions=eleven)["answers"]["q"]["probabilities"])
    with pytest.raises(BadRequestError, match="unknown_model"):
        _system_one(client, questions=eleven, model="jev")
