"""Chat completions and models, as the official client sees them."""

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.openai_server import Model, OpenAIServer, Scripted, level_probabilities, split_tokens
from tests.openai_server.asking import KEY, MODEL, ask

if TYPE_CHECKING:
    from openai import OpenAI


def test_the_default_reply_grades_the_last_user_message(client: "OpenAI") -> None:
    """The level is the most probable one of the distribution that the text determines."""
    levels = level_probabilities("Grade this.")
    reply = ask(client)
    assert f"The answer rests on the passage.\nScore: {levels.index(max(levels)) / 10}" == reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"


def test_the_same_request_gets_the_same_reply(client: "OpenAI") -> None:
    """Nothing in a reply depends on the clock or on what was asked before."""
    first = ask(client, logprobs=True).to_json()
    ask(client, "Something else.")
    assert first == ask(client, logprobs=True).to_json()


def test_usage_counts_the_tokens_of_both_sides(client: "OpenAI") -> None:
    """The tokens of a reply are those that its log-probabilities list, and a message costs three more than its text."""
    reply = ask(client, logprobs=True)
    usage = reply.usage
    assert (3 + len(split_tokens("Grade this.")), len(reply.choices[0].logprobs.content)) == (usage.prompt_tokens, usage.completion_tokens)
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens


@pytest.mark.parametrize("text", ["a_b  c\n\n d ", "Score: 0.75!", "naïve — ½ ٣ 中文\r\n", ""])
def test_tokens_join_to_their_text(text: str) -> None:
    """No character is lost in the cut."""
    assert text == "".join(split_tokens(text))


def test_a_score_is_cut_as_gpt_tokenizers_cut_it() -> None:
    """A space before a digit, each run of digits and the point are tokens of their own; a line end sticks to its full stop."""
    assert ["Good", ".\n", "Score", ":", " ", "0", ".", "7"] == split_tokens("Good.\nScore: 0.7")


def test_logprobs_show_the_distribution_where_the_score_stands(client: "OpenAI") -> None:
    """The digit after the point and the digit before it give the levels back."""
    content = ask(client, "Grade B.", logprobs=True, top_logprobs=20).choices[0].logprobs.content
    levels = level_probabilities("Grade B.")
    assert ["0", "."] == [position.token for position in content[-3:-1]]
    first = {entry.token: math.exp(entry.logprob) for entry in content[-3].top_logprobs}
    digits = {entry.token: math.exp(entry.logprob) for entry in content[-1].top_logprobs}
    listed = [first["0"] * digits[str(digit)] for digit in range(10)] + [first["1"]]
    assert listed == pytest.approx(levels)
    assert list(content[-1].token.encode()) == content[-1].bytes


@pytest.mark.parametrize(("asked", "shown"), [(None, 0), (0, 0), (3, 3), (20, 10)])
def test_top_logprobs_are_the_most_probable_first(client: "OpenAI", asked: int | None, shown: int) -> None:
    """At most as many alternatives as asked for, in falling order."""
    changes: dict[str, Any] = {} if asked is None else {"top_logprobs": asked}
    content = ask(client, "Grade B.", logprobs=True, **changes).choices[0].logprobs.content
    chances = [entry.logprob for entry in content[-1].top_logprobs]
    assert shown == len(chances)
    assert sorted(chances, reverse=True) == chances


def test_without_logprobs_there_are_none(client: "OpenAI") -> None:
    """They come only when asked for."""
    assert ask(client).choices[0].logprobs is None


def test_several_choices_are_draws_and_temperature_0_repeats_one(client: "OpenAI") -> None:
    """Their histogram follows the distribution."""
    drawn = [choice.message.content for choice in ask(client, n=64).choices]
    assert len(set(drawn)) > 1
    greedy = {choice.message.content for choice in ask(client, n=64, temperature=0).choices}
    assert {Counter(drawn).most_common(1)[0][0]} == greedy


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
def test_a_limit_cuts_the_reply(client: "OpenAI", limit: str) -> None:
    """The reply ends where the limit is, and says so."""
    changes: dict[str, Any] = {limit: 2}
    choice = ask(client, **changes).choices[0]
    assert ("The answer", "length") == (choice.message.content, choice.finish_reason)


def test_a_script_states_texts_refusals_and_reasons(server: OpenAIServer, client: "OpenAI") -> None:
    """The test says what the model says."""
    server.respond = lambda _: Scripted(["one", None, ""], finish_reason="content_filter")
    choices = ask(client, n=4).choices
    assert ["one", None, "", "one"] == [choice.message.content for choice in choices]
    assert {"content_filter"} == {choice.finish_reason for choice in choices}
    server.respond = lambda body: Scripted(refusal=f"I cannot grade {body['model']}.")
    message = ask(client).choices[0].message
    assert (None, f"I cannot grade {MODEL}.") == (message.content, message.refusal)


def test_a_script_states_tokens_with_their_alternatives(server: OpenAIServer, client: "OpenAI") -> None:
    """An impossible token has the documented -9999."""
    server.respond = lambda _: Scripted(tokens=[("0", {"0": 0.75, "1": 0.25}), (".7", {"x": 1.0})])
    choice = ask(client, logprobs=True, top_logprobs=1).choices[0]
    assert choice.message.content == "0.7"
    assert [math.log(0.75), -9999.0] == [position.logprob for position in choice.logprobs.content]
    assert [["0"], ["x"]] == [[entry.token for entry in position.top_logprobs] for position in choice.logprobs.content]


@pytest.mark.parametrize(
    ("asked", "param", "code"),
    [
        ({"model": "o4-mini", "logprobs": True}, "logprobs", "unsupported_parameter"),
        ({"model": "o4-mini", "n": 2}, "n", "unsupported_value"),
        ({"model": "o4-mini", "max_tokens": 5}, "max_tokens", "unsupported_parameter"),
        ({"top_logprobs": 21, "logprobs": True}, "top_logprobs", "integer_above_max_value"),
        ({"top_logprobs": 2}, "top_logprobs", None),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"messages": []}, "messages", "missing_required_parameter"),
        ({"stream": True}, "stream", "unsupported_parameter"),
    ],
)
def test_what_a_model_does_not_take_is_a_400(client: "OpenAI", asked: dict[str, Any], param: str, code: str | None) -> None:
    """The error names the parameter, in OpenAI's shape."""
    from openai import BadRequestError

    with pytest.raises(BadRequestError) as caught:
        ask(client, **asked)
    assert (param, code, "invalid_request_error") == (caught.value.param, caught.value.code, caught.value.type)


def test_a_reasoning_model_takes_the_new_limit(client: "OpenAI") -> None:
    """What is refused by its old name is taken by its new one."""
    assert ask(client, model="o4-mini", max_completion_tokens=1).choices[0].message.content == "The"


@pytest.mark.parametrize(("model", "says"), [("gpt-4", "has been deprecated"), ("gpt-99", "does not exist or you do not have access")])
def test_a_retired_or_unknown_model_is_a_404(client: "OpenAI", model: str, says: str) -> None:
    """Both have the code that OpenAI gives them."""
    from openai import NotFoundError

    with pytest.raises(NotFoundError, match=says) as caught:
        ask(client, model=model)
    assert caught.value.code == "model_not_found"


def test_models_are_listed_without_the_retired(server: OpenAIServer, client: "OpenAI") -> None:
    """A model that the test adds is known at once."""
    server.models["mine"] = Model()
    listed = [model.id for model in client.models.list()]
    assert "mine" in listed
    assert "gpt-4" not in listed
    assert client.models.retrieve("mine").id == "mine"


def test_the_wrong_key_is_a_401_that_echoes_it(server: OpenAIServer, client: "OpenAI") -> None:
    """So a client can be tested for what it logs."""
    from openai import AuthenticationError

    ask(client)
    server.key = "sk-other"
    with pytest.raises(AuthenticationError, match=KEY) as caught:
        ask(client)
    assert caught.value.code == "invalid_api_key"
    assert {KEY} == server.keys_seen


def test_an_unknown_path_is_a_404_and_a_bad_body_a_400(client: "OpenAI") -> None:
    """Both in OpenAI's shape."""
    from openai import BadRequestError, NotFoundError

    with pytest.raises(NotFoundError, match=r"Invalid URL \(POST /v1/elsewhere\)"):
        client.post("/elsewhere", cast_to=object, body={})
    with pytest.raises(BadRequestError, match="could not parse the JSON body"):
        client.post("/chat/completions", cast_to=object, content=b"{")


def test_what_is_no_http_is_a_400(server: OpenAIServer) -> None:
    """A client that speaks something else is told, and the connection is closed."""
    import socket

    with socket.create_connection(("127.0.0.1", int(server.origin.rsplit(":", 1)[1])), timeout=30) as line:
        line.sendall(b"hello\r\n\r\n")
        with line.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 400 ")
