"""What the tests of the evaluation share."""

import pytest

from judge.evaluation import figures
from judge.evaluation.evaluation import Evaluation
from judge.evaluation.figures import Estimate
from tests.evaluation.made_up_run import a_run, evaluate


@pytest.fixture(scope="session")
def evaluated() -> Evaluation:
    """The evaluation of `a_run`."""
    return evaluate(**a_run())


@pytest.fixture(scope="session")
def named(evaluated: Evaluation) -> dict[str, Estimate]:
    """Its figures by their names."""
    return figures.named(evaluated.figures)
