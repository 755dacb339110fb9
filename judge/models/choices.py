"""What one reply of a chat model holds: its text, and its tokens with their log-probabilities where the server gives them."""

from typing import Any, NamedTuple


class Token(NamedTuple):
    """A token of a reply, its natural-log probability, and those of the alternatives that the server lists, itself among them."""

    text: str
    logprob: float
    alternatives: dict[str, float]


class Choice(NamedTuple):
    """One reply's text, None where it is empty; its tokens where log-probabilities were asked for and given."""

    text: str | None
    tokens: list[Token] | None


def choice_of(choice: Any) -> Choice:
    """A choice of a reply, from the JSON that OpenAI's API gives it."""
    content = ((choice.get("logprobs") or {}).get("content")) or None
    tokens = content and [
        Token(
            token["token"],
            token["logprob"],
            {other["token"]: other["logprob"] for other in token.get("top_logprobs") or []} | {token["token"]: token["logprob"]},
        )
        for token in content
    ]
    text = choice["message"].get("content")
    return Choice(text if text and text.strip() else None, tokens or None)
