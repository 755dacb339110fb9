"""The registry of generators: each option file of conf/generator is of a kind that is listed."""

from typing import get_args

import pytest

from judge.dataset.generators import Generator
from tests.conftest import ROOT, option

NAMES = sorted(path.stem for path in (ROOT / "conf/generator").glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_an_option_file_is_of_a_listed_kind(name: str) -> None:
    """Its fields are those of its kind, and its prompt has the question in it."""
    generator = option("generator", name, Generator)
    assert name == generator.name
    assert "{question}" in generator.prompt


def test_every_kind_is_used_by_an_option_file() -> None:
    """A kind that nobody could choose would be dead code."""
    assert set(get_args(get_args(Generator)[0])) == {type(option("generator", name, Generator)) for name in NAMES}


@pytest.mark.parametrize("name", ["vicuna-13b", "mistral-7b", "falcon-7b"])
def test_the_tutorial_generators_are_options_of_the_same_code(name: str) -> None:
    """The three models of the tutorial are read by the same settings, from the hub."""
    generator = option("generator", name, Generator)
    assert generator.model.embedded is None
    assert "{context}" in generator.prompt
    assert "{question}" in generator.prompt
