"""The README: what it says of figures and tables is what the code makes of metrics/."""

from judge import metrics
from judge.__main__ import with_blocks
from tests.conftest import ROOT


def test_the_figures_in_the_readme_are_those_in_metrics() -> None:
    """The README's results and table of tables are the ones that `make readme` would write."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text == with_blocks(text, metrics.read(ROOT / metrics.EVALUATION))
