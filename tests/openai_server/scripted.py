"""What a model says: a script for one reply, the default grader, and a reply as the choices of a chat completion."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.openai_server.messages import Json
from tests.openai_server.texts import draw, level_probabilities, split_tokens, text_of, unit

ScriptedToken = tuple[str, Mapping[str, float]]


@dataclass(frozen=True)
class Scripted:
    """What a model says to one request.

    Attributes:
        texts: one text a choice, taken in a circle when more choices are asked for; None is a null content.
        levels: a distribution over 0.0, 0.1, … 1.0 that the log-probabilities show where the last score of a text stands.
        tokens: the exact tokens, each with the probabilities of its alternatives (its own included); replaces the texts.
        refusal: the text of a refusal; the content is then null.
        finish_reason: as on the wire; `length` is set by itself when the request's limit cuts the text.
        delay_s: seconds on top of the server's latency.
    """

    texts: Sequence[str | None] = ("",)
    levels: Sequence[float] | None = None
    tokens: Sequence[ScriptedToken] | None = None
    refusal: str | None = None
    finish_reason: str = "stop"
    delay_s: float = 0.0


def grade(body: Json) -> Scripted:
    """The default grader: its level depends on the last user message alone.

    One choice, or temperature 0, is the most probable level; several choices are draws from the distribution.
    """
    text = last_user_text(body)
    levels = level_probabilities(text)
    count = body.get("n") or 1
    drawn = [max(range(11), key=levels.__getitem__)] * count
    if count > 1 and body.get("temperature") != 0:
        drawn = [draw(levels, unit(f"{index}|{text}")) for index in range(count)]
    return Scripted([f"The answer rests on the passage.\nScore: {level / 10}" for level in drawn], levels=levels)


def last_user_text(body: Json) -> str:
    """The text of the last user message of a chat request."""
    spoken = [message["content"] for message in body["messages"] if message["role"] == "user"]
    return text_of(spoken[-1]) if spoken else ""


def spoil(scripted: Scripted, fault: str | None) -> Scripted:
    """What the model says under a fault of the text; the last score stays the true one except where that is the fault."""
    if fault == "refusal":
        return Scripted(refusal="I'm sorry, but I can't assist with that request.")
    if fault == "empty":
        return Scripted()
    if fault == "out_of_range":
        return Scripted(["The answer goes beyond the passage.\nScore: 7"])
    before = {"prose": "Of the 3 claims, 2 hold; I weigh them at 50% each.\n", "several": "Score: 0.2\nOn reflection, that was wrong.\n"}
    if fault in before:
        return replace(scripted, tokens=None, texts=[before[fault] + (text or "") for text in scripted.texts])
    return scripted


def choice_of(index: int, scripted: Scripted, limit: int | None, body: Json) -> tuple[Json, int]:
    """One choice of a completion, and the number of its tokens."""
    text = None if scripted.refusal is not None else scripted.texts[index % len(scripted.texts)]
    tokens = scripted.tokens if scripted.tokens is not None else _tokens(text or "", scripted.levels)
    cut = limit is not None and len(tokens) > limit
    tokens = tokens[:limit]
    if scripted.tokens is not None or cut:
        text = "".join(token for token, _ in tokens)
    content = [_position(token, chances, body.get("top_logprobs") or 0) for token, chances in tokens]
    choice = {
        "index": index,
        "message": {"role": "assistant", "content": text, "refusal": scripted.refusal, "annotations": []},
        "logprobs": {"content": content, "refusal": None} if body.get("logprobs") else None,
        "finish_reason": "length" if cut else scripted.finish_reason,
    }
    return choice, len(tokens) or len(split_tokens(scripted.refusal or ""))


def _tokens(text: str, levels: Sequence[float] | None) -> list[ScriptedToken]:
    """The tokens of a text with their alternatives; where the last score stands, those of the levels."""
    pieces = split_tokens(text)
    tokens: list[ScriptedToken] = [(piece, {piece: 0.97, " and": 0.02, " or": 0.01}) for piece in pieces]
    starts = [at for at in range(len(pieces) - 2) if pieces[at] in {"0", "1"} and pieces[at + 1] == "." and pieces[at + 2].isdecimal()]
    if levels is None or not starts:
        return tokens
    start = starts[-1]
    one = levels[10]
    digits = {str(digit): levels[digit] / (1 - one) if one < 1 else 0.1 for digit in range(10)}
    tokens[start] = (pieces[start], {"0": 1 - one, "1": one})
    tokens[start + 2] = (pieces[start + 2], digits if pieces[start] == "0" else {"0": 0.99, "5": 0.01})
    return tokens


def _position(token: str, chances: Mapping[str, float], top: int) -> Json:
    ranked = sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))
    return {**_logprob(token, chances.get(token, 0.0)), "top_logprobs": [_logprob(*pair) for pair in ranked[:top]]}


def _logprob(token: str, chance: float) -> Json:
    # -9999 is what the documentation gives for a token that is very unlikely.
    return {"token": token, "bytes": list(token.encode()), "logprob": math.log(chance) if chance > 0 else -9999.0}
