"""The student at a server: how it is asked, what it costs, and what its folder holds."""

from pathlib import Path

import pytest

from judge import tables
from judge.errors import ModelError, StudentError
from judge.models.chat_replies import ChatReply, Choice
from judge.students.hosted_student import judgment_of
from judge.students.saved import load, save
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.levels import Judgment
from judge.tables.usage import Usage
from tests.openai_server import OpenAIServer
from tests.students.hosted_examples import BASE, ITEMS, KEY, rows, seen, train


def test_the_fine_tuned_model_judges_and_so_does_the_one_before(server: OpenAIServer) -> None:
    """Each is asked under its own name, at its own price, for the probabilities of its verdict's token."""
    student = train(server)
    (judged, empty), (before, _) = student.judge(ITEMS), student.untuned().judge(ITEMS)
    assert [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.3, 0.0, 0.1] == pytest.approx(judged.levels)
    assert pytest.approx(0.31) == before.score
    assert ("logprobs", Judgment(None, "no_verdict")) == (judged.source, empty)
    first, second = seen(server, "POST", "/v1/chat/completions")
    assert (student.describe()["fine_tuned_model"], BASE) == (first["model"], second["model"])
    assert (True, 20, first["messages"]) == (first["logprobs"], first["top_logprobs"], second["messages"])
    assert judged.usage is not None
    assert before.usage is not None
    assert pytest.approx(2 * before.usage.usd) == judged.usage.usd


def test_saved_and_loaded_it_judges_the_same_without_asking_again(server: OpenAIServer, tmp_path: Path) -> None:
    """The replies are in the cache under the fine-tuned model's name."""
    student = train(server)
    judged = student.judge(ITEMS)
    save(student, tmp_path / "student", "a card")
    before = len(server.requests)
    assert judged == load(tmp_path / "student").judge(ITEMS)
    assert before == len(server.requests)


def test_the_folder_holds_name_and_training_file_and_no_key(server: OpenAIServer, tmp_path: Path) -> None:
    """What is written is what the promise says."""
    student = train(server)
    save(student, tmp_path / "student", "a card")
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "student").iterdir()}
    assert ["README.md", "config.json", "train.jsonl"] == sorted(files)
    assert student.describe()["fine_tuned_model"] in files["config.json"]
    assert not [name for name, text in files.items() if KEY in text or str(tmp_path) in text]
    (path,) = Path(".cache").glob("replies.sqlite")
    assert KEY.encode() not in path.read_bytes()


def test_a_fine_tuned_model_that_is_gone_is_told(server: OpenAIServer) -> None:
    """Judging says what can be done, and distilling again does not hand out a dead model."""
    student = train(server)
    server.models[student.describe()["fine_tuned_model"]].retired = True
    with pytest.raises(ModelError, match=r"is not to be had(.|\n)*2027-01-14"):
        student.judge(ITEMS)
    with pytest.raises(StudentError, match="or the model that it made"):
        train(server)
    assert "ftjob-00000002" == train(server).training["job"]


def test_a_refusal_is_a_failed_judgment_and_no_score(server: OpenAIServer) -> None:
    """`judge` says why, `score` raises."""
    student = train(server)
    server.faults = ["refusal", "refusal"]
    assert "refused" == student.judge(ITEMS)[0].reason
    with pytest.raises(StudentError, match="gave no verdict"):
        student.score("What is 5?", "A number.", context="5 is a number.")


@pytest.mark.parametrize(
    ("text", "score", "reason"),
    [
        ("8", 0.8, None),
        ("Verdict: 10", 1.0, None),
        ("11", None, "out_of_range"),
        ("Cannot say.", None, "no_verdict"),
        (None, None, "no_verdict"),
    ],
)
def test_a_reply_without_log_probabilities_gives_the_verdict_alone(text: str | None, score: float | None, reason: str | None) -> None:
    """All mass is on the level that it says, or there is a reason why there is none."""
    judged = judgment_of(ChatReply([Choice(text, None)], Usage()))
    assert (score, reason, "verdict") == (judged.score, judged.reason, judged.source)


def test_a_dry_run_of_predict_tells_what_both_judges_would_ask(server: OpenAIServer) -> None:
    """Three answers, two judges, six requests; none is sent."""
    from stages import predict

    tables.write(tables.TEST, rows()[:3])
    tables.write(tables.PROBES, [])
    tables.write(tables.PERTURBED, [])
    student = train(server)
    save(student, Path("data/student"), "a card")
    sent = len(server.requests)
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as planned:
            predict.main(predict.Config(budget_usd=None))
    finally:
        DRY_RUN.set(False)
    assert (6, 0, sent) == (planned.value.requests, planned.value.cached, len(server.requests))
