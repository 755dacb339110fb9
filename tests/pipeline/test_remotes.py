"""Remotes: what one machine pushes, a clone on another pulls, and it is up to date without computing anything."""

from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml

from tests import tiny_project


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a loopback S3 server with one empty bucket, `judge`, and credentials that are not real."""
    from moto.server import ThreadedMotoServer

    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        connection = HTTPConnection(host, port)
        connection.request("PUT", "/judge")
        assert connection.getresponse().status == HTTPStatus.OK
        connection.close()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """The built tiny project, with a cache of its own."""
    return tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path / "project")


def _add_remote(folder: Path, url: str, endpoint: str | None) -> None:
    tiny_project.run(folder, "dvc", "remote", "add", "--local", "--default", "storage", url)
    if endpoint:
        tiny_project.run(folder, "dvc", "remote", "modify", "--local", "storage", "endpointurl", endpoint)


def _check_a_clone(project: Path, clone: Path, url: str, endpoint: str | None = None) -> None:
    """Push from the project, clone it, pull, and see that nothing is left to do and the student is whole."""
    _add_remote(project, url, endpoint)
    tiny_project.run(project, "dvc", "push")
    tiny_project.run(clone.parent, "git", "clone", "-q", str(project), str(clone))
    assert not (clone / "data/student").exists()
    _add_remote(clone, url, endpoint)
    tiny_project.run(clone, "dvc", "pull")
    assert "up to date" in tiny_project.run(clone, "dvc", "status").stdout
    rebuilt = tiny_project.run(clone, "dvc", "repro").stdout
    assert "up to date" in rebuilt
    assert "Running stage" not in rebuilt
    assert not (clone / ".cache").exists()
    assert _files(project / "data") == _files(clone / "data")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_directory_restores_a_clone(project: Path, tmp_path: Path) -> None:
    """Push to a folder, clone, pull: `dvc status` and `dvc repro` say up to date, and every table and weight is there."""
    _check_a_clone(project, tmp_path / "clone", str(tmp_path / "storage"))


def test_s3_restores_a_clone(project: Path, tmp_path: Path, s3: str) -> None:
    """The same with a bucket; the server is a loopback one and the credentials are not real."""
    _check_a_clone(project, tmp_path / "clone", "s3://judge/storage", s3)


def test_a_second_push_sends_nothing(project: Path, tmp_path: Path) -> None:
    """What is there is not sent again."""
    _add_remote(project, str(tmp_path / "storage"), None)
    tiny_project.run(project, "dvc", "push")
    assert "Everything is up to date" in tiny_project.run(project, "dvc", "push").stdout


def test_the_student_is_an_artifact_with_type_description_and_labels(project: Path, tmp_path: Path) -> None:
    """Registered under a version by a git tag, it is found by name and downloaded alone, as the bytes that were pushed."""
    artifacts = yaml.safe_load((project / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]
    name, artifact = next((name, artifact) for name, artifact in artifacts.items() if artifact["path"] == "data/judge")
    assert {"path", "type", "desc", "labels"} <= artifact.keys()
    assert artifact["type"] == "model"
    _add_remote(project, str(tmp_path / "storage"), None)
    tiny_project.run(project, "dvc", "push", "data/judge")
    tiny_project.run(project, "git", "tag", "-a", f"{name}@v1.0.0", "-m", "the first student")
    tiny_project.run(tmp_path, "dvc", "artifacts", "get", str(project), name, "--rev", "v1.0.0", "-o", "student")
    fetched = _files(tmp_path / "student")
    assert _files(project / "data/judge") == fetched
    # The student with the evidence about it in the place of its model card.
    student = _files(project / "data/student")
    assert {"README.md", "card.html"} == {name for name in fetched if fetched[name] != student.get(name)}
