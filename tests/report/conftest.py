"""What the tests of report, cells and results share."""

import pytest

from judge.evaluation.evaluation import Evaluation
from judge.tables.schema import Row
from tests.report.made_up_run import a_recorded_run, a_run


@pytest.fixture(scope="session")
def run() -> tuple[Evaluation, list[Row]]:
    """`a_run`, made once."""
    return a_run()


@pytest.fixture(scope="session")
def recorded() -> tuple[Evaluation, list[Row]]:
    """`a_recorded_run`, made once."""
    return a_recorded_run()
