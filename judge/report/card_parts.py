"""What a card is made from, and what it is made of."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from judge.report.licences import Used
from judge.tables.schema import Row

if TYPE_CHECKING:
    import pandas as pd


class TableFacts(NamedTuple):
    """A table of the run: its rows, the documents that they are about, and the SHA-256 of its file."""

    rows: int
    documents: int
    sha256: str


class Facts(NamedTuple):
    """What a card is made of.

    Attributes:
        figures: the table of `judge.evaluation.figures`.
        student: the student's config.json: `option`, `threshold`, and `training` with what it was trained on.
        run: what was chosen, name to value, such as the corpus.
        tables: by name, train and test among them.
        evidence: rows of `judge.evaluation.evidence`; none where the suite was not run.
        used: the models and texts behind the judge and its training data.
    """

    figures: "pd.DataFrame"
    student: Mapping[str, Any]
    run: Mapping[str, str]
    tables: Mapping[str, TableFacts]
    evidence: Sequence[Row]
    used: Sequence[Used]


class Block(NamedTuple):
    """A paragraph; or, with `header`, a table with its rows below the text; or, with `code`, lines of code."""

    text: str = ""
    header: tuple[str, ...] = ()
    rows: Sequence[Sequence[str]] = ()
    code: str = ""


class Section(NamedTuple):
    """A part of the card."""

    title: str
    blocks: list[Block]


class Card(NamedTuple):
    """A card: its title, the answer in one sentence, its sections, and the notes that its figures refer to, by letter."""

    title: str
    answer: str
    sections: list[Section]
    notes: dict[str, str]
