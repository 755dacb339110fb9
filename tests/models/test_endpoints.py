"""Endpoints: addresses, prices, keys, and what must not be said aloud."""

from typing import Any

import pytest

from judge.errors import ModelError, SettingsError
from judge.models.endpoints import OPENAI_URL, Endpoint
from judge.settings import check

KEY = "tok.0123456789abcdef"


def _endpoint(**changes: Any) -> Endpoint:
    values: dict[str, Any] = {
        "base_url": None,
        "api_key_env": "JUDGE_TEST_KEY",
        "concurrency": 8,
        "requests_per_minute": None,
        "tokens_per_minute": None,
        "retries": 2,
        "timeout_s": 60.0,
        "usd_per_million_prompt_tokens": 2.0,
        "usd_per_million_completion_tokens": 8.0,
    }
    return check(Endpoint, values | changes)


def test_without_an_address_openai_is_asked() -> None:
    """Null is OpenAI's own address."""
    assert _endpoint().url == OPENAI_URL


def test_a_slash_at_the_end_of_an_address_does_not_count() -> None:
    """Both spellings are one address, so they share their cached replies."""
    assert _endpoint(base_url="http://127.0.0.1:8000/v1/").url == "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    "url",
    ["http://user:secret@host/v1", "https://host/v1?api_key=secret", "ftp://host/v1", "host:8000/v1", "http://", "", "http://user@host/v1"],
)
def test_an_address_holds_no_secret(url: str) -> None:
    """A user, a password or a query in an address is refused, and so is what is no address."""
    with pytest.raises(SettingsError, match="base_url"):
        _endpoint(base_url=url)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://127.example.org/v1", False),
        (None, False),
    ],
)
def test_only_this_machine_is_loopback(url: str | None, loopback: bool) -> None:
    """It decides whether a proxy of the environment is passed by."""
    assert _endpoint(base_url=url).is_loopback is loopback


def test_the_price_is_by_the_million_tokens() -> None:
    """1,000 tokens sent at 2 dollars and 500 returned at 8 dollars a million."""
    assert _endpoint().price(1000, 500) == pytest.approx(0.006)


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blanks around it, as files leave them, are not part of it."""
    monkeypatch.setenv("JUDGE_TEST_KEY", f" {KEY}\n")
    assert _endpoint().key() == KEY


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_its_variable(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """The message says which variable to export."""
    monkeypatch.delenv("JUDGE_TEST_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("JUDGE_TEST_KEY", value)
    with pytest.raises(ModelError, match="export JUDGE_TEST_KEY"):
        _endpoint().key()


def test_a_server_without_keys_is_sent_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Null asks for no variable, OPENAI_API_KEY included."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert _endpoint(api_key_env=None).key() is None


@pytest.mark.parametrize(
    ("said", "safe"),
    [
        (f"Incorrect API key provided: {KEY}.", "Incorrect API key provided: [key]."),
        ("Incorrect API key provided: sk-proj-ab12****************wxyz.", "Incorrect API key provided: [key]"),
        ("Invalid token hf_abcdefghijkl", "Invalid token [key]"),
        ("You gave tok.****cdef, which is wrong", "You gave [key], which is wrong"),
        ("Rate limit reached for gpt-4.1 in organization org-1", "Rate limit reached for gpt-4.1 in organization org-1"),
        ("the score is **0.7**", "the score is **0.7**"),
    ],
)
def test_what_a_server_says_is_freed_of_keys(monkeypatch: pytest.MonkeyPatch, said: str, safe: str) -> None:
    """The key goes, whole and as servers abbreviate it; everything else stays."""
    monkeypatch.setenv("JUDGE_TEST_KEY", KEY)
    assert _endpoint().redact(said) == safe


def test_the_settings_know_only_the_name_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever prints or dumps an endpoint prints no key."""
    monkeypatch.setenv("JUDGE_TEST_KEY", KEY)
    endpoint = _endpoint()
    assert endpoint.key() == KEY
    assert KEY not in f"{endpoint!r} {endpoint.model_dump_json()}"
