"""The description of a file of judgments: what is refused before the file is read."""

from typing import Any

import pytest
import yaml

from judge.dataset.recorded import Recorded
from judge.errors import SettingsError
from judge.settings import check
from tests.conftest import ROOT


def test_an_option_file_without_a_group_stays_valid() -> None:
    """The column is younger than the others."""
    values = yaml.safe_load((ROOT / "conf/corpus/recorded.yaml").read_text(encoding="utf-8")) | {"name": "recorded"}
    del values["columns"]["group"]
    assert check(Recorded, values).columns.group is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lowest": 1.0, "highest": 1.0}, r"a lowest score \(got 1.0\) below the highest \(got 1.0\)"),
        ({"verdicts": {"yes": 2.0}}, r"verdicts on the scale from 0.0 to 1.0 \(got \{'yes': 2.0\}\)"),
        ({"extract": {"t": "(?P<q>"}}, r"extract.t: .*a regular expression \(missing \), unterminated subpattern"),
        ({"extract": {"t": "(.*)"}}, "a regular expression with named groups"),
        ({"unpivot": ["x"]}, "unpivot together with a columns.answer that has {name}"),
        ({"human": {"1": "good"}}, "human.1: got 'good'"),
    ],
)
def test_a_bad_option_is_refused(changes: dict[str, Any], message: str) -> None:
    """Before the file is read, with what is allowed."""
    values = yaml.safe_load((ROOT / "conf/corpus/recorded.yaml").read_text(encoding="utf-8")) | {"name": "recorded"} | changes
    with pytest.raises(SettingsError, match=message):
        check(Recorded, values)
