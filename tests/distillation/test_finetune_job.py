"""The student at OpenAI, against a server on this machine: its training, its judging, and what a killed or failed job leaves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import yaml

from judge import tables
from judge.distillation import chat_file, finetune_job
from judge.distillation.training_rows import Distilled
from judge.errors import BudgetError, ModelError, StudentError
from judge.models.chat import ChatReply, Choice
from judge.models.replies import ReplyStore
from judge.students import hosted_student
from judge.students.options import OpenAI, StudentOption
from judge.students.saved import load, save
from judge.students.student import AnyStudent
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.items import Item
from judge.tables.levels import Judgment, LabelSettings, interpolate
from judge.tables.usage import Usage
from tests.conftest import ROOT, option
from tests.openai_server import Json, OpenAIServer, Scripted, WireError
from tests.students.test_student import SETTINGS

KEY = "sk-loopback-0123456789"
BASE = "gpt-4.1-mini"
FINE_TUNING = "/v1/fine_tuning/jobs"


def verdict(body: Json) -> Scripted:
    """The base model says 3, a fine-tuned one 7 or its neighbours."""
    if body["model"] == BASE:
        return Scripted(tokens=[("3", {"3": 0.9, "4": 0.1})])
    return Scripted(tokens=[("7", {"7": 0.5, "8": 0.3, "10": 0.1, " 6": 0.1})])


@pytest.fixture
def server(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A server that demands the key."""
    assert workspace.is_dir()
    monkeypatch.setenv("LOOPBACK_KEY", KEY)
    with OpenAIServer(respond=verdict) as running:
        running.key = KEY
        running.job_polls = 3
        yield running


def chosen(server: OpenAIServer, **changes: Any) -> OpenAI:
    """The option of conf/, at this server, which does not rest between two looks."""
    values = yaml.safe_load((ROOT / "conf/student/openai.yaml").read_text(encoding="utf-8"))
    chat = values["chat"]
    chat["model"] = BASE
    chat["endpoint"] |= {"base_url": server.base_url, "api_key_env": "LOOPBACK_KEY", "retries": 0}
    found: OpenAI = option(
        "student", "openai", StudentOption, **{"chat": chat, "poll_seconds": 0.01, "validation_fraction": 0.25, **changes}
    )
    return found


def rows(count: int = 16) -> list[dict[str, Any]]:
    """Rows of the dataset, two a document; the last one was not judged."""
    made = [
        {
            "answer_id": f"a{number:02}",
            "question_id": f"q{number:02}",
            "document_id": f"d{number // 2}",
            "generator": "someone",
            "question": f"What is {number}?",
            "context": f"{number} is a number.",
            "reference": None,
            "answer": f"Number {number}.",
            "human_class": None,
            "teacher_levels": list(interpolate(number / count)),
            "teacher_score": number / count,
            "teacher_class": "acceptable" if number / count > 0.8 else "unacceptable",
            "reason": None,
        }
        for number in range(count)
    ]
    made[-1] |= {"teacher_levels": None, "teacher_score": None, "teacher_class": None, "reason": "refused"}
    return made


def train(server: OpenAIServer, budget_usd: float | None = None, **changes: Any) -> Distilled:
    """The student of these rows."""
    return finetune_job.distil(rows(), chosen(server, **changes), SETTINGS, threshold=0.8, teacher="rule", seed=17, budget_usd=budget_usd)


def seen(server: OpenAIServer, method: str, path: str) -> list[Any]:
    """The bodies of the requests to a path."""
    return [request.body for request in server.requests if (request.method, request.path) == (method, path)]


def started(server: OpenAIServer) -> tuple[int, int]:
    """Files uploaded and jobs started."""
    return len(seen(server, "POST", "/v1/files")), len(seen(server, "POST", FINE_TUNING))


def spent() -> float:
    """Dollars in the ledger."""
    store = ReplyStore()
    try:
        return store.spent()
    finally:
        store.close()


ITEMS = [Item("What is 3?", "A number.", "3 is a number."), Item("What is 4?", "...", "4 is a number.")]


def test_the_fine_tuned_model_judges_and_the_one_before_is_the_baseline(server: OpenAIServer) -> None:
    """Each is asked under its own name, at its own price, for the probabilities of its verdict's token."""
    student = train(server).student
    (judged, empty), (before, _) = student.judge(ITEMS), student.baseline().judge(ITEMS)
    assert [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.3, 0.0, 0.1] == pytest.approx(judged.levels)
    assert pytest.approx(0.31) == before.score
    assert ("logprobs", Judgment(None, "no_verdict")) == (judged.source, empty)
    first, second = seen(server, "POST", "/v1/chat/completions")
    assert (student.describe()["fine_tuned_model"], BASE) == (first["model"], second["model"])
    assert (True, 20, first["messages"]) == (first["logprobs"], first["top_logprobs"], second["messages"])
    assert judged.usage is not None
    assert before.usage is not None
    assert pytest.approx(2 * before.usage.usd) == judged.usage.usd


def test_the_job_is_ordered_as_the_option_says(server: OpenAIServer) -> None:
    """Hyperparameters, both files, suffix and seed; what is null is left to the server."""
    train(server, examples_per_step=8, epochs=3, suffix="mine")
    (job,) = seen(server, "POST", FINE_TUNING)
    assert {"n_epochs": 3, "batch_size": 8} == job["method"]["supervised"]["hyperparameters"]
    assert ("supervised", BASE, "mine", 17) == (job["method"]["type"], job["model"], job["suffix"], job["seed"])
    assert ("file-00000001", "file-00000002") == (job["training_file"], job["validation_file"])


def test_no_document_is_trained_on_and_validated_on(server: OpenAIServer) -> None:
    """The uploaded files are those that were checked, and share no question."""
    train(server)
    training, validation = (body["file"][1].decode() for body in seen(server, "POST", "/v1/files"))
    assert 10 <= chat_file.check(training, "train.jsonl").examples
    questions = [{json.loads(line)["messages"][1]["content"] for line in text.splitlines()} for text in (training, validation)]
    assert questions[0].isdisjoint(questions[1])
    assert 15 == len(questions[0] | questions[1])


def test_no_validation_file_where_none_is_asked_for(server: OpenAIServer) -> None:
    """With validation_fraction 0 every row is trained on."""
    student = train(server, validation_fraction=0.0).student
    (job,) = seen(server, "POST", FINE_TUNING)
    assert (None, 0, 60) == (job.get("validation_file"), student.training["validation_rows"], student.training["examples"])


def test_what_was_trained_and_paid_is_recorded(server: OpenAIServer) -> None:
    """The trained tokens are the server's own count, and their price is in the figures and in the ledger."""
    figures = train(server).student.training
    assert ("ftjob-00000001", 15, 1) == (figures["job"], figures["rows"], figures["rows_left_out"])
    assert figures["trained_tokens"] > 1000
    assert pytest.approx(figures["trained_tokens"] * 5 / 1e6) == figures["usd"] == spent()


def test_the_loss_that_the_server_reports_is_passed_on(server: OpenAIServer) -> None:
    """Once for each step, in order."""
    told: list[tuple[int, dict[str, float]]] = []
    finetune_job.distil(
        rows(),
        chosen(server),
        SETTINGS,
        threshold=0.8,
        teacher="rule",
        seed=17,
        budget_usd=None,
        on_epoch=lambda step, terms: told.append((step, dict(terms))),
    )
    assert [(10, {"train_loss": 1.0}), (20, {"train_loss": 0.5})] == told


def test_saved_and_loaded_it_judges_the_same_without_asking_again(server: OpenAIServer, tmp_path: Path) -> None:
    """The replies are in the cache under the fine-tuned model's name."""
    distilled = train(server)
    judged = distilled.student.judge(ITEMS)
    save(distilled.student, tmp_path / "student", distilled.card)
    before = len(server.requests)
    assert judged == load(tmp_path / "student").judge(ITEMS)
    assert before == len(server.requests)


def test_the_folder_holds_name_and_training_file_and_no_key(server: OpenAIServer, tmp_path: Path) -> None:
    """What is written is what the promise says."""
    distilled = train(server)
    save(distilled.student, tmp_path / "student", distilled.card)
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "student").iterdir()}
    assert ["README.md", "config.json", "train.jsonl"] == sorted(files)
    assert distilled.student.describe()["fine_tuned_model"] in files["README.md"]
    assert not [name for name, text in files.items() if KEY in text or str(tmp_path) in text]
    (path,) = Path(".cache").glob("replies.sqlite")
    assert KEY.encode() not in path.read_bytes()


def test_a_job_that_succeeded_is_not_started_or_paid_for_again(server: OpenAIServer) -> None:
    """The same rows and settings take the same model."""
    first = train(server).student
    paid = spent()
    assert first.describe() == train(server).student.describe()
    assert ((2, 1), paid) == (started(server), spent())


def test_other_hyperparameters_are_another_job(server: OpenAIServer) -> None:
    """All that makes another model is in a job's name."""
    train(server)
    train(server, epochs=3)
    assert 2 == started(server)[1]


@pytest.fixture
def killed(server: OpenAIServer, tmp_path: Path) -> OpenAIServer:
    """The server after a run was killed while it looked at its job."""
    server.job_polls = 1_000_000
    (tmp_path / "run.json").write_text(json.dumps({"option": chosen(server).model_dump(), "rows": rows()}), encoding="utf-8")
    code = (
        "import json\n"
        "from judge import openai_student\n"
        "from judge.student_settings import OpenAI\n"
        "from tests.students.test_student import SETTINGS\n"
        "run = json.load(open('run.json'))\n"
        "openai_student.distil(run['rows'], OpenAI(**run['option']), SETTINGS, threshold=0.8, teacher='rule', seed=17, budget_usd=None)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    while not seen(server, "GET", f"{FINE_TUNING}/ftjob-00000001"):
        assert running.poll() is None, running.stderr and running.stderr.read()
        time.sleep(0.01)
    running.kill()
    running.communicate()
    server.job_polls = 3
    return server


def test_a_killed_run_goes_on_with_its_job(killed: OpenAIServer) -> None:
    """No second upload, no second job, and the price once in the ledger."""
    student = train(killed).student
    assert ("ftjob-00000001", (2, 1), spent()) == (student.training["job"], started(killed), student.training["usd"])


def test_a_cancelled_job_is_told_and_forgotten(killed: OpenAIServer) -> None:
    """The run after that starts another one."""
    with openai.OpenAI(api_key=KEY, base_url=killed.base_url) as client:
        client.fine_tuning.jobs.cancel("ftjob-00000001")
    with pytest.raises(StudentError, match="ftjob-00000001 was cancelled"):
        train(killed)
    assert "ftjob-00000002" == train(killed).student.training["job"]


def test_a_job_that_the_server_no_longer_has_is_told_and_forgotten(killed: OpenAIServer) -> None:
    """It is not replaced silently, because another one costs money."""
    killed._stored.jobs.clear()
    with pytest.raises(StudentError, match="no longer has the job ftjob-00000001"):
        train(killed)
    assert 1 == started(killed)[1]
    assert "ftjob-00000002" == train(killed).student.training["job"]


def test_a_job_whose_id_was_never_kept_is_found_by_its_name(server: OpenAIServer) -> None:
    """As when a run is killed between the order and its confirmation."""
    train(server)
    store = ReplyStore()
    ((name,),) = store._execute("SELECT name FROM jobs")
    store.put_job(name, "ordered")
    store.close()
    assert ("ftjob-00000001", 1) == (train(server).student.training["job"], started(server)[1])


def test_a_failed_job_is_told_with_its_reason_and_forgotten(server: OpenAIServer) -> None:
    """Nothing is paid; once the cause is mended, the same command starts another job."""
    server.job_error = {"code": "invalid_training_file", "message": "The file was refused by moderation."}
    with pytest.raises(StudentError, match=r"ftjob-00000001 failed: The file was refused by moderation. \(invalid_training_file\)"):
        train(server)
    assert 0.0 == spent()
    server.job_error = None
    assert "ftjob-00000002" == train(server).student.training["job"]


def test_a_fine_tuned_model_that_is_gone_is_told(server: OpenAIServer) -> None:
    """Judging says what can be done, and distilling again does not hand out a dead model."""
    student = train(server).student
    server.models[student.describe()["fine_tuned_model"]].retired = True
    with pytest.raises(ModelError, match=r"is not to be had(.|\n)*2027-01-14"):
        student.judge(ITEMS)
    with pytest.raises(StudentError, match="or the model that it made"):
        train(server)
    assert "ftjob-00000002" == train(server).student.training["job"]


def test_a_budget_is_checked_before_anything_is_sent(server: OpenAIServer) -> None:
    """The price is estimated from the file's tokens; the server hears nothing."""
    with pytest.raises(BudgetError, match=r"may cost about .* of budget_usd=0.001"):
        train(server, budget_usd=0.001)
    assert [] == server.requests
    train(server, budget_usd=1.0)


def test_a_dry_run_tells_the_price_and_sends_nothing(server: OpenAIServer) -> None:
    """Before the job its estimate, after it nothing."""
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as planned:
            train(server)
        DRY_RUN.set(False)
        assert [] == server.requests
        paid = train(server).student.training["usd"]
        DRY_RUN.set(True)
        with pytest.raises(Planned) as again:
            train(server)
    finally:
        DRY_RUN.set(False)
    assert (1, 0, 1, 0.0) == (planned.value.requests, planned.value.cached, again.value.cached, again.value.usd)
    # The server of the tests counts the words of the JSON; OpenAI counts tokens, as we do.
    assert planned.value.usd is not None
    assert 0.2 < planned.value.usd / paid < 5


def test_a_refused_order_is_told_at_once(server: OpenAIServer) -> None:
    """An HTTP 400 that cannot pass is not asked again for ever."""
    from judge.distillation.finetune_engine import FinetuneEngine, Plan

    example = '{"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "7"}]}\n'
    plan = Plan(BASE, 3 * example, None, {"n_epochs": 1}, "judge", 17, "name")
    with pytest.raises(StudentError, match=r"refuses to fine-tune gpt-4\.1-mini: .*at least 10 examples"):
        FinetuneEngine(plan, chosen(server).chat.endpoint, 0.01).finetune()
    assert (1, 1) == started(server)


def test_a_file_that_is_not_ready_is_waited_for(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one 400 that passes."""
    post, refusals = server._post_job, [True, True]

    def not_yet(request: Any) -> Any:
        if refusals:
            refusals.pop()
            raise WireError(400, "File 'file-00000001' is still being processed and is not ready to be used for fine-tuning.")
        return post(request)

    monkeypatch.setattr(server, "_post_job", not_yet)
    train(server)
    assert (2, 3) == started(server)


def test_a_model_that_cannot_be_fine_tuned_is_told(server: OpenAIServer) -> None:
    """A 404 at the order is the model's, and no job is waited for."""
    server.models[BASE].retired = True
    with pytest.raises(StudentError, match=r"refuses to fine-tune gpt-4\.1-mini"):
        train(server)


def test_a_wrong_key_is_told_without_it(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server quotes what it got; the message does not."""
    monkeypatch.setenv("LOOPBACK_KEY", "sk-wrong-9876543210")
    with pytest.raises(ModelError, match="refuses the key in LOOPBACK_KEY") as caught:
        train(server)
    assert "9876543210" not in str(caught.value)


def test_a_missing_key_is_told(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable's name."""
    monkeypatch.delenv("LOOPBACK_KEY")
    with pytest.raises(ModelError, match="LOOPBACK_KEY is not set"):
        train(server)


def test_a_server_that_is_away_is_told(server: OpenAIServer) -> None:
    """The job may have been started, so the next step is the same command."""
    here = chosen(server)
    endpoint = here.chat.endpoint.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    away = here.model_copy(update={"chat": here.chat.model_copy(update={"endpoint": endpoint})})
    with pytest.raises(ModelError, match="broke off"):
        finetune_job.distil(rows(), away, SETTINGS, threshold=0.8, teacher="rule", seed=17, budget_usd=None)


def test_a_refusal_is_a_failed_judgment_and_no_score(server: OpenAIServer) -> None:
    """`judge` says why, `score` raises."""
    student = train(server).student
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
    judged = hosted_student._judgment(ChatReply([Choice(text, None)], Usage()))
    assert (score, reason, "verdict") == (judged.score, judged.reason, judged.source)


def test_without_its_package_the_error_says_what_to_install(server: OpenAIServer) -> None:
    """In an interpreter that cannot import it; nothing was sent before."""
    code = (
        "import sys\n"
        "sys.modules['llama_index.finetuning'] = None\n"
        "from judge.errors import JudgeError\n"
        "try:\n"
        "    import judge.openai_finetuning\n"
        "except JudgeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert "pip install -e '.[openai-finetune]'" in done.stdout
    assert [] == server.requests


def test_the_engine_is_llama_indexes_own_at_any_address(server: OpenAIServer) -> None:
    """What is mended is a subclass, and its model is asked where it was tuned."""
    from llama_index.finetuning import OpenAIFinetuneEngine

    from judge.distillation.finetune_engine import FinetuneEngine, Plan

    student = train(server).student
    engine = FinetuneEngine(Plan(BASE, "", None, {}, "judge", 17, "name"), chosen(server).chat.endpoint, 0.01)
    assert isinstance(engine, OpenAIFinetuneEngine)
    assert engine.resume(student.training["job"])
    llm = engine.get_finetuned_model()
    assert (student.describe()["fine_tuned_model"], server.base_url) == (llm.model, llm.api_base)


def test_the_stages_run_with_it(server: OpenAIServer) -> None:
    """The two stages write all they promise: student, curves, and judgments with what they took."""
    from stages import distil, predict

    tables.write(tables.TRAIN, rows())
    tables.write(tables.TEST, rows()[:3])
    tables.write(tables.PROBES, [])
    config = distil.Config(
        seed=17,
        teacher="rule",
        budget_usd=1.0,
        student=chosen(server),
        label=LabelSettings(threshold=0.8),
        distil=SETTINGS,
    )
    distil.main(config)
    predict.main(predict.Config(budget_usd=1.0))
    assert Path("metrics/training/plots/metrics/train/loss.tsv").read_text(encoding="utf-8").splitlines() == [
        "step\tloss",
        "10\t1.0",
        "20\t0.5",
    ]
    judged = tables.read(tables.STUDENT_SCORES)
    assert [(1, "logprobs")] * 3 == [(row["calls"], row["source"]) for row in judged]
    assert tables.usage_of(tables.read(tables.BASELINE_SCORES)) is not None
    assert isinstance(load("data/student"), AnyStudent)


def test_a_dry_run_of_predict_tells_what_both_judges_would_ask(server: OpenAIServer) -> None:
    """Three answers, two judges, six requests; none is sent."""
    from stages import predict

    tables.write(tables.TEST, rows()[:3])
    tables.write(tables.PROBES, [])
    distilled = train(server)
    save(distilled.student, Path("data/student"), distilled.card)
    sent = len(server.requests)
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned) as planned:
            predict.main(predict.Config(budget_usd=None))
    finally:
        DRY_RUN.set(False)
    assert (6, 0, sent) == (planned.value.requests, planned.value.cached, len(server.requests))


def test_a_dry_run_of_distil_leaves_the_last_curves(server: OpenAIServer) -> None:
    """It ends with the plan; neither metrics/training nor data/student is touched."""
    from stages import distil

    tables.write(tables.TRAIN, rows())
    curve = Path("metrics/training/plots/metrics/train/loss.tsv")
    curve.parent.mkdir(parents=True)
    curve.touch()
    DRY_RUN.set(True)
    try:
        with pytest.raises(Planned, match="fine-tuning"):
            distil.main(
                distil.Config(
                    seed=17,
                    teacher="rule",
                    budget_usd=None,
                    student=chosen(server),
                    label=LabelSettings(threshold=0.8),
                    distil=SETTINGS,
                )
            )
    finally:
        DRY_RUN.set(False)
    assert (True, False, []) == (curve.exists(), Path("data/student").exists(), server.requests)
