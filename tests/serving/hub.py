"""A model hub on loopback, with one model or none, as `huggingface_hub` reads it and writes to it."""

import base64
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

TOKEN = "hf_of_the_tests"  # noqa: S105 - nothing is behind it


class _Reply(NamedTuple):
    content: bytes
    headers: dict[str, str]
    status: HTTPStatus = HTTPStatus.OK


class Model:
    """A model's commits, each its files by name, with what it is read and written by.

    Attributes:
        name: ORGANISATION/NAME; None before it is made.
        private: as it was made.
        commits: by hash; the first has nothing.
        branches: the hash of each; tags likewise.
        messages: of the commits that were pushed.
        blobs: large files by their hash, before a commit names them.
        cards: what the hub was asked to look over.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.private = False
        self.commits: dict[str, dict[str, bytes]] = {"0" * 40: {}}
        self.branches = {"main": "0" * 40}
        self.tags: dict[str, str] = {}
        self.messages: list[str] = []
        self.blobs: dict[str, bytes] = {}
        self.cards: list[str] = []

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        """Another commit of a branch, with these files."""
        sha = hashlib.sha1(repr((len(self.commits), files)).encode(), usedforsecurity=False).hexdigest()
        self.commits[sha], self.branches[branch] = files, sha
        return sha

    def resolve(self, revision: str) -> str | None:
        """The hash of a branch, tag or hash; None where there is no such."""
        known = {**self.branches, **self.tags, **{sha: sha for sha in self.commits}}
        return known.get(revision)


class _Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ClassVar[Model]

    def do_GET(self) -> None:
        """Head and content."""
        self.wfile.write(self._send(self._read(unquote(urlsplit(self.path).path))))

    def do_HEAD(self) -> None:
        """The head alone."""
        self._send(self._read(unquote(urlsplit(self.path).path)))

    def do_PUT(self) -> None:
        """A large file; its address says who may write it."""
        content = self._body()
        self.model.blobs[self.path.rpartition("/")[2]] = content
        self.wfile.write(self._send(_json({})))

    def do_POST(self) -> None:
        """What writes, for whom has the token."""
        content = self._body()
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            reply = _Reply(b"{}", {"X-Error-Message": "Invalid credentials"}, HTTPStatus.UNAUTHORIZED)
        else:
            reply = self._write(unquote(urlsplit(self.path).path), content)
        self.wfile.write(self._send(reply))

    def log_message(self, *_: Any) -> None:
        """Nothing, on standard error."""

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _send(self, reply: _Reply) -> bytes:
        self.send_response(reply.status)
        for header, value in {"Content-Length": str(len(reply.content)), **reply.headers}.items():
            self.send_header(header, value)
        self.end_headers()
        return reply.content

    def _read(self, path: str) -> _Reply:
        model = self.model
        if model.name is None or model.name not in path:
            return _missing("RepoNotFound")
        about, _, rest = path.partition(model.name)
        action, _, revision = rest.strip("/").partition("/")
        if about == "/" and action == "resolve":
            revision, _, name = revision.partition("/")
            content = model.commits[model.resolve(revision) or ""][name]
            return _Reply(content, {"ETag": f'"{_oid(content)}"', "X-Repo-Commit": revision})
        if action == "refs":
            return _json({"branches": _refs("heads", model.branches), "tags": _refs("tags", model.tags), "converts": []})
        sha = model.resolve(revision or "main")
        if sha is None:
            return _missing("RevisionNotFound")
        if action == "tree":
            files = model.commits[sha].items()
            return _json([{"type": "file", "path": name, "size": len(content), "oid": _oid(content)} for name, content in files])
        return _json({"id": model.name, "sha": sha, "private": model.private, "siblings": []})

    def _write(self, path: str, content: bytes) -> _Reply:
        action, _, revision = path.removeprefix(f"/api/models/{self.model.name}").strip("/").partition("/")
        if action == "commit":
            return self._commit(revision, [json.loads(line) for line in content.splitlines()])
        asked = json.loads(content)
        if path == "/api/repos/create":
            return self._create(f"{asked['organization']}/{asked['name']}", is_private=asked.get("visibility") == "private")
        if path.endswith("/objects/batch"):
            address = f"http://127.0.0.1:{self.connection.getsockname()[1]}/blobs"
            objects = [{**each, "actions": {"upload": {"href": f"{address}/{each['oid']}"}}} for each in asked["objects"]]
            return _json({"transfer": "basic", "objects": objects})
        said: dict[str, Any] = {}
        match action:
            case "api":
                self.model.cards.append(asked["content"])
            case "preupload":
                modes = {each["path"]: "lfs" if "tensors" in each["path"] else "regular" for each in asked["files"]}
                said = {"files": [{"path": name, "uploadMode": mode, "shouldIgnore": False} for name, mode in modes.items()]}
            case "branch":
                self.model.branches.setdefault(revision, self.model.branches["main"])
            case "tag":
                self.model.tags[asked["tag"]] = revision
        return _json(said)

    def _create(self, name: str, *, is_private: bool) -> _Reply:
        made = _json({"url": f"http://127.0.0.1/{name}"})
        if name == self.model.name:
            return made._replace(status=HTTPStatus.CONFLICT)
        self.model.name, self.model.private = name, is_private
        return made

    def _commit(self, branch: str, lines: list[dict[str, Any]]) -> _Reply:
        files = dict(self.model.commits[self.model.branches[branch]])
        for line in lines:
            value = line["value"]
            match line["key"]:
                case "header":
                    self.model.messages.append(value["summary"])
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.model.blobs[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        sha = self.model.commit(branch, files)
        return _json({"commitUrl": f"http://127.0.0.1/{self.model.name}/commit/{sha}", "commitOid": sha})


@contextmanager
def running(model: Model) -> Iterator[str]:
    """The address of a hub that has a model, or takes one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Hub", (_Hub,), {"model": model}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving(name: str, folder: Path) -> Iterator[str]:
    """The address of a hub that has a folder as a model of that name, with the branch `main` and the tag `v1.0`."""
    model = Model(name)
    model.tags["v1.0"] = model.commit("main", {each.name: each.read_bytes() for each in folder.iterdir()})
    with running(model) as url:
        yield url


def _json(content: Any) -> _Reply:
    return _Reply(json.dumps(content).encode(), {})


def _missing(what: str) -> _Reply:
    return _Reply(b"{}", {"X-Error-Code": what}, HTTPStatus.NOT_FOUND)


def _refs(folder: str, named: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "ref": f"refs/{folder}/{name}", "targetCommit": sha} for name, sha in named.items()]


def _oid(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
