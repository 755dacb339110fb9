"""A loopback server that speaks OpenAI's wire, with simulated latency and with faults on order.

It serves chat completions, decisions, System One, models, files, fine-tuning jobs and batches, each in the shapes of
the official client's own types. A test sets the attributes of `OpenAIServer`, asks through the real client, and
asserts on what the server saw. Everything it says is a function of the request: no clock, no order of arrival.

As a process of its own: `python -m tests.openai_server --port 8080 --latency 1`.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import math
import re
import signal
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]
Fate = Literal["ok", "fail", "missing", "expired"]

CHAT, DECISIONS, SYSTEM_ONE = "/v1/chat/completions", "/v1/decisions", "/v1/systemone"
# The paths that are asked of a model: they have latency, a rate limit, and by default the faults.
ASKED = (CHAT, DECISIONS, SYSTEM_ONE)
# A clock that stands still: the same request gets the same reply.
NOW = 1_790_000_000

_STATUS_FAULTS: dict[str, tuple[int, str, str, str]] = {
    "429": (429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"),
    "bare_429": (429, "Rate limit reached for requests. Please try again later.", "requests", "rate_limit_exceeded"),
    "quota": (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    "500": (500, "The server had an error while processing your request. Sorry about that!", "server_error", "server_error"),
    "503": (503, "That model is currently overloaded with other requests.", "server_error", "server_is_overloaded"),
}
_WIRE_FAULTS = ("timeout", "cut", "truncated", "malformed")
_TEXT_FAULTS = ("refusal", "empty", "out_of_range", "prose", "several")
FAULTS = (*_STATUS_FAULTS, *_WIRE_FAULTS, *_TEXT_FAULTS)


def canonical(body: Any) -> str:
    """A JSON body as one text, whatever the order of its keys: the key of `OpenAIServer.paid`."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def unit(text: str) -> float:
    """A number in [0, 1) that a text determines."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def level_probabilities(text: str, size: int = 11) -> tuple[float, ...]:
    """The distribution over `size` levels that the default replies give a text; it has one peak and sums to 1."""
    peak = int(unit(text) * size)
    weights = [math.exp(-1.1 * abs(level - peak)) * (0.7 + 0.3 * unit(f"{level}|{text}")) for level in range(size)]
    return tuple(weight / math.fsum(weights) for weight in weights)


# How a GPT tokenizer cuts text before it merges: the pattern of cl100k_base, with Python's classes for letters and digits.
_PIECES = re.compile(r"[^\r\n\w]?[^\W\d_]+|\d{1,3}| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def split_tokens(text: str) -> list[str]:
    """A text as tokens that join to it again: "Score: 0.7" is Score, :, a space, 0, ., 7."""
    return _PIECES.findall(text)


Token = tuple[str, Mapping[str, float]]


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
    tokens: Sequence[Token] | None = None
    refusal: str | None = None
    finish_reason: str = "stop"
    delay_s: float = 0.0


@dataclass
class Model:
    """What a model allows: log-probabilities, several choices, `max_tokens` by that name; and whether it has been shut down."""

    logprobs: bool = True
    several: bool = True
    max_tokens: bool = True
    retired: bool = False


@dataclass
class Request:
    """A request as it arrived, and what became of it: the status sent (0: no whole reply), the fault it met."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int = 0
    fault: str | None = None


@dataclass
class Response:
    """What goes back: a JSON value or raw bytes."""

    payload: Any
    status: int = 200
    delay_s: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


class WireError(Exception):
    """A reply with an error, in OpenAI's shape unless another body is given."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None, body: Any = None) -> None:
        super().__init__(message)
        error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
        self.reply = Response({"error": error} if body is None else body, status)


class Bucket:
    """A limit a minute that refills steadily, as the rate headers report it."""

    def __init__(self) -> None:
        self._used = 0.0
        self._at = time.monotonic()

    def used(self, limit: int) -> float:
        """The share of the limit that has not come back yet."""
        now = time.monotonic()
        self._used, self._at = max(0.0, self._used - (now - self._at) * limit / 60), now
        return self._used

    def spend(self, amount: float) -> None:
        """Take from the bucket."""
        self._used += amount


def grade(body: Json) -> Scripted:
    """The default grader: its level depends on the last user message alone.

    One choice, or temperature 0, is the most probable level; several choices are draws from the distribution.
    """
    text = last_user_text(body)
    levels = level_probabilities(text)
    count = body.get("n") or 1
    drawn = [max(range(11), key=levels.__getitem__)] * count
    if count > 1 and body.get("temperature") != 0:
        drawn = [_draw(levels, unit(f"{index}|{text}")) for index in range(count)]
    return Scripted([f"The answer rests on the passage.\nScore: {level / 10}" for level in drawn], levels=levels)


def last_user_text(body: Json) -> str:
    """The text of the last user message of a chat request."""
    spoken = [message["content"] for message in body["messages"] if message["role"] == "user"]
    return _text(spoken[-1]) if spoken else ""


class OpenAIServer:
    """The server: a context manager that listens on 127.0.0.1, in a thread of its own.

    Attributes to set:
        latency_s: seconds that every answer of a model takes.
        respond: from the body of a chat request to what the model says; runs in the server's thread.
        decide: from a text (the evidence and the question) and the number of options to their probabilities, or None for a refusal.
        models: the known models by name, with what each allows; any other is a 404.
        key: the API key that is demanded; None takes any.
        faults: the faults of the next requests to `fault_paths`, in order of arrival; "ok" is none. See `FAULTS`.
        retry_after_s: what the fault 429 says; the official client passes over 0.
        hold_s: how long the fault timeout holds a request before it hangs up.
        requests_per_minute, tokens_per_minute: what the rate headers say; with `enforce_rate`, more is a 429.
        rate_headers: rate headers instead of the computed ones.
        job_polls, batch_polls: looks at a job or batch until it has ended.
        job_error: the error (code, message, param) that fine-tuning jobs end with; None lets them succeed.
        batch_end: how batches end: completed, failed, or expired with half of its requests answered.
        batch_fate: from a custom_id to what becomes of that request in a batch.
        system_one_levels: how many levels a score of System One may have: 10 at the hosted service, 26 in transformers.

    Attributes to read:
        requests: every request in order of arrival.
        paid: how often each chat request, by its canonical body, was answered in full with a well-formed 200.
        in_flight_peak: the most requests that were under way at once.
    """

    def __init__(self, *, port: int = 0, latency_s: float = 0.0, respond: Callable[[Json], Scripted] = grade) -> None:
        self.latency_s = latency_s
        self.respond = respond
        self.decide: Callable[[str, int], Sequence[float] | None] = level_probabilities
        self.models = {name: Model() for name in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o-mini", "gpt-6-luna", "jev-latest")}
        self.models["o4-mini"] = Model(logprobs=False, several=False, max_tokens=False)
        self.models |= {name: Model(retired=True) for name in ("gpt-3.5-turbo", "gpt-4")}
        self.key: str | None = None
        self.fault_paths: tuple[str, ...] = ASKED
        self.retry_after_s: float = 1
        self.hold_s = 60.0
        self.requests_per_minute, self.tokens_per_minute, self.enforce_rate = 10_000, 2_000_000, False
        self.rate_headers: dict[str, str] = {}
        self.job_polls, self.batch_polls = 4, 2
        self.job_error: Json | None = None
        self.batch_end: Literal["completed", "failed", "expired"] = "completed"
        self.batch_fate: Callable[[str], Fate] = lambda _: "ok"
        self.system_one_levels = 10
        self._faults: deque[str] = deque()
        self._mix: dict[str, float] = {}
        self._mix_seed = 0
        self._stored = _Stored()
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen; keep the settings, the models, and what is stored."""
        self.requests: list[Request] = []
        self.paid: Counter[str] = Counter()
        self.in_flight_peak = self._in_flight = 0
        self._attempts: Counter[str] = Counter()
        self._request_bucket, self._token_bucket = Bucket(), Bucket()

    @property
    def faults(self) -> list[str]:
        """The scripted faults that are still to come."""
        return list(self._faults)

    @faults.setter
    def faults(self, names: Sequence[str]) -> None:
        _require_faults(name for name in names if name != "ok")
        self._faults = deque(names)

    def mix(self, shares: Mapping[str, float], *, seed: int = 0) -> None:
        """Faults at random, once the scripted ones are over.

        Args:
            shares: the share of requests that each fault hits, in [0, 1] in all.
            seed: with the canonical body and the number of times that it has come, it decides the fault alone.
        """
        _require_faults(shares)
        self._mix, self._mix_seed = dict(shares), seed

    @property
    def keys_seen(self) -> set[str]:
        """The API keys that requests came with."""
        return {request.headers.get("authorization", "").removeprefix("Bearer ") for request in self.requests}

    @property
    def origin(self) -> str:
        """The address without a path, known once the server has started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def base_url(self) -> str:
        """What a client takes as its base URL."""
        return f"{self.origin}/v1"

    def __enter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = listener.getsockname()[1]
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listener)), daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _serve(self, listener: socket.socket) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, sock=listener)
        self._ready.set()
        async with server:
            await self._stopped.wait()
        # The connections that are still open are cancelled by asyncio.run.

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has hung up
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its reply; False ends the connection."""
        try:
            request = await _read_request(reader)
        except (ValueError, asyncio.LimitOverrunError):
            writer.write(_http(WireError(400, "The request is no HTTP that this server understands.").reply))
            return False
        self.requests.append(request)
        number = len(self.requests)
        self._in_flight += 1
        self.in_flight_peak = max(self.in_flight_peak, self._in_flight)
        try:
            reply = await self._reply(request)
        finally:
            self._in_flight -= 1
        # A client that has hung up meanwhile got nothing, so nothing counts as paid.
        if reply is None or reader.at_eof() or writer.is_closing():
            return False
        reply.headers |= {"x-request-id": f"req_{number}", **self._rates()}
        data = _http(reply)
        if request.fault == "cut":
            writer.write(data[: data.index(b"\r\n\r\n") + 4 + len(_payload(reply)) // 2])
            return False
        request.status = reply.status
        if request.path == CHAT and reply.status == 200 and request.fault not in _WIRE_FAULTS:
            self.paid[canonical(request.body)] += 1
        writer.write(data)
        await writer.drain()
        return request.headers.get("connection") != "close"

    async def _reply(self, request: Request) -> Response | None:
        """The reply, once its latency is over; None hangs up."""
        try:
            self._authorise(request.headers.get("authorization", ""))
            if request.path in ASKED:
                self._limit()
            request.fault = self._next_fault(request)
            if request.fault == "timeout":
                await asyncio.sleep(self.hold_s)
                return None
            if request.fault in _STATUS_FAULTS:
                return self._status_fault(request.fault)
            reply = self._route(request)
        except WireError as error:
            return error.reply
        if request.path in ASKED:
            await asyncio.sleep(self.latency_s + reply.delay_s)
        if request.fault == "truncated":
            whole = _payload(reply)
            reply.payload = whole[: len(whole) // 2]
        if request.fault == "malformed":
            reply.payload = b'{"id": "chatcmpl-0", "choices": [}'
        return reply

    def _authorise(self, header: str) -> None:
        got = header.removeprefix("Bearer ")
        if self.key is not None and got != self.key:
            message = f"Incorrect API key provided: {got}. You can find your API key at https://platform.openai.com/account/api-keys."
            raise WireError(401, message, code="invalid_api_key")

    def _limit(self) -> None:
        if self.enforce_rate and self._request_bucket.used(self.requests_per_minute) + 1 > self.requests_per_minute:
            error = WireError(429, f"Rate limit reached: {self.requests_per_minute} requests a minute.", code="rate_limit_exceeded")
            error.reply.headers["retry-after"] = str(math.ceil(60 / self.requests_per_minute))
            raise error
        self._request_bucket.spend(1)

    def _rates(self) -> dict[str, str]:
        headers = {}
        for name, limit, bucket in (
            ("requests", self.requests_per_minute, self._request_bucket),
            ("tokens", self.tokens_per_minute, self._token_bucket),
        ):
            used = bucket.used(limit)
            headers[f"x-ratelimit-limit-{name}"] = str(limit)
            headers[f"x-ratelimit-remaining-{name}"] = str(max(0, math.floor(limit - used)))
            headers[f"x-ratelimit-reset-{name}"] = duration(used / limit * 60)
        return headers | self.rate_headers

    def _next_fault(self, request: Request) -> str | None:
        if not request.path.startswith(self.fault_paths):
            return None
        if self._faults:
            name = self._faults.popleft()
            return None if name == "ok" else name
        key = canonical(request.body if isinstance(request.body, dict) else str(request.body))
        self._attempts[key] += 1
        point = unit(f"{self._mix_seed}|{self._attempts[key]}|{key}")
        for name, share in self._mix.items():
            point -= share
            if point < 0:
                return name
        return None

    def _status_fault(self, name: str) -> Response:
        status, message, kind, code = _STATUS_FAULTS[name]
        headers = {"retry-after": f"{self.retry_after_s:g}"} if name == "429" else {}
        return Response({"error": {"message": message, "type": kind, "param": None, "code": code}}, status, headers=headers)

    def _route(self, request: Request) -> Response:
        for method, pattern, handler in _ROUTES:
            match = pattern.fullmatch(request.path)
            if method == request.method and match:
                reply: Response = getattr(self, handler)(request, *match.groups())
                return reply
        raise WireError(404, f"Invalid URL ({request.method} {request.path})")

    # Models

    def _model(self, name: Any) -> Model:
        if not isinstance(name, str):
            raise WireError(400, "you must provide a model parameter")
        model = self.models.get(name)
        if model is None:
            raise WireError(404, f"The model `{name}` does not exist or you do not have access to it.", code="model_not_found")
        if model.retired:
            message = f"The model `{name}` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations"
            raise WireError(404, message, code="model_not_found")
        return model

    def _get_models(self, _request: Request) -> Response:
        names = [name for name, model in self.models.items() if not model.retired]
        return Response({"object": "list", "data": [_model_json(name) for name in names]})

    def _get_model(self, _request: Request, name: str) -> Response:
        self._model(name)
        return Response(_model_json(name))

    def _get_state(self, _request: Request) -> Response:
        faults = Counter(request.fault for request in self.requests if request.fault)
        return Response({"requests": len(self.requests), "paid": self.paid, "faults": faults, "in_flight_peak": self.in_flight_peak})

    # Chat completions

    def _post_chat(self, request: Request) -> Response:
        return self._chat(_json_body(request), request.fault)

    def _chat(self, body: Json, fault: str | None = None) -> Response:
        _check_chat(body, self._model(body.get("model")))
        scripted = _spoil(self.respond(body), fault)
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        choices = [_choice(index, scripted, limit, body) for index in range(body.get("n") or 1)]
        spoken = sum(count for _, count in choices)
        asked = sum(3 + len(split_tokens(_text(message.get("content")))) for message in body["messages"])
        self._token_bucket.spend(asked + spoken)
        payload = {
            "id": f"chatcmpl-{_digest(body)}",
            "object": "chat.completion",
            "created": NOW,
            "model": body["model"],
            "choices": [choice for choice, _ in choices],
            "usage": {
                "prompt_tokens": asked,
                "completion_tokens": spoken,
                "total_tokens": asked + spoken,
                "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_loopback",
        }
        return Response(payload, delay_s=scripted.delay_s)

    # Decisions, after openai-python's types/decision.py and types/decision_create_params.py

    def _post_decision(self, request: Request) -> Response:
        body = _json_body(request)
        self._model(body.get("model"))
        text = _evidence(body.get("input"))
        questions = body.get("questions")
        if not isinstance(questions, list) or not questions:
            raise WireError(400, "Missing required parameter: 'questions'.", param="questions", code="missing_required_parameter")
        for key in sorted(set(body) - {"model", "input", "questions", "safety_identifier"}):
            raise WireError(400, f"Unknown parameter: '{key}'.", param=key, code="unknown_parameter")
        answers = [self._decision(text, question, index, request.fault) for index, question in enumerate(questions)]
        tokens = len(split_tokens(text)) + len(split_tokens(canonical(questions)))
        self._token_bucket.spend(tokens)
        usage = {
            "input_tokens": tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 0,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": tokens,
        }
        return Response({"model": body["model"], "answers": [] if request.fault == "empty" else answers, "usage": usage})

    def _decision(self, text: str, question: Any, index: int, fault: str | None) -> Json:
        kind, name, options = _decision_options(question, f"questions[{index}]")
        probabilities = None if fault == "refusal" else self.decide(f"{text}\n{question['instructions']}", len(options))
        if probabilities is None:
            return {"type": "refusal", "name": name}
        if kind == "predicate":
            return {"type": kind, "name": name, "probability": probabilities[0]}
        if kind == "choice":
            best = max(range(len(options)), key=probabilities.__getitem__)
            masses: list[Json] = [{"value": value, "probability": mass} for value, mass in zip(options, probabilities, strict=True)]
            confidence = _choice_confidence(probabilities)
            return {"type": kind, "name": name, "choice": options[best], "probabilities": masses, "confidence": confidence}
        masses = [{"value": value, "label": options[value], "probability": mass} for value, mass in enumerate(probabilities)]
        score = len(options) + 1.0 if fault == "out_of_range" else _mean(probabilities)
        return {"type": kind, "name": name, "score": score, "probabilities": masses, "confidence": _score_confidence(probabilities)}

    # System One, after transformers/cli/serving/systemone.py and transformers/decision/template_utils.py

    def _post_system_one(self, request: Request) -> Response:
        body = _json_body(request)
        state, questions = body.get("state"), body.get("questions")
        for key in ("model", "state", "questions"):
            if key not in body:
                raise _unprocessable("body", key, message="Field required", kind="missing")
        for key in sorted(set(body) - {"model", "state", "questions", "assets"}):
            raise _unprocessable("body", key, message="Extra inputs are not permitted", kind="extra_forbidden")
        if not isinstance(questions, dict) or not questions:
            raise _unprocessable("body", "questions", message="`questions` maps names to questions, with at least one question.")
        if body["model"] not in self.models:
            raise _bad_system_one("unknown_model", f"Unknown model {body['model']!r}.")
        text = state if isinstance(state, str) else canonical(state)
        answers = {name: self._system_one(text, name, question) for name, question in questions.items()}
        tokens = len(split_tokens(text)) + len(split_tokens(canonical(questions)))
        self._token_bucket.spend(tokens)
        usage = {"input_tokens": tokens, "output_tokens": 0}
        return Response({"model": body["model"], "answers": {} if request.fault == "empty" else answers, "usage": usage})

    def _system_one(self, text: str, name: str, question: Any) -> Json:
        kind = question.get("type") if isinstance(question, dict) else None
        criteria = question.get("criteria") if isinstance(question, dict) else None
        shape = {"noul": dict | None, "choice": dict, "score": list}.get(str(kind))
        if shape is None or not isinstance(criteria, shape) or (kind != "noul" and not criteria) or set(question) - _SYSTEM_ONE_KEYS:
            raise _unprocessable("body", "questions", message=f"Question {name!r}: no such type, key, or criteria.")
        limit = {"noul": 2, "choice": 255, "score": self.system_one_levels}[str(kind)]
        if len(criteria or ()) > limit:
            raise _bad_system_one("too_many_options", f"Question {name!r}: at most {limit} options for a {kind} question.")
        options = ["true", "false"] if kind == "noul" else list(map(str, range(len(criteria)))) if kind == "score" else list(criteria)
        probabilities = self.decide(f"{text}\n{question.get('instructions')}", len(options))
        if probabilities is None:
            raise _bad_system_one("refused", f"Question {name!r} was declined.")
        if kind == "noul":
            return {"type": kind, "noul": probabilities[0]}
        masses = dict(zip(options, probabilities, strict=True))
        if kind == "choice":
            best = max(options, key=masses.__getitem__)
            return {"type": kind, "choice": best, "confidence": _choice_confidence(probabilities), "probabilities": masses}
        legend = dict(zip(options, criteria, strict=True))
        confidence = _score_confidence(probabilities)
        return {"type": kind, "score": _mean(probabilities), "legend": legend, "confidence": confidence, "probabilities": masses}

    # Files

    def _post_file(self, request: Request) -> Response:
        purpose, upload = request.body.get("purpose"), request.body.get("file")
        if purpose not in {"fine-tune", "batch"} or not isinstance(upload, tuple):
            raise WireError(400, f"'{purpose}' is not one of ['fine-tune', 'batch'], or the file is missing.", param="purpose")
        _lines(upload[1], "file")
        return Response(self._stored.file(upload[1], upload[0], purpose))

    def _get_files(self, request: Request) -> Response:
        return Response(_page([file for file, _ in self._stored.files.values()], request.query))

    def _get_file(self, _request: Request, file_id: str) -> Response:
        return Response(_found(self._stored.files, file_id, "File")[0])

    def _get_content(self, _request: Request, file_id: str) -> Response:
        content: bytes = _found(self._stored.files, file_id, "File")[1]
        return Response(content, headers={"content-type": "application/octet-stream"})

    def _delete_file(self, _request: Request, file_id: str) -> Response:
        _found(self._stored.files, file_id, "File")
        del self._stored.files[file_id]
        return Response({"id": file_id, "object": "file", "deleted": True})

    # Fine-tuning

    def _post_job(self, request: Request) -> Response:
        body = _json_body(request)
        self._model(body.get("model"))
        for key in ("training_file", "validation_file"):
            if key == "training_file" or body.get(key) is not None:
                _check_examples(self._stored.files.get(str(body.get(key))), key, least=10 if key == "training_file" else 1)
        method = body.get("method") or {"type": "supervised", "supervised": {"hyperparameters": body.get("hyperparameters") or {}}}
        asked = (method.get(method.get("type")) or {}).get("hyperparameters") or {}
        resolved = {"n_epochs": 3, "batch_size": 1, "learning_rate_multiplier": 2.0}
        chosen = {key: value for key, value in asked.items() if value != "auto"}
        job = self._stored.job(
            {
                "model": body["model"],
                "training_file": body["training_file"],
                "validation_file": body.get("validation_file"),
                "hyperparameters": resolved | chosen,
                "method": method,
                "seed": body.get("seed") if body.get("seed") is not None else 42,
                "metadata": body.get("metadata"),
            },
            suffix=body.get("suffix") or "",
        )
        return Response(job)

    def _get_jobs(self, request: Request) -> Response:
        return Response(_page(list(self._stored.jobs.values())[::-1], request.query))

    def _get_job(self, _request: Request, job_id: str) -> Response:
        job = _found(self._stored.jobs, job_id, "fine-tuning job")
        if job["status"] in {"validating_files", "queued", "running"}:
            polls = self._stored.poll(job_id)
            if polls < self.job_polls:
                self._stored.advance(job, "queued" if polls == 1 else "running")
            elif self.job_error is not None:
                job["error"] = {"param": None, **self.job_error}
                self._stored.advance(job, "failed")
            else:
                self.models[self._stored.succeed(job)] = replace(self.models[job["model"]])
        return Response(job)

    def _cancel_job(self, _request: Request, job_id: str) -> Response:
        job = _found(self._stored.jobs, job_id, "fine-tuning job")
        if job["status"] in {"succeeded", "failed", "cancelled"}:
            raise WireError(400, f"Job has already completed: {job_id}", code="invalid_job_state")
        self._stored.advance(job, "cancelled")
        return Response(job)

    def _get_events(self, request: Request, job_id: str) -> Response:
        _found(self._stored.jobs, job_id, "fine-tuning job")
        return Response(_page(self._stored.events[job_id][::-1], request.query))

    def _get_checkpoints(self, request: Request, job_id: str) -> Response:
        job = _found(self._stored.jobs, job_id, "fine-tuning job")
        return Response(_page(_checkpoints(job)[::-1], request.query))

    # Batches

    def _post_batch(self, request: Request) -> Response:
        body = _json_body(request)
        if body.get("endpoint") != CHAT or body.get("completion_window") != "24h":
            raise WireError(400, f"Expected the endpoint {CHAT} and the completion window 24h.", param="endpoint")
        file = self._stored.files.get(str(body.get("input_file_id")))
        if file is None or file[0]["purpose"] != "batch":
            raise WireError(400, "Invalid input_file_id: no file with the purpose batch.", param="input_file_id")
        return Response(self._stored.batch(body))

    def _get_batches(self, request: Request) -> Response:
        return Response(_page(list(self._stored.batches.values())[::-1], request.query))

    def _get_batch(self, _request: Request, batch_id: str) -> Response:
        batch = _found(self._stored.batches, batch_id, "batch")
        if batch["status"] == "cancelling":
            batch |= {"status": "cancelled", "cancelled_at": NOW}
        elif batch["status"] in {"validating", "in_progress"}:
            if self._stored.poll(batch_id) < self.batch_polls:
                batch |= {"status": "in_progress", "in_progress_at": NOW}
            else:
                self._end_batch(batch)
        return Response(batch)

    def _cancel_batch(self, _request: Request, batch_id: str) -> Response:
        batch = _found(self._stored.batches, batch_id, "batch")
        if batch["status"] not in {"validating", "in_progress"}:
            raise WireError(409, f"Cannot cancel a batch with the status '{batch['status']}'.")
        batch |= {"status": "cancelling", "cancelling_at": NOW}
        return Response(batch)

    def _end_batch(self, batch: Json) -> None:
        lines = _lines(_found(self._stored.files, batch["input_file_id"], "File")[1], "input_file_id")
        fault = _batch_fault(lines)
        if fault is None and self.batch_end == "failed":
            fault = {"code": "token_limit_exceeded", "message": "Enqueued token limit reached.", "param": None, "line": None}
        if fault is not None:
            batch |= {"status": "failed", "failed_at": NOW, "errors": {"object": "list", "data": [fault]}}
            return
        done: list[Json] = []
        failed: list[Json] = []
        for number, line in enumerate(lines):
            late = self.batch_end == "expired" and number >= len(lines) // 2
            fate = "expired" if late else self.batch_fate(line["custom_id"])
            if fate != "missing":
                row = self._batch_row(batch["id"], line, fate)
                answered = row["response"] is not None and row["response"]["status_code"] == 200
                (done if answered else failed).append(row)
        for key, rows in (("output_file_id", done), ("error_file_id", failed)):
            # The documented order is none: lines are shuffled by their ids.
            text = "".join(json.dumps(row) + "\n" for row in sorted(rows, key=lambda row: unit(row["custom_id"])))
            batch[key] = self._stored.file(text.encode(), f"{batch['id']}_{key}.jsonl", "batch_output")["id"] if rows else None
        tokens = [row["response"]["body"]["usage"] for row in done]
        read, written = sum(usage["prompt_tokens"] for usage in tokens), sum(usage["completion_tokens"] for usage in tokens)
        batch |= {
            "status": self.batch_end,
            f"{self.batch_end}_at": NOW,
            "request_counts": {"total": len(lines), "completed": len(done), "failed": len(failed)},
            "usage": {
                "input_tokens": read,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": written,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": read + written,
            },
        }

    def _batch_row(self, batch_id: str, line: Json, fate: str) -> Json:
        digest = _digest([batch_id, line["custom_id"]])
        row: Json = {"id": f"batch_req_{digest}", "custom_id": line["custom_id"], "response": None, "error": None}
        if fate == "expired":
            message = "This request could not be executed before the completion window expired."
            return row | {"error": {"code": "batch_expired", "message": message}}
        try:
            reply = self._status_fault("500") if fate == "fail" else self._chat(line["body"])
        except WireError as error:
            reply = error.reply
        if reply.status == 200:
            self.paid[canonical(line["body"])] += 1
        return row | {"response": {"status_code": reply.status, "request_id": f"req_{digest}", "body": reply.payload}}


_ROUTES = [
    (method, re.compile(pattern), handler)
    for method, pattern, handler in (
        ("POST", CHAT, "_post_chat"),
        ("POST", DECISIONS, "_post_decision"),
        ("POST", SYSTEM_ONE, "_post_system_one"),
        ("GET", "/v1/models", "_get_models"),
        ("GET", "/v1/models/(.+)", "_get_model"),
        ("POST", "/v1/files", "_post_file"),
        ("GET", "/v1/files", "_get_files"),
        ("GET", "/v1/files/([^/]+)", "_get_file"),
        ("GET", "/v1/files/([^/]+)/content", "_get_content"),
        ("DELETE", "/v1/files/([^/]+)", "_delete_file"),
        ("POST", "/v1/fine_tuning/jobs", "_post_job"),
        ("GET", "/v1/fine_tuning/jobs", "_get_jobs"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)", "_get_job"),
        ("POST", "/v1/fine_tuning/jobs/([^/]+)/cancel", "_cancel_job"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)/events", "_get_events"),
        ("GET", "/v1/fine_tuning/jobs/([^/]+)/checkpoints", "_get_checkpoints"),
        ("POST", "/v1/batches", "_post_batch"),
        ("GET", "/v1/batches", "_get_batches"),
        ("GET", "/v1/batches/([^/]+)", "_get_batch"),
        ("POST", "/v1/batches/([^/]+)/cancel", "_cancel_batch"),
        ("GET", "/state", "_get_state"),
    )
]


class _Stored:
    """Files, fine-tuning jobs and batches, by id."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[Json, bytes]] = {}
        self.jobs: dict[str, Json] = {}
        self.batches: dict[str, Json] = {}
        self.events: dict[str, list[Json]] = {}
        self._suffixes: dict[str, str] = {}
        self._polls: Counter[str] = Counter()
        self._made: Counter[str] = Counter()

    def _new_id(self, kind: str) -> str:
        self._made[kind] += 1
        return f"{kind}{self._made[kind]:08d}"

    def poll(self, what: str) -> int:
        """Count a look at a job or a batch."""
        self._polls[what] += 1
        return self._polls[what]

    def file(self, content: bytes, name: str, purpose: str) -> Json:
        """Keep a file."""
        file: Json = {"id": self._new_id("file-"), "object": "file", "bytes": len(content), "created_at": NOW, "filename": name}
        self.files[file["id"]] = (file | {"purpose": purpose, "status": "processed"}, content)
        return self.files[file["id"]][0]

    def job(self, asked: Json, *, suffix: str) -> Json:
        """Begin a fine-tuning job."""
        job: Json = {
            "id": self._new_id("ftjob-"),
            "object": "fine_tuning.job",
            "created_at": NOW,
            "organization_id": "org-loopback",
            "status": "validating_files",
            "fine_tuned_model": None,
            "finished_at": None,
            "estimated_finish": None,
            "error": None,
            "result_files": [],
            "trained_tokens": None,
            **asked,
        }
        self.jobs[job["id"]], self._suffixes[job["id"]] = job, suffix
        self.events[job["id"]] = []
        self._event(job["id"], f"Created fine-tuning job: {job['id']}")
        return job

    def advance(self, job: Json, status: str) -> None:
        """Take a job to its next state, with an event."""
        if job["status"] != status:
            job["status"] = status
            self._event(job["id"], f"The job is {status}.", level="error" if status == "failed" else "info")
        if status in {"succeeded", "failed", "cancelled"}:
            job["finished_at"] = NOW

    def succeed(self, job: Json) -> str:
        """Finish a job; the name of its model."""
        tokens = len(split_tokens(self.files[job["training_file"]][1].decode()))
        job["trained_tokens"] = tokens * job["hyperparameters"]["n_epochs"]
        job["fine_tuned_model"] = f"ft:{job['model']}:loopback:{self._suffixes[job['id']]}:{_digest(job['id'])[:8]}"
        for checkpoint in _checkpoints(job):
            step, metrics = checkpoint["step_number"], checkpoint["metrics"]
            message = f"Step {step}: training loss={metrics['train_loss']:.2f}"
            self._event(job["id"], message, kind="metrics", data={"step": step, "train_loss": metrics["train_loss"]})
        self.advance(job, "succeeded")
        return str(job["fine_tuned_model"])

    def _event(self, job_id: str, message: str, *, level: str = "info", kind: str = "message", data: Json | None = None) -> None:
        event = {"id": self._new_id("ftevent-"), "object": "fine_tuning.job.event", "created_at": NOW, "level": level}
        self.events[job_id].append(event | {"message": message, "type": kind, "data": data or {}})

    def batch(self, asked: Json) -> Json:
        """Begin a batch."""
        batch: Json = {
            "id": self._new_id("batch_"),
            "object": "batch",
            "endpoint": asked["endpoint"],
            "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"],
            "metadata": asked.get("metadata"),
            "status": "validating",
            "created_at": NOW,
            "expires_at": NOW + 86_400,
            "output_file_id": None,
            "error_file_id": None,
            "errors": None,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        self.batches[batch["id"]] = batch
        return batch


def _checkpoints(job: Json) -> list[Json]:
    """One checkpoint an epoch, the last being the model itself, oldest first."""
    if job["fine_tuned_model"] is None:
        return []
    epochs = job["hyperparameters"]["n_epochs"]
    names = [f"{job['fine_tuned_model']}:ckpt-step-{epoch * 10}" for epoch in range(1, epochs)] + [job["fine_tuned_model"]]
    return [
        {
            "id": f"ftckpt_{job['id']}_{epoch}",
            "object": "fine_tuning.job.checkpoint",
            "created_at": NOW,
            "fine_tuned_model_checkpoint": name,
            "fine_tuning_job_id": job["id"],
            "step_number": epoch * 10,
            "metrics": {"step": epoch * 10, "train_loss": 1 / epoch, "train_mean_token_accuracy": 1 - 0.5 / epoch},
        }
        for epoch, name in enumerate(names, 1)
    ]


# Checks of what was asked


def _json_body(request: Request) -> Json:
    if not isinstance(request.body, dict):
        message = "We could not parse the JSON body of your request. The API expects a JSON payload."
        raise WireError(400, message)
    return request.body


def _check_chat(body: Json, model: Model) -> None:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) and "role" in one for one in messages):
        raise WireError(400, "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter")
    if body.get("stream"):
        raise WireError(400, "This server does not stream.", param="stream", code="unsupported_parameter")
    for key, least, most in (("n", 1, 128), ("top_logprobs", 0, 20), ("temperature", 0, 2)):
        value = body.get(key)
        if value is not None and not isinstance(value, int | float):
            raise WireError(400, f"Invalid type for '{key}': expected a number.", param=key, code="invalid_type")
        if value is not None and not least <= value <= most:
            side, limit = ("above_max", f"<= {most}") if value > most else ("below_min", f">= {least}")
            raise WireError(
                400, f"Invalid '{key}': expected a value {limit}, but got {value} instead.", param=key, code=f"integer_{side}_value"
            )
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise WireError(400, "The 'logprobs' parameter must be true when 'top_logprobs' is set.", param="top_logprobs")
    if body.get("logprobs") and not model.logprobs:
        message = "Unsupported parameter: 'logprobs' is not supported with this model."
        raise WireError(400, message, param="logprobs", code="unsupported_parameter")
    if (body.get("n") or 1) > 1 and not model.several:
        message = "Unsupported value: 'n' does not support a value above 1 with this model. Only the default (1) value is supported."
        raise WireError(400, message, param="n", code="unsupported_value")
    if body.get("max_tokens") is not None and not model.max_tokens:
        message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        raise WireError(400, message, param="max_tokens", code="unsupported_parameter")


def _lines(content: bytes, param: str) -> list[Json]:
    """The objects of a JSONL file."""
    rows = []
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        try:
            rows.append(json.loads(line))
        except ValueError:
            rows.append(None)
        if not isinstance(rows[-1], dict):
            raise WireError(400, f"Invalid file format. Line {number} is no JSON object.", param=param, code="invalid_jsonl")
    return rows


def _check_examples(file: tuple[Json, bytes] | None, param: str, *, least: int) -> None:
    if file is None or file[0]["purpose"] != "fine-tune":
        raise WireError(400, f"invalid {param}: no file with the purpose fine-tune", param=param, code="invalid_file")
    rows = _lines(file[1], param)
    if len(rows) < least:
        message = f"{file[0]['filename']} has {len(rows)} example(s), but must have at least {least} examples"
        raise WireError(400, message, param=param, code="invalid_n_examples")
    for number, row in enumerate(rows, 1):
        messages = row.get("messages")
        if not isinstance(messages, list) or not messages or messages[-1].get("role") != "assistant":
            message = f"Invalid file format. Example {number} has no messages that end with one of the assistant."
            raise WireError(400, message, param=param, code="invalid_training_file")


def _batch_fault(lines: Sequence[Json]) -> Json | None:
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        custom_id = line.get("custom_id")
        if not isinstance(custom_id, str) or not isinstance(line.get("body"), dict):
            return {
                "code": "missing_required_parameter",
                "message": "A custom_id and a body are required.",
                "param": "custom_id",
                "line": number,
            }
        if line.get("method") != "POST" or line.get("url") != CHAT:
            return {"code": "invalid_url", "message": f"The url has to be {CHAT}, with POST.", "param": "url", "line": number}
        if custom_id in seen:
            return {
                "code": "duplicate_custom_id",
                "message": f"The custom_id '{custom_id}' is used before.",
                "param": "custom_id",
                "line": number,
            }
        seen.add(custom_id)
    return None


_SYSTEM_ONE_KEYS = {"type", "instructions", "criteria"}


def _decision_options(question: Any, where: str) -> tuple[str, str | None, list[Any]]:
    """The type, the name and the options of a question to the Decisions API: 2 to 255 choices, 2 to 10 levels."""
    kind = question.get("type") if isinstance(question, dict) else None
    listed = {"predicate": None, "choice": ("choices", "value", 255), "score": ("levels", "label", 10)}
    if kind not in listed:
        raise WireError(
            400, f"Invalid value: '{kind}'. Supported are predicate, choice and score.", param=f"{where}.type", code="invalid_value"
        )
    if not isinstance(question.get("instructions"), str):
        message = f"Missing required parameter: '{where}.instructions'."
        raise WireError(400, message, param=f"{where}.instructions", code="missing_required_parameter")
    shape = listed[kind]
    extra = set(question) - {"type", "name", "instructions", shape[0] if shape else ""}
    if extra:
        raise WireError(400, f"Unknown parameter: '{where}.{min(extra)}'.", param=f"{where}.{min(extra)}", code="unknown_parameter")
    if shape is None:
        return kind, question.get("name"), [True, False]
    key, label, most = shape
    options = question.get(key)
    if not isinstance(options, list) or not all(isinstance(option, dict) and label in option for option in options):
        raise WireError(400, f"Invalid '{where}.{key}': a list of objects with a {label}.", param=f"{where}.{key}", code="invalid_type")
    if not 2 <= len(options) <= most:
        code, limit = (
            ("array_above_max_length", f"maximum length {most}") if len(options) > most else ("array_below_min_length", "minimum length 2")
        )
        message = f"Invalid '{where}.{key}': expected an array with {limit}, but got an array with length {len(options)} instead."
        raise WireError(400, message, param=f"{where}.{key}", code=code)
    return kind, question.get("name"), [option[label] for option in options]


def _evidence(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, dict) and one.get("role") == "user" for one in value):
        return "\n".join(_text(one.get("content")) for one in value)
    raise WireError(400, "Invalid 'input': a string, or user messages.", param="input", code="invalid_type")


def _unprocessable(*where: str, message: str, kind: str = "value_error") -> WireError:
    return WireError(422, message, body={"detail": [{"loc": list(where), "msg": message, "type": kind}]})


def _bad_system_one(kind: str, message: str) -> WireError:
    return WireError(400, message, body={"detail": {"error_type": kind, "message": message}})


def _require_faults(names: Any) -> None:
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        message = f"There is no fault {unknown[0]!r}; there are {', '.join(FAULTS)}."
        raise ValueError(message)


# What is said


def _spoil(scripted: Scripted, fault: str | None) -> Scripted:
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


def _choice(index: int, scripted: Scripted, limit: int | None, body: Json) -> tuple[Json, int]:
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


def _tokens(text: str, levels: Sequence[float] | None) -> list[Token]:
    """The tokens of a text with their alternatives; where the last score stands, those of the levels."""
    pieces = split_tokens(text)
    tokens: list[Token] = [(piece, {piece: 0.97, " and": 0.02, " or": 0.01}) for piece in pieces]
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


def _draw(masses: Sequence[float], point: float) -> int:
    for index, mass in enumerate(masses):
        point -= mass
        if point < 0:
            return index
    return len(masses) - 1


def _mean(probabilities: Sequence[float]) -> float:
    return math.fsum(value * mass for value, mass in enumerate(probabilities))


def _choice_confidence(probabilities: Sequence[float]) -> float:
    """How far the most probable option stands above chance: 0 is uniform, 1 certain."""
    chance = 1 / len(probabilities)
    return 1.0 if chance == 1 else max(0.0, (max(probabilities) - chance) / (1 - chance))


def _score_confidence(probabilities: Sequence[float]) -> float:
    """How near the mass lies to the most probable level, against a uniform distribution: 0 to 1."""
    count = len(probabilities)
    best = max(range(count), key=probabilities.__getitem__)
    distance = math.fsum(mass * abs(value - best) for value, mass in enumerate(probabilities))
    uniform = sum(abs(value - (count - 1) / 2) for value in range(count)) / count
    return 1.0 if count == 1 else max(0.0, 1 - distance / uniform)


def _text(content: Any) -> str:
    """The text of a message, whether plain or in parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    return "".join(part.get("text") or "" for part in parts)


def _model_json(name: str) -> Json:
    return {"id": name, "object": "model", "created": NOW, "owned_by": "loopback"}


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode()).hexdigest()[:24]


def _found(table: Mapping[str, Any], key: str, kind: str) -> Any:
    if key not in table:
        raise WireError(404, f"No such {kind} object: {key}", param="id")
    return table[key]


def _page(rows: Sequence[Json], query: Mapping[str, str]) -> Json:
    """The page of a list that follows the row `after`."""
    ids = [row["id"] for row in rows]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    page = rows[start : start + int(query.get("limit", 20))]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return {"object": "list", "data": page, "has_more": start + len(page) < len(rows), **ends}


def duration(seconds: float) -> str:
    """A time as the reset headers write it: 120ms, 1s, 6m0s."""
    milliseconds = math.ceil(seconds * 1000)
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds / 1000, 60)
    return f"{minutes:g}m{rest:g}s" if minutes else f"{rest:g}s"


# HTTP


async def _read_request(reader: asyncio.StreamReader) -> Request:
    """The next request of a connection.

    Raises:
        ValueError: this is no HTTP/1 request with a plain body.
        asyncio.IncompleteReadError: the client has hung up.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *fields = head.strip().split("\r\n")
    method, target, version = first.split(" ")
    headers = {name.lower(): value.strip() for name, value in (one.split(":", 1) for one in fields)}
    if not version.startswith("HTTP/1.") or "transfer-encoding" in headers:
        raise ValueError(version)
    content = await reader.readexactly(int(headers.get("content-length", "0")))
    url = urlsplit(target)
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return Request(method, unquote(url.path), query, headers, _parse_body(content, headers.get("content-type", "")))


def _parse_body(content: bytes, content_type: str) -> Any:
    """A JSON value; of a multipart form its fields, a file as (name, bytes); else the bytes."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if boundary is None:
        with contextlib.suppress(ValueError):
            return json.loads(content)
        return content
    form: Json = {}
    for part in content.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, value = part[2:-2].partition(b"\r\n\r\n")
        labels = dict(re.findall(r'(\bname|filename)="([^"]*)"', head.decode()))
        form[labels["name"]] = (labels["filename"], value) if "filename" in labels else value.decode()
    return form


def _payload(reply: Response) -> bytes:
    return reply.payload if isinstance(reply.payload, bytes) else json.dumps(reply.payload).encode()


def _http(reply: Response) -> bytes:
    payload = _payload(reply)
    headers = {"content-type": "application/json", "content-length": str(len(payload)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is told to stop; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description="A loopback server that speaks OpenAI's wire.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that every answer takes")
    parser.add_argument("--key", help="the API key to demand")
    parser.add_argument("--rpm", type=int, help="requests a minute, enforced")
    parser.add_argument("--mix", default="", help="faults and their shares, such as 429=0.1,500=0.05")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the mix")
    parser.add_argument("--retry-after", type=float, default=1.0, help="seconds that the fault 429 names")
    parser.add_argument("--model", action="append", default=[], help="one more model to know; may be repeated")
    options = parser.parse_args(arguments)
    with OpenAIServer(port=options.port, latency_s=options.latency) as server:
        server.key, server.retry_after_s = options.key, options.retry_after
        server.models |= {name: Model() for name in options.model}
        server.mix({name: float(share) for name, share in (one.split("=") for one in options.mix.split(",") if one)}, seed=options.seed)
        if options.rpm is not None:
            server.requests_per_minute, server.enforce_rate = options.rpm, True
        told = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: told.set())
        print(server.base_url, flush=True)  # noqa: T201 - whoever started the process reads it
        told.wait()


if __name__ == "__main__":
    main()
