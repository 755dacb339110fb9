"""Fine-tuning at a server on this machine: the job that is ordered, what it costs, and what a killed or failed one leaves."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import openai
import pytest

from judge import tables
from judge.distillation import chat_file, finetune_engine, finetune_job
from judge.errors import BudgetError, StudentError
from judge.models.replies import ReplyStore
from judge.students.saved import load
from judge.students.student import Student
from judge.tables.dry_run import DRY_RUN, Planned
from judge.tables.levels import LabelSettings
from tests.conftest import ROOT
from tests.openai_server import OpenAIServer
from tests.students.examples import SETTINGS
from tests.students.hosted_examples import BASE, FINE_TUNING, HOSTED_RUN, KEY, chosen, rows, seen, spent, started, train


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
    student = train(server, validation_fraction=0.0)
    (job,) = seen(server, "POST", FINE_TUNING)
    assert (None, 0, 60) == (job.get("validation_file"), student.training["validation_rows"], student.training["examples"])


def test_what_was_trained_and_paid_is_recorded(server: OpenAIServer) -> None:
    """The trained tokens are the server's own count, and their price is in the figures and in the ledger."""
    figures = train(server).training
    assert ("ftjob-00000001", 15, 1) == (figures["job"], figures["rows"], figures["rows_left_out"])
    assert figures["trained_tokens"] > 1000
    assert pytest.approx(figures["trained_tokens"] * 5 / 1e6) == figures["usd"] == spent()


def test_the_loss_that_the_server_reports_is_passed_on(server: OpenAIServer) -> None:
    """Once for each step, in order."""
    told: list[tuple[int, dict[str, float]]] = []
    run = HOSTED_RUN._replace(on_epoch=lambda step, terms: told.append((step, dict(terms))))
    finetune_job.distil(rows(), chosen(server), SETTINGS, run)
    assert [(10, {"train_loss": 1.0}), (20, {"train_loss": 0.5})] == told


def test_a_job_that_succeeded_is_not_started_or_paid_for_again(server: OpenAIServer) -> None:
    """The same rows and settings take the same model."""
    first = train(server)
    paid = spent()
    assert first.describe() == train(server).describe()
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
        "from judge.distillation import finetune_job\n"
        "from judge.students.options import OpenAI\n"
        "from tests.students.examples import SETTINGS\n"
        "from tests.students.hosted_examples import HOSTED_RUN\n"
        "run = json.load(open('run.json'))\n"
        "finetune_job.distil(run['rows'], OpenAI(**run['option']), SETTINGS, HOSTED_RUN)\n"
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


@pytest.fixture
def interrupted(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> OpenAIServer:
    """The server after a run was ended by Ctrl-C between two looks at its job."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    server.job_polls = 1_000_000
    with monkeypatch.context() as patched:
        patched.setattr(finetune_engine, "time", SimpleNamespace(sleep=interrupt))
        with pytest.raises(KeyboardInterrupt):
            train(server)
    server.job_polls = 3
    return server


def test_a_killed_run_goes_on_with_its_job(killed: OpenAIServer) -> None:
    """No second upload, no second job, and the price once in the ledger."""
    student = train(killed)
    assert ("ftjob-00000001", (2, 1), spent()) == (student.training["job"], started(killed), student.training["usd"])


def test_a_cancelled_job_is_told_and_forgotten(interrupted: OpenAIServer) -> None:
    """The run after that starts another one."""
    with openai.OpenAI(api_key=KEY, base_url=interrupted.base_url) as client:
        client.fine_tuning.jobs.cancel("ftjob-00000001")
    with pytest.raises(StudentError, match="ftjob-00000001 was cancelled"):
        train(interrupted)
    assert "ftjob-00000002" == train(interrupted).training["job"]


def test_a_job_that_the_server_no_longer_has_is_told_and_forgotten(interrupted: OpenAIServer) -> None:
    """It is not replaced silently, because another one costs money."""
    interrupted._stored.jobs.clear()
    with pytest.raises(StudentError, match="no longer has the job ftjob-00000001"):
        train(interrupted)
    assert 1 == started(interrupted)[1]
    assert "ftjob-00000002" == train(interrupted).training["job"]


def test_a_job_whose_id_was_never_kept_is_found_by_its_name(server: OpenAIServer) -> None:
    """As when a run is killed between the order and its confirmation."""
    train(server)
    store = ReplyStore()
    ((name,),) = store._execute("SELECT name FROM jobs")
    store.put_job(name, "ordered")
    store.close()
    assert ("ftjob-00000001", 1) == (train(server).training["job"], started(server)[1])


def test_a_failed_job_is_told_with_its_reason_and_forgotten(server: OpenAIServer) -> None:
    """Nothing is paid; once the cause is mended, the same command starts another job."""
    server.job_error = {"code": "invalid_training_file", "message": "The file was refused by moderation."}
    with pytest.raises(StudentError, match=r"ftjob-00000001 failed: The file was refused by moderation. \(invalid_training_file\)"):
        train(server)
    assert 0.0 == spent()
    server.job_error = None
    assert "ftjob-00000002" == train(server).training["job"]


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
        paid = train(server).training["usd"]
        DRY_RUN.set(True)
        with pytest.raises(Planned) as again:
            train(server)
    finally:
        DRY_RUN.set(False)
    assert (1, 0, 1, 0.0) == (planned.value.requests, planned.value.cached, again.value.cached, again.value.usd)
    # The server of the tests counts the words of the JSON; OpenAI counts tokens, as we do.
    assert planned.value.usd is not None
    assert 0.2 < planned.value.usd / paid < 5


def test_the_stages_run_with_it(server: OpenAIServer) -> None:
    """The stages write all they promise: student, curves, and judgments with what they took."""
    from stages import distil, fit, predict

    tables.write(tables.TRAIN, rows())
    tables.write(tables.TEST, rows()[:3])
    tables.write(tables.PROBES, [])
    tables.write(tables.PERTURBED, [])
    tables.write(tables.STATEMENTS, [])
    tables.write(tables.CONSTRUCTED, [])
    fit.main(fit.Config(seed=17, student=chosen(server), label=LabelSettings(threshold=0.8), distil=SETTINGS))
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
    assert tables.usage_of(tables.read(tables.judgments_in(tables.BASELINES, "untuned"))) is not None
    assert isinstance(load("data/student"), Student)


def test_a_dry_run_of_distil_leaves_the_last_curves(server: OpenAIServer) -> None:
    """It ends with the plan; neither metrics/training nor data/student is touched."""
    from stages import distil

    tables.write(tables.TRAIN, rows())
    tables.write(tables.STATEMENTS, [])
    tables.write(tables.CONSTRUCTED, [])
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
