"""The registry of corpora: each option file of conf/corpus is of a kind that is listed, and that can be read."""

from typing import get_args

import pytest

from judge.dataset.corpora import Corpus
from tests.conftest import ROOT, option

KINDS = get_args(get_args(Corpus)[0])


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "conf/corpus").glob("*.yaml")))
def test_an_option_file_is_of_a_listed_kind(name: str) -> None:
    """Its fields are those of its kind, and its name is the file's."""
    corpus = option("corpus", name, Corpus)
    assert name == corpus.name
    assert type(corpus) in KINDS


def test_every_kind_is_used_by_an_option_file() -> None:
    """A kind that nobody could choose would be dead code."""
    chosen = {type(option("corpus", path.stem, Corpus)) for path in (ROOT / "conf/corpus").glob("*.yaml")}
    assert set(KINDS) == chosen
