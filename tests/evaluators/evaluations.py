"""Real evaluations by the real tools, each run by the interpreter of the tool's environment: `evaluations.py TOOL`, in a scratch folder.

It reads `rows.json`, judges the rows with the student in `data/student`, runs the example of the tool's documentation in `example.py`,
and writes `results.json`. Only what the tests of this folder say is expected of it, in plain values that need no tool to be read.
"""

import json
import math
import runpy
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from judge.evaluators.shared_student import SharedStudent, Verdict

Rows = list[dict[str, Any]]

STUDENT = "data/student"


class Recorder(SharedStudent):
    """A student that finds everything half right, and keeps the rows that it was given."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: Rows = []

    @property
    def threshold(self) -> float:
        """Of nothing in particular."""
        return 0.8

    def ask(self, asked: dict[str, Any]) -> Future[Verdict]:
        """The same of all rows."""
        self.asked.append(asked)
        verdict: Future[Verdict] = Future()
        verdict.set_result(Verdict(0.5, is_acceptable=False, probability=None, threshold=0.8, reason=None, text="Half right."))
        return verdict


def inspect_ai(student: Any, rows: Rows) -> Any:
    """By sample: value, score, explanation; and the metrics. The answers are those that a solver finds in the metadata."""
    from inspect_ai import Task, eval  # noqa: A004 - its name there
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput
    from inspect_ai.solver import Generate, Solver, TaskState, solver

    from judge.evaluators.inspect_ai import student_scorer

    @solver
    def recorded() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 - inspect_ai passes both
            state.output = ModelOutput.from_content("recorded", state.metadata["answer"])
            return state

        return solve

    samples = [
        Sample(input=row["question"], target=row["references"], metadata={"context": row["contexts"], "answer": row["answer"]})
        for row in rows
    ]
    task = Task(dataset=samples, solver=recorded(), scorer=student_scorer(student))
    (log,) = eval(task, model="mockllm/model", display="none", log_dir="logs")
    if log.status != "success":
        raise RuntimeError(log.error)
    scores = [sample.scores["student_scorer"] for sample in log.samples]
    return {
        "metrics": {name: metric.value for name, metric in log.results.scores[0].metrics.items()},
        "samples": [
            {"value": score.value, "score": (score.metadata or {}).get("score"), "reason": score.reason, "text": score.explanation}
            for score in scores
        ],
    }


def mlflow(student: Any, rows: Rows) -> Any:
    """By row: value and error; and the metrics. Then a question is answered by what a retriever found."""
    import mlflow as tool
    from mlflow.entities import Document

    from judge.evaluators.mlflow import StudentScorer

    data = [
        {
            "inputs": {"question": row["question"], "context": row["contexts"], "number": number},
            "outputs": row["answer"],
            "expectations": {"expected_response": row["references"]},
        }
        for number, row in enumerate(rows)
    ]
    tool.set_tracking_uri("sqlite:///mlflow.db")
    result = tool.genai.evaluate(data=data, scorers=[StudentScorer(student)])
    feedback: dict[int, Any] = {}
    for row in result.result_df.to_dict("records"):
        (given,) = (one["feedback"] for one in row["assessments"] if one["assessment_name"] == "student")
        feedback[row["request"]["number"]] = {"value": given["value"], "error": (given.get("error") or {}).get("error_code")}

    @tool.trace(span_type="RETRIEVER")
    def retrieve(question: str) -> list[Document]:
        return [Document(page_content=f"{question} What."), Document(page_content="What else?")]

    @tool.trace
    def answer(question: str) -> str:
        return str(retrieve(question)[1].page_content)

    traced = tool.genai.evaluate(data=[{"inputs": {"question": "What?"}}], predict_fn=answer, scorers=[StudentScorer(student)])
    if not 0 <= traced.metrics["student/mean"] <= 1:
        raise RuntimeError(traced.metrics)
    return {"metrics": result.metrics, "rows": [feedback[number] for number in range(len(rows))]}


def deepeval(student: Any, rows: Rows) -> Any:
    """By test case: score, success, reason, error; sync and async, and whether `assert_test` let the case pass."""
    from deepeval import assert_test, evaluate
    from deepeval.evaluate import AsyncConfig, DisplayConfig, ErrorConfig
    from deepeval.test_case import LLMTestCase

    from judge.errors import StudentError
    from judge.evaluators.deepeval import StudentMetric

    metric = StudentMetric(student)
    cases = [
        LLMTestCase(
            name=str(number),
            input=row["question"],
            actual_output=row["answer"],
            retrieval_context=row["contexts"],
            expected_output=next(iter(row["references"]), None),
        )
        for number, row in enumerate(rows)
    ]

    def asserted(case: Any) -> str:
        try:
            assert_test(case, [metric])
        except (AssertionError, StudentError) as error:
            return type(error).__name__
        return "passed"

    found: dict[str, Any] = {"asserted": [asserted(case) for case in cases]}
    for way, run_async in (("sync", False), ("async", True)):
        result = evaluate(
            cases,
            [metric],
            async_config=AsyncConfig(run_async=run_async),
            error_config=ErrorConfig(ignore_errors=True),
            display_config=DisplayConfig(show_indicator=False, print_results=False),
        )
        of_case = {test.name: test.metrics_data[0] for test in result.test_results}
        found[way] = [
            {name: getattr(of_case[case.name], name) for name in ("score", "threshold", "success", "reason", "error")} for case in cases
        ]
    return found


def ragas(student: Any, rows: Rows) -> Any:
    """By sample: the score, None for NaN; and the mean of those that are numbers."""
    from ragas import EvaluationDataset, evaluate

    from judge.evaluators.ragas import StudentMetric

    dataset = EvaluationDataset.from_list(
        [
            {
                "user_input": row["question"],
                "response": row["answer"],
                "retrieved_contexts": row["contexts"],
                "reference": next(iter(row["references"]), None),
            }
            for row in rows
        ]
    )
    result = evaluate(dataset, metrics=[StudentMetric(student)], show_progress=False)
    scores = [sample["student"] for sample in result.scores]
    return {"mean": result._repr_dict["student"], "scores": [None if math.isnan(score) else score for score in scores]}


EVALUATIONS: dict[str, Callable[[Any, Rows], Any]] = {"inspect-ai": inspect_ai, "mlflow": mlflow, "deepeval": deepeval, "ragas": ragas}


def main() -> None:
    """The evaluation of a tool: by the student, by a recorder of what reaches it, and as its documentation shows it."""
    evaluation = EVALUATIONS[sys.argv[1]]
    rows = json.loads(Path("rows.json").read_text(encoding="utf-8"))
    recorder = Recorder()
    results = {"student": evaluation(STUDENT, rows)}
    evaluation(recorder, rows)
    results["asked"] = recorder.asked
    runpy.run_path("example.py")
    Path("results.json").write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
