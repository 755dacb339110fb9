"""A model hub on loopback: one model, at one commit, as `huggingface_hub` asks for it."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, NamedTuple
from urllib.parse import unquote, urlsplit

COMMIT = "a" * 40


class _Reply(NamedTuple):
    content: bytes
    headers: dict[str, str]
    status: HTTPStatus = HTTPStatus.OK


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    name: ClassVar[str]
    folder: ClassVar[Path]

    def do_GET(self) -> None:
        """Head and content."""
        self.wfile.write(self._head())

    def do_HEAD(self) -> None:
        """The head alone."""
        self._head()

    def log_message(self, *_: Any) -> None:
        """Nothing, on standard error."""

    def _head(self) -> bytes:
        reply = self._reply(unquote(urlsplit(self.path).path))
        self.send_response(reply.status)
        for header, value in {"Content-Length": str(len(reply.content)), **reply.headers}.items():
            self.send_header(header, value)
        self.end_headers()
        return reply.content

    def _reply(self, path: str) -> _Reply:
        about = f"/api/models/{self.name}"
        if path in (f"{about}/revision/main", f"{about}/revision/v1.0"):
            return _json({"id": self.name, "sha": COMMIT, "siblings": []})
        if path == f"{about}/tree/{COMMIT}":
            return _json(
                [{"type": "file", "path": each.name, "size": each.stat().st_size, "oid": _oid(each)} for each in self.folder.iterdir()]
            )
        if path.startswith(f"/{self.name}/resolve/{COMMIT}/"):
            file = self.folder / path.rpartition("/")[2]
            return _Reply(file.read_bytes(), {"ETag": f'"{_oid(file)}"', "X-Repo-Commit": COMMIT})
        lacks = "RevisionNotFound" if path.startswith(about) else "RepoNotFound"
        return _Reply(b"{}", {"X-Error-Code": lacks}, HTTPStatus.NOT_FOUND)


@contextmanager
def serving(name: str, folder: Path) -> Iterator[str]:
    """The address of a hub that has a folder as a model of that name, with the branch `main` and the tag `v1.0`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Hub", (_Hub,), {"name": name, "folder": folder}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _json(content: Any) -> _Reply:
    return _Reply(json.dumps(content).encode(), {})


def _oid(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
