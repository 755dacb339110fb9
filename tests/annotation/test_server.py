"""The server: blind, for those who know its address alone, and with a label on the disk before it shows the next answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from judge.annotation.server import Asked, application
from judge.people import labels
from judge.people.labels import Label
from tests.annotation.made_up_project import SECRETS, row

TOKEN = "t0ken"  # noqa: S105 -- of a test
HEADERS = {"X-Judge-Token": TOKEN}
ROWS = {name: row(name) for name in ("a", "b", "c")}


def _client(folder: Path, **changes: Any) -> TestClient:
    asked = Asked(**{"rows": ROWS, "queue": "test", "threshold": 0.8, "folder": folder, **changes})
    return TestClient(application(asked, TOKEN), base_url="http://127.0.0.1:8000", headers=HEADERS)


def _say(client: TestClient, item: str, label: Any, name: str = "anna", **more: Any) -> Any:
    return client.post("/api/label", json={"annotator": name, "item_id": item, "label": label, **more})


def test_a_label_is_in_the_file_before_the_next_answer_is_shown(tmp_path: Path) -> None:
    """The response to a label holds the next answer; the line, with comment and queue, is there by then."""
    client = _client(tmp_path)
    assert "a" == client.get("/api/row", params={"annotator": "anna"}).json()["row"]["item_id"]
    shown = _say(client, "a", 1, comment=" well said ").json()
    assert [Label("a", "anna", 1.0, "well said", "test")] == labels.read_file(tmp_path / "anna.jsonl")
    assert ("b", 1, 0, 3) == (shown["row"]["item_id"], shown["labelled"], shown["skipped"], shown["rows"])


def test_nothing_but_question_passage_reference_and_answer_is_shown(tmp_path: Path) -> None:
    """No response, back or forth, has a generator, a score, a class, a verdict of people, or an id of them."""
    client = _client(tmp_path)
    responses = [
        client.get("/api/start"),
        client.get("/api/row?annotator=anna"),
        _say(client, "a", 0),
        client.get("/api/row?annotator=anna&back=1"),
        *(client.get(f"/{TOKEN}/{name}") for name in ("", "page.js", "page.css")),
    ]
    assert [200] * 7 == [response.status_code for response in responses]
    data = "".join(response.text for response in responses[:4])
    assert [] == [secret for secret in SECRETS if secret in data]
    assert {"item_id", "question", "context", "reference", "answer"} == set(responses[1].json()["row"])


def test_back_shows_what_was_said_and_a_later_label_counts(tmp_path: Path) -> None:
    """The file keeps both lines."""
    client = _client(tmp_path)
    _say(client, "a", 1, comment="hm")
    before = client.get("/api/row?annotator=anna&back=1").json()
    assert ("a", 1.0, "hm", 1, False) == (
        before["row"]["item_id"],
        before["label"],
        before["comment"],
        before["back"],
        before["can_go_back"],
    )
    assert "b" == _say(client, "a", 0).json()["row"]["item_id"]
    assert [1.0, 0.0] == [label.label for label in labels.read_file(tmp_path / "anna.jsonl")]


def test_a_skip_is_a_line_and_the_answer_comes_again(tmp_path: Path) -> None:
    """After the last answer come the skipped ones, then nothing."""
    client = _client(tmp_path)
    shown = [_say(client, item, label).json() for item, label in (("a", None), ("b", 1), ("c", 0), ("a", 1))]
    assert ["b", "c", "a", None] == [one["row"] and one["row"]["item_id"] for one in shown]
    assert [False, False, True, False] == [one["skipped_before"] for one in shown]
    assert (3, 0) == (shown[-1]["labelled"], shown[-1]["skipped"])


def test_annotators_do_not_see_each_other(tmp_path: Path) -> None:
    """Each has the whole queue and a file; only names are known."""
    client = _client(tmp_path)
    _say(client, "a", 1, "anna")
    bela = client.get("/api/row?annotator=bela").json()
    assert ("a", None, 0) == (bela["row"]["item_id"], bela["label"], bela["labelled"])
    assert ["anna"] == client.get("/api/start").json()["annotators"]


def test_another_server_goes_on_where_the_first_was(tmp_path: Path) -> None:
    """Nothing is kept but the file, which another process may have written to meanwhile."""
    client = _client(tmp_path)
    _say(client, "a", 1)
    labels.append(Label("b", "anna", 0.0), tmp_path)
    for one in (client, _client(tmp_path)):
        assert "c" == one.get("/api/row?annotator=anna").json()["row"]["item_id"]


@pytest.mark.parametrize(
    ("label", "levels", "status"),
    [
        (1, False, 200),
        (0, False, 200),
        (None, False, 200),
        (0.5, False, 400),
        (True, False, 400),
        ("1", False, 400),
        ({}, False, 400),
        (0.3, True, 200),
        (1.0, True, 200),
        (0.35, True, 400),
        (11, True, 400),
        ([1], True, 400),
    ],
)
def test_a_label_is_one_that_is_asked_for(tmp_path: Path, label: object, levels: bool, status: int) -> None:
    """Two classes, or eleven levels; null skips. What is none is refused and not written."""
    response = _say(_client(tmp_path, levels=levels), "a", label)
    assert status == response.status_code
    assert (status == 200) == (tmp_path / "anna.jsonl").exists()
    assert status == 200 or "Nothing was written." in response.json()["error"]


@pytest.mark.parametrize(
    ("body", "status", "what"),
    [
        ("{", 400, "has to be JSON"),
        ("[]", 400, "has to be a JSON object, got list"),
        ('{"annotator": "anna", "item_id": "a"}', 400, "has to be one of 0.0, 1.0, or null"),
        ('{"annotator": "anna", "item_id": "gone", "label": 1}', 410, "no longer among those that are asked about"),
        ('{"annotator": "anna", "item_id": ["a"], "label": 1}', 410, "no longer among those that are asked about"),
        ('{"annotator": "../anna", "item_id": "a", "label": 1}', 400, "is no name for an annotator"),
        ('{"item_id": "a", "label": 1}', 400, "name of the annotator is missing"),
        ('{"annotator": "anna", "item_id": "a", "label": 1, "comment": 3}', 400, "A comment has to be a text"),
        (json.dumps({"annotator": "anna", "item_id": "a", "label": 1, "comment": "x" * 10_001}), 400, "at most 10000 characters"),
    ],
)
def test_what_is_no_label_is_refused_with_its_reason(tmp_path: Path, body: str, status: int, what: str) -> None:
    """Nothing is written."""
    response = _client(tmp_path).post("/api/label", content=body)
    assert (status, True) == (response.status_code, what in response.json()["error"])
    assert [] == list(tmp_path.iterdir())


def test_half_a_character_in_a_comment_costs_no_label(tmp_path: Path) -> None:
    """JSON can hold half of a surrogate pair, and UTF-8 cannot."""
    body = '{"annotator": "anna", "item_id": "a", "label": 1, "comment": "\\ud83d!"}'
    assert 200 == _client(tmp_path).post("/api/label", content=body).status_code
    assert ["?!"] == [label.comment for label in labels.read(tmp_path)]


def test_a_server_for_one_annotator_takes_no_other(tmp_path: Path) -> None:
    """`judge annotate --annotator anna`."""
    client = _client(tmp_path, annotator="anna")
    assert (200, 400) == (_say(client, "a", 1).status_code, _say(client, "a", 1, "bela").status_code)


def test_a_name_in_other_capitals_is_refused(tmp_path: Path) -> None:
    """Where file names have no case both would be one file, and one person would have two places in the queue."""
    client = _client(tmp_path)
    _say(client, "a", 1, "anna")
    response = client.get("/api/row?annotator=Anna")
    assert (400, True) == (response.status_code, response.json()["error"].startswith("There is an annotator anna: "))
    assert 200 == client.get("/api/row?annotator=annas").status_code


def test_a_full_disk_is_said_and_the_answer_stays(tmp_path: Path) -> None:
    """The label can be given again when there is room."""
    folder = tmp_path / "labels"
    folder.write_text("a file where the folder should be")
    client = _client(folder)
    response = _say(client, "a", 1)
    assert (507, True) == (response.status_code, "could not be written: File exists" in response.json()["error"])
    folder.unlink()
    assert "b" == _say(client, "a", 1).json()["row"]["item_id"]


def test_a_broken_file_of_labels_is_named(tmp_path: Path) -> None:
    """As after an edit by hand while the server runs."""
    (tmp_path / "anna.jsonl").write_text("{}\n")
    response = _client(tmp_path).get("/api/row?annotator=anna")
    assert (500, True) == (response.status_code, "anna.jsonl, line 1" in response.json()["error"])


@pytest.mark.parametrize("token", ["", "t0ke", "t0ken2", "tökén"])
def test_without_the_token_there_is_nothing(tmp_path: Path, token: str) -> None:
    """Neither page nor data, and nothing is written; a wrong path is refused before it is looked up."""
    client = _client(tmp_path)
    wrong = {b"X-Judge-Token": token.encode()}
    responses = [
        client.get("/api/start", headers=wrong),
        client.get("/api/row?annotator=anna", headers=wrong),
        client.post("/api/label", json={"annotator": "anna", "item_id": "a", "label": 1}, headers=wrong),
        *(client.get(f"/{token}{name}") for name in ("/", "/page.js", "/none", "")),
    ]
    assert [403] * 7 == [response.status_code for response in responses]
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((host, 200) for host in ("127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:8000", "LOCALHOST:1")),
        *((host, 403) for host in ("evil.example:8000", "127.0.0.1.evil.example", "", "localhost.:80")),
    ],
)
def test_a_name_that_was_pointed_here_is_refused(tmp_path: Path, host: str, status: int) -> None:
    """DNS rebinding: a page of another site makes its own name mean this machine."""
    assert status == _client(tmp_path).get("/api/start", headers={"Host": host}).status_code


def test_every_response_forbids_what_the_page_does_not_need(tmp_path: Path) -> None:
    """Errors and refusals among them: nothing is stored, framed, guessed or run but the page's own script."""
    client = _client(tmp_path)
    responses = [client.get(path) for path in (f"/{TOKEN}/", "/api/start", "/wrong/", f"/{TOKEN}/none")]
    assert [200, 200, 403, 404] == [response.status_code for response in responses]
    for response in responses:
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'")
        assert "unsafe" not in policy
        assert ("nosniff", "no-referrer", "no-store") == tuple(
            response.headers[name] for name in ("x-content-type-options", "referrer-policy", "cache-control")
        )


def test_the_page_loads_nothing_from_elsewhere_and_builds_no_html() -> None:
    """No address of another host stands in its files, and its script puts text in as text."""
    folder = Path(labels.__file__).parent.parent / "annotation"
    text = "".join((folder / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js"))
    assert [] == [
        word for word in ("http:", "https:", "//cdn", "url(", "innerHTML", "insertAdjacentHTML", "eval(", "onclick=") if word in text
    ]
