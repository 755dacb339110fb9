"""HTTP as the server reads and writes it, and the shapes that its endpoints share."""

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]


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


async def read_request(reader: asyncio.StreamReader) -> Request:
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


def payload_of(reply: Response) -> bytes:
    """The bytes of a reply's body."""
    return reply.payload if isinstance(reply.payload, bytes) else json.dumps(reply.payload).encode()


def encode(reply: Response) -> bytes:
    """A reply as HTTP/1.1."""
    payload = payload_of(reply)
    headers = {"content-type": "application/json", "content-length": str(len(payload)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + payload


def json_body(request: Request) -> Json:
    """The JSON object that was sent; WireError where it is none."""
    if not isinstance(request.body, dict):
        message = "We could not parse the JSON body of your request. The API expects a JSON payload."
        raise WireError(400, message)
    return request.body


def json_lines(content: bytes, param: str) -> list[Json]:
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


def found_in(table: Mapping[str, Any], key: str, kind: str) -> Any:
    """A stored thing by its id; WireError with a 404 where there is none."""
    if key not in table:
        raise WireError(404, f"No such {kind} object: {key}", param="id")
    return table[key]


def page_of(rows: Sequence[Json], query: Mapping[str, str]) -> Json:
    """The page of a list that follows the row `after`."""
    ids = [row["id"] for row in rows]
    start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
    page = rows[start : start + int(query.get("limit", 20))]
    ends = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {"first_id": None, "last_id": None}
    return {"object": "list", "data": page, "has_more": start + len(page) < len(rows), **ends}
