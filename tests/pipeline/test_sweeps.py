"""Sweeps: experiments in DVC's queue with two workers, what they run, where they find things, and the table of them."""

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from judge.models import folders, pinned
from tests import tiny_project
from tests.conftest import ROOT

SWEEP = (sys.executable, "-m", "judge", "sweep")
# A project of one stage that says where it found the cache, and fails where size is 0.
TOY = {
    "dvc.yaml": "stages:\n  toy:\n    cmd: python toy.py\n    params: [size]\n    outs:\n    - where.txt: {cache: false}\n"
    "    metrics:\n    - metrics/summary.json: {cache: false}\n",
    "params.yaml": "size: 2\nsame: 1\n",
    ".gitignore": ".cache/\n",
    "toy.py": "import json\nfrom pathlib import Path\nfrom judge.models.folders import cache_folder\n"
    "size = int(Path('params.yaml').read_text().split()[1])\nPath('metrics').mkdir(exist_ok=True)\n"
    "if not size: raise SystemExit('a size of nothing')\n"
    "Path('where.txt').write_text(str(cache_folder().resolve()))\n"
    "values = {'pearson': size / 10, 'pearson_low': 0.0, 'pearson_high': 1.0, 'test_rows': size}\n"
    "Path('metrics/summary.json').write_text(json.dumps(values))\n",
}


def _experiments(folder: Path) -> dict[str, str]:
    """The names of the experiments in a repository, and the commit of each."""
    listed = tiny_project.run(folder, "git", "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps").stdout
    return dict(re.findall(r"refs/exps/[0-9a-f]{2}/[0-9a-f]{38}/(\S+) ([0-9a-f]{40})", listed))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The project of one stage, built and committed."""
    return _make_toy(tmp_path)


def _make_toy(folder: Path) -> Path:
    for name, text in TOY.items():
        (folder / name).write_text(text, encoding="utf-8")
    tiny_project.run(folder, "git", "init", "-q")
    tiny_project.run(folder, "dvc", "init", "-q")
    tiny_project.run(folder, "dvc", "repro", PYTHONPATH=str(ROOT))
    tiny_project.commit(folder)
    return folder


@pytest.fixture(scope="module")
def toy_sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The project of one stage and what `judge sweep` said of three queued experiments, one of which fails."""
    toy = _make_toy(tmp_path_factory.mktemp("toy"))
    tiny_project.run(toy, "dvc", "exp", "run", "--queue", "-S", "size=10,0,4")
    # A PATH without the environment's own folder: the workers would not find dvc there, nor the stage its python.
    git = str(Path(str(shutil.which("git"))).parent)
    return toy, tiny_project.run(toy, *SWEEP, check=False, PATH=git, PYTHONPATH=str(ROOT), JUDGE_CACHE="")


Swept = tuple[Path, subprocess.CompletedProcess[str]]


def test_a_queued_experiment_uses_the_environment_and_the_cache_of_its_project(toy_sweep: Swept) -> None:
    """DVC's copy has no git-ignored file; python and .cache are the project's all the same, even when PATH has neither."""
    toy, _ = toy_sweep
    caches = [tiny_project.run(toy, "git", "show", f"{commit}:where.txt").stdout for commit in _experiments(toy).values()]
    assert [str(toy / ".cache")] * 2 == caches


def test_the_table_shows_what_was_set_otherwise_sorted_and_the_figures_with_intervals(toy_sweep: Swept) -> None:
    """A line for the commit and one for each experiment, ordered by number, without the settings that all share."""
    table = toy_sweep[1].stdout.split("\n\n")[1].splitlines()
    assert ["experiment", "size", "pearson", "test_rows"] == table[0].split()
    assert ["2", "0.200", "[0.000,", "1.000]", "2"] == table[1].split()[1:]
    assert [["4", "0.400"], ["10", "1.000"]] == [line.split()[1:3] for line in table[2:]]


def test_a_failed_experiment_ends_the_command_with_the_end_of_its_log(toy_sweep: Swept) -> None:
    """Exit code 2, the stage's own words and no traceback of ours; the others have ended before."""
    _, result = toy_sweep
    assert result.returncode == 2
    assert "a size of nothing" in result.stderr
    assert "Next:" in result.stderr
    assert "Traceback" not in result.stderr
    assert "3 of 3" in result.stdout


def test_no_worker_is_left(toy_sweep: Swept) -> None:
    """When the command has ended, so have the workers that it started."""
    assert "0 active, 0 idle" in tiny_project.run(toy_sweep[0], "dvc", "queue", "status").stdout


def test_nothing_queued_is_no_fault(toy: Path) -> None:
    """The table of what there is, at once."""
    assert "0.200 [0.000, 1.000]" in tiny_project.run(toy, *SWEEP, PYTHONPATH=str(ROOT)).stdout


def test_a_queue_without_workers_is_given_up(toy: Path) -> None:
    """Where no worker answers the command ends and names what is left."""
    tiny_project.run(toy, "dvc", "exp", "run", "--queue", "--name", "left", "-S", "size=3")
    code = (
        "from judge import errors\nfrom judge.report import sweep\n"
        "try: print(*sweep.finish(0, patience_s=0))\nexcept errors.JudgeError as error: print(error)"
    )
    assert "No worker is left for left" in tiny_project.run(toy, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    """Exit code 2, and what to do."""
    result = tiny_project.run(tmp_path, *SWEEP, check=False, PYTHONPATH=str(ROOT))
    assert result.returncode == 2
    assert "Next:" in result.stderr


@pytest.mark.parametrize("copy", [".dvc/tmp/exps/tmp1", ".dvc/tmp/exps/standalone/tmp2"])
def test_the_cache_of_a_copy_is_that_of_the_project(workspace: Path, monkeypatch: pytest.MonkeyPatch, copy: str) -> None:
    """In the folders where DVC puts its copies, of the queue and of `--temp`; a relative JUDGE_CACHE is taken from the project too."""
    monkeypatch.delenv("JUDGE_MODELS", raising=False)
    monkeypatch.delenv("JUDGE_CACHE", raising=False)
    (workspace / copy).mkdir(parents=True)
    assert Path(".cache") == folders.cache_folder()
    monkeypatch.chdir(workspace / copy)
    assert workspace / ".cache" == folders.cache_folder()
    assert workspace / ".cache/models" == folders.models_folder()
    monkeypatch.setenv("JUDGE_CACHE", "moved")
    assert workspace / "moved" == folders.cache_folder()
    monkeypatch.setenv("JUDGE_MODELS", str(ROOT))
    assert folders.models_folder() == ROOT


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    """The tiny project after two queued thresholds with two workers; what was printed; and the caches as they were before."""
    project = tiny_project.copy(tiny_project.built(tmp_path_factory), tmp_path_factory.mktemp("swept") / "project")
    # The converted models at the project's own place, to be found there without a word from the environment.
    (project / ".cache/models").symlink_to(os.environ["JUDGE_MODELS"])
    before = _caches(project)
    tiny_project.run(project, "dvc", "exp", "run", "--queue", "-S", "label.threshold=0.4,0.45")
    output = tiny_project.run(project, *SWEEP, "--workers", "2", JUDGE_MODELS="", JUDGE_CACHE="").stdout
    return project, output, before


def _caches(project: Path) -> dict[str, Any]:
    # The chat model is none of the tiny project's, and a test beside this one may be converting it.
    chat = pinned.FILES["qwen2.5-coder-1.5b-instruct"][0].sha256
    models = {path.name: path.stat().st_mtime_ns for path in (project / ".cache/models").iterdir() if chat not in path.name}
    return {"replies": tiny_project.replies(project / ".cache/replies.sqlite"), "models": models}


def test_two_workers_finish_two_thresholds(swept: tuple[Path, str, dict[str, Any]]) -> None:
    """Both succeed, and stand in the table by threshold beside the commit they start from."""
    _, output, _ = swept
    assert re.findall(r": success, (\d of \d)", output) == ["1 of 2", "2 of 2"]
    table = output.split("\n\n")[1].splitlines()
    assert ["experiment", "label.threshold", "pearson"] == table[0].split()[:3]
    assert ["0.4", "0.45", "0.5"] == [line.split()[1] for line in table[1:]]


def test_a_queued_threshold_asks_no_model_and_converts_none(swept: tuple[Path, str, dict[str, Any]]) -> None:
    """Not one reply is added to the store that all share, and not one model to the cache."""
    project, _, before = swept
    assert before["replies"]
    assert before == _caches(project)


def test_a_queued_threshold_runs_no_stage_of_generators_and_teacher(swept: tuple[Path, str, dict[str, Any]]) -> None:
    """The logs name label to report as run, and question, answer, calibrate, score and probe as not changed."""
    project, _, _ = swept
    for name in _experiments(project):
        log = tiny_project.run(project, "dvc", "queue", "logs", name).stdout
        ran = {stage.partition("@")[0] for stage in re.findall(r"Running stage '([^']+)'", log)}
        assert {"label", "distil", "predict", "evaluate", "report"} <= ran
        assert not {"ingest", "chunk", "question", "answer", "calibrate", "score", "probe", "perturb"} & ran


def test_the_queue_gives_the_bytes_of_a_run_in_the_workspace(
    swept: tuple[Path, str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same threshold, run in a copy that knows nothing of the queue's results, ends with the same dvc.lock and metrics."""
    queued, _, _ = swept
    name = next(line.split()[0] for line in swept[1].splitlines() if " 0.4 " in line)
    commit = _experiments(queued)[name]
    base = tiny_project.run(queued, "git", "rev-parse", "HEAD").stdout
    alone, said, _ = tiny_project.another_threshold(tmp_path_factory)
    assert base == tiny_project.run(alone, "git", "rev-parse", "HEAD").stdout
    assert "Running stage 'distil'" in said
    for file in ("dvc.lock", "metrics/summary.json", "metrics/figures.csv", "metrics/evaluation.json"):
        assert tiny_project.run(queued, "git", "show", f"{commit}:{file}").stdout == (alone / file).read_text(encoding="utf-8")


def test_the_metrics_of_an_experiment_are_few(swept: tuple[Path, str, dict[str, Any]]) -> None:
    """`dvc exp show` has one metric file, whose figures come first: name, at most a dozen figures, then the settings."""
    project, _, _ = swept
    shown = json.loads(tiny_project.run(project, "dvc", "exp", "show", "--json").stdout)
    assert {"metrics/summary.json"} == {file for state in shown for file in state["data"]["metrics"]}
    assert len(shown[0]["data"]["metrics"]["metrics/summary.json"]["data"]) <= 12
    header = tiny_project.run(project, "dvc", "exp", "show", "--csv").stdout.splitlines()[0].split(",")
    assert header.index("pearson") < header.index("kappa") < header.index("test_rows") < header.index("seed")


def _documented() -> list[str]:
    """The commands in README.md and docs/ that queue experiments."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))]
    return [line.partition("#")[0].strip() for text in texts for line in text.splitlines() if line.startswith("dvc exp run --queue")]


def _settings(command: str) -> dict[str, list[str]]:
    """Each key that a command sets, and its values."""
    pairs = re.findall(r"-S '?([\w.]+)=([^\s']+)", command)
    return {key: values.split(",") for key, values in pairs}


def test_every_promised_sweep_is_documented() -> None:
    """Thresholds, split ratios and groups, alpha, seeds, teachers and students each have their command in the documentation."""
    documented = {key for command in _documented() for key, values in _settings(command).items() if len(values) > 1}
    promised = {"label.threshold", "split.train_fraction", "split.group_by", "distil.alpha", "seed", "student", "teacher"}
    assert promised <= documented


def test_every_documented_sweep_is_queued_and_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each documented command queues every combination of its values, and each one passes the check of all settings."""
    import stages
    from stages import validate

    project = tiny_project.unbuilt(tmp_path)
    monkeypatch.chdir(project)
    original = yaml.safe_load((project / "params.yaml").read_text(encoding="utf-8"))
    for command in _documented():
        queued = tiny_project.run(project, *shlex.split(command)).stdout.count("Queued experiment")
        wanted = _settings(command)
        shown = json.loads(tiny_project.run(project, "dvc", "exp", "show", "--json").stdout)
        queued_params = [run["revs"][0]["data"]["params"]["params.yaml"]["data"] for state in shown for run in state["experiments"] or []]
        values = sorted([[str(_at(params, key)) for key in wanted] for params in queued_params])
        assert len(queued_params) == queued, command
        assert values == sorted(list(combination) for combination in itertools.product(*wanted.values())), command
        for params in queued_params:
            Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
            stages.settings(validate.Config, [], whole=True)
        Path("params.yaml").write_text(yaml.safe_dump(original, sort_keys=False), encoding="utf-8")
        tiny_project.run(project, "git", "checkout", "params.yaml")
        tiny_project.run(project, "dvc", "queue", "remove", "--all")


def _at(params: dict[str, Any], key: str) -> Any:
    for part in key.split("."):
        params = params[part]
    return params
