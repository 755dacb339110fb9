"""The student as an evaluator of llama-index, by the real package."""

import asyncio
import runpy
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.response.schema import Response
from llama_index.core.evaluation import BatchEvalRunner
from llama_index.core.schema import NodeWithScore, TextNode

from judge.errors import StudentError
from judge.evaluators.llama_index import StudentEvaluator
from judge.tables.levels import Judgment
from tests.evaluators.tools import ROWS, WORDLESS, example, to_judge
from tests.students.fixed import Fixed

# Its runner calls a function of its own that it has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:asyncio_module:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_event_loop() -> None:
    """Without a current loop llama-index runs one that it closes; left to itself it makes one and leaves it open."""
    asyncio.set_event_loop(None)


def test_batch_runner_gives_the_scores_of_the_student(folder: Path, judgments: list[Judgment]) -> None:
    """With eight workers each result has the student's own score and class, the texts, and a sentence; the others have a reason."""
    runner = BatchEvalRunner({"student": StudentEvaluator(folder)}, workers=8)
    columns = {name: [row[name] for row in ROWS] for name in ("question", "answer", "contexts", "references")}
    arguments: dict[str, Any] = {"reference": columns["references"]}
    results = runner.evaluate_response_strs(columns["question"], columns["answer"], columns["contexts"], **arguments)["student"]
    expected = [None if judgment.score is None else pytest.approx(judgment.score, abs=1e-6) for judgment in judgments]
    assert expected == [result.score for result in results]
    assert [None if one.score is None else one.score > 0.8 for one in judgments] == [result.passing for result in results]
    assert columns["contexts"] == [result.contexts for result in results]
    assert all(result.feedback for result in results)


def test_no_verdict_is_invalid() -> None:
    """A response without words, or none at all, is an invalid result with its reason, and has neither score nor class."""
    for response in (ROWS[WORDLESS]["answer"], "", None):
        result = StudentEvaluator(Fixed()).evaluate(query="How much?", response=response)
        assert (True, "no_verdict", None, None) == (result.invalid_result, result.invalid_reason, result.score, result.passing)


def test_a_response_with_its_sources(folder: Path, judgments: list[Judgment]) -> None:
    """`evaluate_response` takes the texts of the source nodes as contexts, async as well."""
    row, judgment = ROWS[0], judgments[0]
    sources = [NodeWithScore(node=TextNode(text=passage)) for passage in row["contexts"]]
    response = Response(row["answer"], source_nodes=sources)
    evaluator = StudentEvaluator(folder)
    results = [
        evaluator.evaluate_response(query=row["question"], response=response),
        asyncio.run(evaluator.aevaluate_response(query=row["question"], response=response)),
    ]
    assert [pytest.approx(judgment.score, abs=1e-6)] * 2 == [result.score for result in results]


def test_what_reaches_the_student() -> None:
    """The contexts are the context, `reference` is the reference: a text, or several."""
    student = Fixed()
    evaluator = StudentEvaluator(student)
    row = ROWS[0]
    evaluator.evaluate(query=row["question"], response="0.5", contexts=row["contexts"], reference=row["references"])
    evaluator.evaluate(query=row["question"], response="0.5", contexts=row["contexts"], reference=row["references"][0])
    expected = to_judge(row) | {"answer": "0.5", "reference": tuple(row["references"])}
    assert [expected] * 2 == [item._asdict() for item in student.asked]


def test_missing_evidence_is_an_error(folder: Path) -> None:
    """A student that reads the passage says that it is missing."""
    with pytest.raises(StudentError, match="context"):
        StudentEvaluator(folder).evaluate(query="What?", response="That.")


def test_it_has_no_prompts() -> None:
    """llama-index finds none to show or to change."""
    assert {} == StudentEvaluator(Fixed()).get_prompts()


def test_the_example_of_the_documentation_runs(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, with the student in data/student; one and many agree."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "student").symlink_to(folder)
    (tmp_path / "example.py").write_text(example("llama-index"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path("example.py")
    assert pytest.approx(names["one"].score, abs=1e-6) == names["many"]["student"][0].score
