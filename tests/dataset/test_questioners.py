"""The registry of questioners: each option file of conf/questioner is of a kind that is listed."""

from typing import get_args

import pytest

from judge.dataset.questioners import Questioner
from tests.conftest import ROOT, option

NAMES = sorted(path.stem for path in (ROOT / "conf/questioner").glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_an_option_file_is_of_a_listed_kind(name: str) -> None:
    """Its fields are those of its kind, and its name is the file's."""
    assert name == option("questioner", name, Questioner).name


def test_every_kind_is_used_by_an_option_file() -> None:
    """A kind that nobody could choose would be dead code."""
    assert set(get_args(get_args(Questioner)[0])) == {type(option("questioner", name, Questioner)) for name in NAMES}
