"""The kinds of teacher that option files may name."""

import subprocess
import sys

import pytest

from judge.teachers.correctness import Correctness
from judge.teachers.decisions import Decisions
from judge.teachers.grading import Grading
from judge.teachers.groundedness import Groundedness
from judge.teachers.joined import Joined
from judge.teachers.local_chat import LocalChat
from judge.teachers.recorded import RecordedTeacher
from judge.teachers.registry import Teacher
from judge.teachers.teacher import TeacherOption
from tests.conftest import ROOT, option

KINDS: dict[str, type[TeacherOption]] = {
    "correctness": Correctness,
    "joined": Joined,
    "likelihood": Groundedness,
    "openai-decisions": Decisions,
    "qwen2.5-1.5b-score": LocalChat,
    "qwen2.5-1.5b-verdicts": LocalChat,
    "recorded": RecordedTeacher,
    "transformers-serve": Decisions,
}
HEAVY = ("numpy", "sklearn", "scipy", "pandas", "torch", "transformers", "llama_index")
NETWORK = ("asyncio", "ssl", "httpx", "openai", "huggingface_hub", "sqlite3", "judge.models.hosted")


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "conf" / "teacher").glob("*.yaml")))
def test_every_option_file_is_a_teacher_of_its_kind(name: str) -> None:
    """Chat models are graders whatever their address."""
    chosen = option("teacher", name, Teacher)
    assert isinstance(chosen, KINDS.get(name, Grading))
    assert name == chosen.name


@pytest.mark.parametrize(
    ("name", "is_probed"),
    [
        ("likelihood", True),
        ("joined", True),
        ("qwen2.5-1.5b-score", True),
        ("transformers-serve", True),
        ("openai", False),
        ("correctness", False),
        ("recorded", False),
    ],
)
def test_a_hosted_teacher_is_probed_only_where_its_option_says_so(name: str, is_probed: bool) -> None:
    """Each statement would be paid for; those that run here cost nothing."""
    assert is_probed == option("teacher", name, Teacher).is_probed


def test_the_settings_of_teachers_load_no_model_and_no_network() -> None:
    """Checking params.yaml is quick: what judges loads when something is judged."""
    code = f"import sys, judge.teachers.registry; print([name for name in {HEAVY + NETWORK} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
