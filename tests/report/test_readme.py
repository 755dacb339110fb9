"""The README: what it says of figures and tables is what the code makes of metrics/."""

import yaml

from judge.report import gate
from judge.report.readme import with_blocks
from judge.tables import metric_files
from tests.conftest import ROOT


def test_the_figures_in_the_readme_are_those_in_metrics() -> None:
    """The README's results and table of tables are the ones that `make readme` would write."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == with_blocks(text, metric_files.read(ROOT / metric_files.EVALUATION))


def test_every_rule_of_the_gate_is_about_a_figure_that_there_is() -> None:
    """The section `gate` of params.yaml names figures of metrics/evaluation.json."""
    figures = metric_files.read(ROOT / metric_files.EVALUATION)
    rules = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["gate"]["rules"]
    assert [] == [rule["figure"] for rule in rules if gate.look_up(figures, rule["figure"]) is None]
