"""POST /v1/decisions, after openai-python's types/decision.py and types/decision_create_params.py."""

from typing import Any, ClassVar

from tests.openai_server.messages import Json, Request, Response, WireError, json_body
from tests.openai_server.state import DECISIONS, Route, State
from tests.openai_server.texts import canonical, choice_confidence, mean, score_confidence, split_tokens, text_of


class Decisions(State):
    """OpenAI's typed decisions."""

    ROUTES: ClassVar[list[Route]] = [
        ("POST", DECISIONS, "_post_decision"),
    ]

    def _post_decision(self, request: Request) -> Response:
        body = json_body(request)
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
            confidence = choice_confidence(probabilities)
            return {"type": kind, "name": name, "choice": options[best], "probabilities": masses, "confidence": confidence}
        masses = [{"value": value, "label": options[value], "probability": mass} for value, mass in enumerate(probabilities)]
        score = len(options) + 1.0 if fault == "out_of_range" else mean(probabilities)
        return {"type": kind, "name": name, "score": score, "probabilities": masses, "confidence": score_confidence(probabilities)}


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
        return "\n".join(text_of(one.get("content")) for one in value)
    raise WireError(400, "Invalid 'input': a string, or user messages.", param="input", code="invalid_type")
