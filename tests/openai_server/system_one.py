"""POST /v1/systemone, after transformers/cli/serving/systemone.py and transformers/decision/template_utils.py."""

from typing import Any, ClassVar

from tests.openai_server.messages import Json, Request, Response, WireError, json_body
from tests.openai_server.state import SYSTEM_ONE, Route, State
from tests.openai_server.texts import canonical, choice_confidence, mean, score_confidence, split_tokens

_SYSTEM_ONE_KEYS = {"type", "instructions", "criteria"}


class SystemOne(State):
    """System One: named questions about one state."""

    ROUTES: ClassVar[list[Route]] = [
        ("POST", SYSTEM_ONE, "_post_system_one"),
    ]

    system_one_levels = 10

    def _post_system_one(self, request: Request) -> Response:
        body = json_body(request)
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
            return {"type": kind, "choice": best, "confidence": choice_confidence(probabilities), "probabilities": masses}
        legend = dict(zip(options, criteria, strict=True))
        confidence = score_confidence(probabilities)
        return {"type": kind, "score": mean(probabilities), "legend": legend, "confidence": confidence, "probabilities": masses}


def _unprocessable(*where: str, message: str, kind: str = "value_error") -> WireError:
    return WireError(422, message, body={"detail": [{"loc": list(where), "msg": message, "type": kind}]})


def _bad_system_one(kind: str, message: str) -> WireError:
    return WireError(400, message, body={"detail": {"error_type": kind, "message": message}})
