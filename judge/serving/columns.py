"""Which columns of the input are what, and which of them go along into the output."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from judge.serving.errors import ScoreError
from judge.tables.items import Item

ID = "id"
READ = (*Item._fields, ID)
"""What is read of a row: question, answer, context, reference, and its id."""

WRITTEN = (ID, "levels", "score", "class", "acceptable", "reason")
"""The columns of the output, in order."""

SPANS = "spans"
"""The column after these of an output that was asked to explain."""

ALL = "all"
_NEEDED = ("question", "answer")


class Columns(NamedTuple):
    """The input's own name for each of `READ`, and the columns that are kept: names, or None for all that are not read."""

    names: dict[str, str]
    kept: tuple[str, ...] | None = ()

    def read(self, row: dict[str, Any]) -> dict[str, Any]:
        """Of a row what is read, under our names; a column that the row lacks is left out."""
        return {ours: row[theirs] for ours, theirs in self.names.items() if theirs in row}

    def keep(self, row: dict[str, Any]) -> dict[str, Any]:
        """Of a row what goes along, under the names in the output."""
        names = self.kept_of(list(row)) if self.kept is None else self.kept
        return {kept_name(name): row.get(name) for name in names}

    def kept_of(self, header: Sequence[str]) -> list[str]:
        """The kept ones among the columns of a table.

        Raises:
            ScoreError: a column that is to be kept is not there.
        """
        if self.kept is None:
            return [name for name in header if name not in self.names.values()]
        missing = sorted(set(self.kept) - set(header))
        if missing:
            raise ScoreError(f"--keep names {', '.join(missing)}, and the columns are {', '.join(header)}.\nNext: name some of these.")
        return list(self.kept)

    def require(self, header: Sequence[str], where: str) -> None:
        """Refuse a table whose header is no good.

        Raises:
            ScoreError: a name stands there twice, or a column is missing that every row needs or that the user has named.
        """
        twice = sorted({name for name in header if list(header).count(name) > 1})
        if twice:
            raise ScoreError(f"{where}: the column {', '.join(twice)} is there twice.\nNext: give each column a name of its own.")
        wanted = [theirs for ours, theirs in self.names.items() if ours in _NEEDED or ours != theirs]
        missing = [name for name in wanted if name not in header]
        if missing:
            raise ScoreError(
                f"{where}: there is no column {', '.join(missing)}; the columns are {', '.join(header) or 'none'}.\n"
                "Next: say which are meant, --columns question=NAME,answer=NAME."
            )
        self.kept_of(header)


def kept_name(name: str) -> str:
    """The name in the output of a column of the input: ours come first, and theirs of the same name becomes `input_NAME`."""
    return f"input_{name}" if name in (*WRITTEN, SPANS) else name


def parse(columns: str | None, keep: str | None) -> Columns:
    """The columns that a command line names.

    Args:
        columns: `question=q,answer=a`; None where each has our name.
        keep: names with commas between them, or `all` that are not read; None for none.

    Raises:
        ScoreError: a part is no NAME=COLUMN, or names what no row has.
    """
    names = {name: name for name in READ}
    for part in columns.split(",") if columns else ():
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if ours not in READ or not equals or not theirs:
            raise ScoreError(
                f"--columns: {part!r} is not understood; what a row has is {', '.join(READ)}.\n"
                "Next: write it as question=NAME,answer=NAME, with the input's own names."
            )
        names[ours] = theirs
    if keep == ALL:
        return Columns(names, None)
    kept = tuple(dict.fromkeys(name.strip() for name in keep.split(",") if name.strip())) if keep else ()
    return Columns(names, kept)
