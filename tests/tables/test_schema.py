"""What is said of the tables is consistent: names, paths, keys, and the table of tables."""

import pytest

from judge import tables
from judge.errors import SettingsError
from judge.settings import Settings, check
from judge.tables.files import _TYPES


@pytest.mark.parametrize("table", tables.ALL, ids=lambda table: str(table.name))
def test_a_table_has_a_key_of_text_and_columns_of_known_types(table: tables.Table) -> None:
    """The key is a column that is never null; no column stands there twice; each has a type that the reader checks, and a meaning."""
    columns = {column.name: column for column in table.columns}
    assert ("text", False) == (columns[table.key].type, columns[table.key].nullable)
    assert len(columns) == len(table.columns)
    assert {column.type for column in table.columns} <= set(_TYPES)
    assert all(column.meaning for column in table.columns)


def test_no_two_tables_share_a_name_or_a_path() -> None:
    """A name leads to one table, a file belongs to one."""
    assert len(tables.ALL) == len({table.name for table in tables.ALL}) == len({table.path for table in tables.ALL})


def test_one_generator_and_one_judge_have_files_of_their_own() -> None:
    """The same columns under another path."""
    assert ("data/answers/gemma.jsonl", tables.ANSWERS.columns) == (tables.answers_of("gemma").path, tables.answers_of("gemma").columns)
    assert ("data/scores/probes/teacher.jsonl", tables.JUDGMENTS.key) == (tables.probe_scores("teacher").path, tables.probe_scores("x").key)


def test_the_table_of_tables_has_a_row_for_each_with_all_its_columns() -> None:
    """README's block is made from what the reader checks."""
    rows = tables.as_markdown().splitlines()[2:]
    assert len(tables.ALL) == len(rows)
    for table, row in zip(tables.ALL, rows, strict=True):
        assert row.startswith(f"| {table.path} | {table.row} | `{table.key}` |")
        assert [column.name for column in table.columns] == [name.strip(" `|") for name in row.split(" | ")[3].split(",")]


class _Section(Settings):
    generators: tables.Generators


@pytest.mark.parametrize("names", [[], ["a", "a"]])
def test_generators_are_named_once_and_at_least_one(names: list[str]) -> None:
    """No answers, and answers that stand there twice, are refused in the settings."""
    assert ["a", "b"] == check(_Section, {"generators": ["a", "b"]}).generators
    with pytest.raises(SettingsError, match="generators: got"):
        check(_Section, {"generators": names})
