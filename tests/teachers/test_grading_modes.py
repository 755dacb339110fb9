"""A chat model as teacher: which form of distribution a server supports, found out by few requests and paid for once."""

from pathlib import Path
from typing import Any

import pytest

from judge.errors import BudgetError, ModelError
from judge.models import batch_api
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.usage import total
from tests.openai_server import Json, Model, OpenAIServer
from tests.teachers.loopback import bodies, grader, items, says

pytestmark = pytest.mark.usefixtures("workspace")


def test_a_server_without_log_probabilities_is_found_out_by_one_request(server: OpenAIServer) -> None:
    """A 400 about logprobs: the first item alone meets it, then every item is asked for several replies."""
    server.models["gpt-6-sol"] = Model(logprobs=False)
    judged = grader(server).judge(items(20))
    assert {"samples"} == {judgment.source for judgment in judged}
    assert [400, *[200] * 20] == [request.status for request in server.requests]
    assert {5} == {body["n"] for body in bodies(server)[1:]}


def test_a_server_that_gives_one_reply_to_a_request_is_asked_for_the_verdict(server: OpenAIServer) -> None:
    """It refuses both the log-probabilities and several replies, once each."""
    server.models["gpt-6-sol"] = Model(logprobs=False, several=False)
    says(server, "Right.\nScore: 0.85")
    judged = grader(server).judge(items(10))
    assert {"verdict"} == {judgment.source for judgment in judged}
    assert [pytest.approx(0.85)] * 10 == [judgment.score for judgment in judged]
    assert [400, 400, *[200] * 10] == [request.status for request in server.requests]


@pytest.fixture
def blind(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> OpenAIServer:
    """The server, passing over what asks for log-probabilities and for several replies."""
    seeing = server._chat

    def chat(body: Json, fault: str | None = None) -> Any:
        return seeing({name: value for name, value in body.items() if name not in ("logprobs", "top_logprobs", "n")}, fault)

    monkeypatch.setattr(server, "_chat", chat)
    says(server, "Right.\nScore: 0.6")
    return server


def test_a_server_that_passes_over_what_it_does_not_know_is_found_out(blind: OpenAIServer) -> None:
    """200 without log-probabilities and with one choice of five: two paid requests for the first item, and they count as its own."""
    judged = grader(blind).judge(items(10))
    assert {("verdict", 0.6)} == {(judgment.source, judgment.score) for judgment in judged}
    assert len(bodies(blind)) == 12
    assert [3, *[1] * 9] == [judgment.usage and judgment.usage.calls for judgment in judged]
    assert judged == grader(blind).judge(items(10))
    assert len(bodies(blind)) == 12


def test_what_a_server_passes_over_is_found_out_once(blind: OpenAIServer) -> None:
    """The budget ends the first run after that; the second does not try again, and ends as an unbroken run does."""
    with pytest.raises(BudgetError):
        grader(blind, samples=2).judge(items(10), budget_usd=0.0066)
    assert 2 < len(bodies(blind)) < 12
    judged = grader(blind, samples=2).judge(items(10))
    assert len(bodies(blind)) == 12
    assert [3, *[1] * 9] == [judgment.usage and judgment.usage.calls for judgment in judged]


@pytest.mark.parametrize(("logprobs", "several"), [(True, True), (False, True), (False, False)])
def test_what_the_cache_has_in_any_form_is_not_asked_again(server: OpenAIServer, logprobs: bool, several: bool) -> None:
    """A second run sends nothing, not even to find out what the server supports."""
    server.models["gpt-6-sol"] = Model(logprobs=logprobs, several=several)
    judged = grader(server).judge(items(4))
    server.reset()
    assert judged == grader(server).judge(items(4))
    assert [] == server.requests


def test_a_run_that_was_stopped_goes_on_where_it_stood(server: OpenAIServer) -> None:
    """The budget ends the first run; the second asks only for the rest, and ends with the judgments of an unbroken one."""
    one = grader(server)
    with pytest.raises(BudgetError):
        one.judge(items(9), budget_usd=0.006)
    before = server.paid.total()
    judged = one.judge(items(9), budget_usd=10.0)
    assert 0 < before < 9
    assert server.paid.total() == 9
    assert max(server.paid.values()) == 1
    assert all(judgment.levels for judgment in judged)


def test_a_batch_judges_like_single_requests_at_half_the_price(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One item finds out what the server supports; the others go into one batch, and no request is paid twice."""
    monkeypatch.setattr(batch_api, "POLL_S", 0.01)
    judged = grader(server, batch=True).judge(items(8))
    usages = [judgment.usage for judgment in judged if judgment.usage]
    assert {"logprobs"} == {judgment.source for judgment in judged}
    assert [pytest.approx(usages[0].usd / 2)] * 7 == [usage.usd for usage in usages[1:]]
    assert [1] * 8 == list(server.paid.values())
    assert len(bodies(server)) == 1


def test_a_run_that_was_stopped_within_a_batch_asks_for_none_of_it_singly(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run waits for the batch that the first had begun."""

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("judge.models.batch_api.time.sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        grader(server, batch=True).judge(items(8))
    monkeypatch.setattr("judge.models.batch_api.time.sleep", lambda _: None)
    judged = grader(server, batch=True).judge(items(8))
    assert all(judgment.levels for judgment in judged)
    assert [1] * 8 == list(server.paid.values())
    assert len(bodies(server)) == 1


def test_what_is_asked_for_by_name_is_not_replaced(server: OpenAIServer) -> None:
    """With distribution: logprobs a server without them is an error that names the option and the way out."""
    server.models["gpt-6-sol"] = Model(logprobs=False)
    with pytest.raises(
        ModelError, match=r"(?s)no token log-probabilities for gpt-6-sol, which teacher openai asks for.*distribution: auto"
    ):
        grader(server, distribution="logprobs").judge(items(3))


@pytest.mark.parametrize(("mode", "fields"), [("samples", {"n": 5, "temperature": 1.0}), ("verdict", {"n": None, "temperature": 0.0})])
def test_a_mode_asked_for_by_name_is_asked_at_once(server: OpenAIServer, mode: str, fields: Json) -> None:
    """Nothing else is tried first."""
    judged = grader(server, distribution=mode).judge(items(3))
    assert {mode} == {judgment.source for judgment in judged}
    assert [fields] * 3 == [{name: body.get(name) for name in fields} for body in bodies(server)]


def test_a_request_that_the_server_refuses_as_such_stops_early(server: OpenAIServer) -> None:
    """A field that the model does not take would fail every row: three requests, then what the server says."""
    server.models["gpt-6-sol"] = Model(max_tokens=False)
    one = grader(server)
    wrong = one.model_copy(update={"chat": one.chat.model_copy(update={"max_tokens_name": "max_tokens"})})
    with pytest.raises(ModelError, match=r"(?s)refuses what teacher openai asks \(400\).*max_tokens.*correct the option file"):
        wrong.judge(items(50))
    assert len(server.requests) == 3


def test_a_refused_first_item_does_not_hide_what_the_server_can_do(server: OpenAIServer) -> None:
    """A refusal says nothing of log-probabilities, so the next item finds out."""
    server.models["gpt-6-sol"] = Model(logprobs=False)
    server.faults = ["500"]
    judged = grader(server).judge(items(30))
    assert judged[0].reason == "error"
    assert {"samples"} == {judgment.source for judgment in judged[1:]}
    assert [500, 400, *[200] * 29] == [request.status for request in server.requests]


def test_a_dry_run_counts_every_item_and_sends_nothing(server: OpenAIServer) -> None:
    """What is in the cache is not to be asked."""
    grader(server).judge(items(2))
    server.reset()
    token = DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as planned:
            grader(server).judge(items(7))
    finally:
        DRY_RUN.reset(token)
    assert (7, 2) == (planned.value.requests, planned.value.cached)
    assert [] == server.requests


def test_the_usage_of_all_rows_is_what_the_ledger_says(server: OpenAIServer) -> None:
    """No paid reply is missing from the table."""
    judged = grader(server).judge(items(6))
    usage = total(judgment.usage for judgment in judged)
    assert usage is not None
    assert server.paid.total() == usage.calls
    assert Path(".cache/replies.sqlite").is_file()
