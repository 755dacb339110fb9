"""What the tests of the evaluators share: the rows, and how a tool is run on them in its own environment."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.evaluators.environments import interpreter
from tests.students.examples import PASSAGES, items

Row = dict[str, Any]

# Every fourth answer of the rows, and one without words between them; all with passages in two pieces and a known answer.
_ANSWERS = [(item.question, item.answer) for item in items()[::4]]
_ANSWERS.insert(3, (_ANSWERS[3][0], "..."))
ROWS: list[Row] = [
    {
        "question": question,
        "answer": answer,
        "contexts": [f"{sentence.rstrip('.')}." for sentence in PASSAGES[question.split()[-1].rstrip("?")].split(". ")],
        "references": [f"{question.split()[-1].rstrip('?')} is well known."],
    }
    for question, answer in _ANSWERS
]
WORDLESS = 3

# Nobody is told of a test; and no tool finds the keys and the settings of whoever runs it.
_QUIET = {"DEEPEVAL_TELEMETRY_OPT_OUT": "1", "MLFLOW_DISABLE_TELEMETRY": "true", "RAGAS_DO_NOT_TRACK": "true", "HF_HUB_OFFLINE": "1"}
_KEPT = ("PATH", "LANG", "JUDGE_MODELS", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def to_judge(row: Row) -> Row:
    """The row as `judge` takes it: what every tool should have passed on."""
    return {
        "question": row["question"],
        "answer": row["answer"],
        "context": "\n\n".join(row["contexts"]),
        "reference": row["references"],
    }


def example(tool: str) -> str:
    """The example of a tool in its documentation."""
    page = (ROOT / "docs" / "evaluators.md").read_text(encoding="utf-8")
    return page.split(f"\n## {tool}\n")[1].split("```python\n")[1].split("```")[0]


def run(tool: str, student: Path, scratch: Path) -> Any:
    """What `evaluations.py` writes of a tool; everything that the tool leaves behind goes into the scratch folder."""
    (scratch / "data").mkdir()
    (scratch / "data" / "student").symlink_to(student)
    (scratch / "rows.json").write_text(json.dumps(ROWS), encoding="utf-8")
    (scratch / "example.py").write_text(example(tool), encoding="utf-8")
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"HOME": str(scratch), "PYTHONPATH": str(ROOT), **_QUIET}
    command = [str(interpreter(tool)), str(ROOT / "tests" / "evaluators" / "evaluations.py"), tool]
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-6000:]
    return json.loads((scratch / "results.json").read_text(encoding="utf-8"))
