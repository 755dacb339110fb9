"""The whole pipeline on hosted models: questioner, generators and teacher at a server on loopback, run by DVC as a user runs it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from judge import tables
from judge.evaluation import figures
from judge.tables import metric_files
from judge.tables.identity import digest
from tests import tiny_project
from tests.conftest import change_yaml
from tests.openai_server import Model, OpenAIServer, Scripted, grade, level_probabilities

KEY = "sk-" + "0123456789" * 3
HOSTED = {
    "questioner": "openai",
    "generators": ["openai", "openai-compatible"],
    "teacher": "openai",
    "budget_usd": 5.0,
    "label__threshold": 0.5,
}


def _respond(body: dict[str, Any]) -> Scripted:
    """An exam's questions, answers that differ by model, and grades by the default grader."""
    prompt = body["messages"][-1]["content"]
    if "quiz" in prompt.casefold() or "examination" in prompt.casefold():
        return Scripted(texts=[f"1. What does passage {digest(prompt)[:8]} say?"])
    if "Verdict (0 to 10)" in prompt:
        masses = level_probabilities(digest(body["model"], prompt))
        verdicts = {str(level): mass for level, mass in enumerate(masses)}
        return Scripted(tokens=[(max(verdicts, key=lambda verdict: verdicts[verdict]), verdicts)])
    if "Score" in json.dumps(body["messages"]):
        return grade(body)
    return Scripted(texts=[f"It says {digest(body['model'], prompt)[:6]}."])


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    """A server that demands the key."""
    with OpenAIServer(respond=_respond) as running:
        running.key = KEY
        running.models |= {"HuggingFaceTB/SmolLM2-135M-Instruct": Model(), "gpt-6-sol": Model()}
        yield running


@pytest.fixture(scope="module")
def project(server: OpenAIServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project with hosted models throughout, not yet built."""
    folder = tiny_project.unbuilt(tmp_path_factory.mktemp("hosted"))
    for group, name in (("questioner", "openai"), ("generator", "openai"), ("generator", "openai-compatible"), ("teacher", "openai")):
        change_yaml(
            folder / f"conf/{group}/{name}.yaml", chat__endpoint__base_url=server.base_url, chat__endpoint__api_key_env="OPENAI_API_KEY"
        )
    change_yaml(folder / "params.yaml", **HOSTED)
    tiny_project.commit(folder)
    return folder


@pytest.fixture(scope="module")
def chunked(project: Path) -> Path:
    """The same, up to the passages that questions are asked about."""
    tiny_project.run_stages(project, [f"python -m stages.{stage}" for stage in ("validate", "ingest", "chunk")])
    return project


@pytest.fixture(scope="module")
def built(project: Path) -> tuple[Path, str]:
    """The project after `dvc repro`, and what the commands said."""
    result = tiny_project.run(project, "dvc", "repro", OPENAI_API_KEY=KEY)
    return project, result.stdout + result.stderr


def test_without_a_key_the_first_hosted_stage_says_which_variable_is_missing(chunked: Path) -> None:
    """Exit code 2, the variable's name, the next step, no traceback."""
    result = tiny_project.run(chunked, "python", "-m", "stages.question", check=False, OPENAI_API_KEY="")
    assert (2, True, False) == (result.returncode, "OPENAI_API_KEY is not set" in result.stderr, "Traceback" in result.stderr)


def test_a_dry_run_tells_the_cost_and_asks_nothing(chunked: Path, server: OpenAIServer) -> None:
    """The number of requests, tokens and dollars; the server hears nothing, and no table is written."""
    server.reset()
    result = tiny_project.run(chunked, "python", "-m", "stages.question", "--dry-run", OPENAI_API_KEY=KEY)
    chunks = len((chunked / tables.CHUNKS.path).read_text(encoding="utf-8").splitlines())
    assert f"{chunks} requests, 0 of them answered before, {chunks} to ask" in result.stdout
    assert "dollars: at most 0.0" in result.stdout
    assert [] == server.requests
    assert not (chunked / tables.QUESTIONS.path).exists()


def test_a_stage_that_asks_no_model_refuses_a_dry_run(project: Path) -> None:
    """There is nothing to foretell, and nothing is done."""
    result = tiny_project.run(project, "python", "-m", "stages.chunk", "--dry-run", check=False)
    assert (2, True) == (result.returncode, "asks no model" in result.stderr)


def test_the_budget_stops_the_run_and_what_was_paid_is_kept(chunked: Path, server: OpenAIServer) -> None:
    """A budget for a few questions: exit code 2, and the next run asks only for the rest."""
    server.reset()
    command = ("python", "-m", "stages.question")
    result = tiny_project.run(chunked, *command, "budget_usd=0.0006", check=False, OPENAI_API_KEY=KEY)
    assert (2, True) == (result.returncode, "of budget_usd=0.0006" in result.stderr), result.stderr
    paid = sum(server.paid.values())
    assert 0 < paid < 14
    tiny_project.run(chunked, *command, OPENAI_API_KEY=KEY)
    assert {1} == set(server.paid.values())


def test_hosted_models_run_the_whole_pipeline(built: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions, answers and grades come from the server, the grades with their distribution from the log-probabilities."""
    monkeypatch.chdir(built[0])
    questions, answers = tables.read(tables.QUESTIONS), tables.read_answers(["openai", "openai-compatible"])
    assert len(answers) == 2 * len(questions) > 0
    scores = tables.read(tables.TEACHER_SCORES)
    assert {"logprobs"} == {row["source"] for row in scores}
    assert all(row["rationale"] and row["usd"] > 0 and row["prompt_tokens"] > 0 for row in scores)
    assert any(0 < mass < 1 for row in scores for mass in row["levels"])


def test_the_costs_are_those_of_the_calls_that_the_server_answered(built: tuple[Path, str], server: OpenAIServer) -> None:
    """metrics/cost.json counts every answered call once, whoever paid for it, and its total is the sum of the stages."""
    found = json.loads((built[0] / metric_files.COST).read_text(encoding="utf-8"))
    assert sum(server.paid.values()) == found["total.calls"] - found["probe.calls"] - found["perturb.calls"]
    stages = ("question", "answer", "score", "probe", "perturb", "predict", "distil")
    assert found["total.usd"] == pytest.approx(sum(found[f"{stage}.usd"] for stage in stages))
    assert min(found[f"{stage}.usd"] for stage in ("question", "answer", "score")) > 0


def test_the_key_is_nowhere(built: tuple[Path, str]) -> None:
    """In no table, cache, log, lock, metric or message: every file of the project is searched, the databases included."""
    folder, said = built
    assert KEY not in said
    holding = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and KEY.encode() in path.read_bytes()]
    assert [] == holding


def test_a_second_run_with_an_empty_dvc_cache_asks_nothing(built: tuple[Path, str], server: OpenAIServer) -> None:
    """Forced to run every stage again, the pipeline finds all replies in the cache and ends with the same lock."""
    folder = built[0]
    lock = (folder / "dvc.lock").read_bytes()
    server.reset()
    tiny_project.run(folder, "dvc", "repro", "-f", OPENAI_API_KEY=KEY)
    assert [] == server.requests
    assert lock == (folder / "dvc.lock").read_bytes()


def test_a_retired_teacher_is_named_with_what_lives(project: Path, built: tuple[Path, str], server: OpenAIServer) -> None:
    """teacher=gpt-4 ends with the day of its end and the options that are alive."""
    assert built[0] == project
    override = f"teacher.chat.endpoint.base_url={server.base_url}"
    result = tiny_project.run(project, "python", "-m", "stages.score", "teacher=gpt-4", override, check=False, OPENAI_API_KEY=KEY)
    assert (2, False) == (result.returncode, "Traceback" in result.stderr)
    assert "shut it down on 2026-10-23" in result.stderr
    assert "teacher=openai" in result.stderr


def test_the_tutorial_runs_to_its_end_with_a_fine_tuned_student(built: tuple[Path, str], server: OpenAIServer, tmp_path: Path) -> None:
    """`dvc exp run -S student=openai`: uploaded, fine-tuned, polled, and test judged by the tuned model and by the one before."""
    folder = tiny_project.copy(built[0], tmp_path / "tutorial")
    server.models["gpt-4.1-mini-2025-04-14"] = Model()
    change_yaml(folder / "conf/student/openai.yaml", chat__endpoint__base_url=server.base_url, poll_seconds=0.05)
    server.reset()
    result = tiny_project.run(folder, "dvc", "exp", "run", "-S", "student=openai", OPENAI_API_KEY=KEY)
    assert "Running stage 'score'" not in result.stdout
    judged = {json.loads(body)["model"].partition(":")[0] for body in server.paid}
    assert {"gpt-4.1-mini-2025-04-14", "ft"} == judged
    named = figures.named(figures.read(folder / figures.FIGURES_CSV))
    assert named["student.judged"] == named["baseline.judged"] == named["test.n"]
    found = json.loads((folder / metric_files.COST).read_text(encoding="utf-8"))
    assert found["distil.usd"] == pytest.approx(found["distil.prompt_tokens"] * 5.0 / 1e6)
    assert found["predict.calls"] == sum(server.paid.values())
    assert KEY not in result.stdout + result.stderr
