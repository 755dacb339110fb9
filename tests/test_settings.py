"""Settings of any kind: read, flattened, checked, and refused with every fault and the nearest key."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from judge.errors import SettingsError
from judge.settings import Option, Settings, check, flatten, nearest, read_params


class _Model(Settings):
    hub: str
    tokens: int = Field(ge=1)


class _Local(Option):
    kind: Literal["local"]
    model: _Model


class _Hosted(Option):
    kind: Literal["hosted"]
    endpoint: str


class _Rule(Settings):
    figure: str
    at_least: float


class _Project(Settings):
    seed: int
    teacher: Annotated[_Local | _Hosted, Field(discriminator="kind")]
    rules: list[_Rule]


VALUES: dict[str, Any] = {
    "seed": 1,
    "teacher": {"name": "mine", "kind": "local", "model": {"hub": "x", "tokens": 5}},
    "rules": [{"figure": "kappa", "at_least": 0.5}],
}


def _faults(**changes: Any) -> list[str]:
    with pytest.raises(SettingsError) as error:
        check(_Project, {**VALUES, **changes})
    return str(error.value).splitlines()


def test_all_faults_are_told_together_each_under_its_full_key() -> None:
    """A line a fault; the kind of an option is no part of its key."""
    teacher = {"name": "mine", "kind": "local", "model": {"hub": 7, "tokens": 0}}
    assert [
        "seed: got 'x', allowed is a valid integer",
        "teacher.model.hub: got 7, allowed is a valid string",
        "teacher.model.tokens: got 0, allowed is greater than or equal to 1",
    ] == _faults(seed="x", teacher=teacher)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sed": 1}, "sed: there is no such key (got 1); the nearest is seed"),
        ({"zzz": 1}, "zzz: there is no such key (got 1); there are rules, seed, teacher"),
        (
            {"teacher": {**VALUES["teacher"], "endpont": "x"}},
            "teacher.endpont: there is no such key (got 'x'); there are teacher.kind, teacher.model",
        ),
        (
            {"teacher": {**VALUES["teacher"], "model": {"hub": "x", "tokens": 5, "token": 6}}},
            "teacher.model.token: there is no such key (got 6); the nearest is teacher.model.tokens",
        ),
        (
            {"rules": [{"figure": "kappa", "at_least": 0.5, "at_lest": 0.4}]},
            "rules.0.at_lest: there is no such key (got 0.4); the nearest is rules.0.at_least",
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest_that_may_stand_there(changes: dict[str, Any], expected: str) -> None:
    """In a section, in an option (of its own kind alone), in a list; where none is near, all are named."""
    assert [expected] == _faults(**changes)


def test_a_value_where_a_section_should_be_is_told_with_its_keys() -> None:
    """The keys of the section say what is meant."""
    teacher = {**VALUES["teacher"], "model": "x"}
    assert ["teacher.model: got 'x', allowed is a section with the keys hub, tokens"] == _faults(teacher=teacher)


def test_a_missing_key_is_told_from_a_wrong_one() -> None:
    """It has to be set somewhere, and the message says where."""
    (line,) = _faults(rules=[{"figure": "kappa"}])
    assert line.startswith("rules.0.at_least: missing; it has to be set in params.yaml")


def test_mappings_are_flattened_and_lists_and_empty_mappings_stay_whole() -> None:
    """Keys joined by dots; numbers as keys become texts."""
    expected = {"a.b": 1, "a.c": [{"d": 2}], "e": {}, "3": None}
    assert expected == flatten({"a": {"b": 1, "c": [{"d": 2}]}, "e": {}, 3: None})
    assert {"x.a": 1} == flatten({"a": 1}, "x")
    assert {} == flatten({})


@pytest.mark.parametrize(("name", "expected"), [("lable", "the nearest is label"), ("q", "there are label, seed")])
def test_the_nearest_name_is_told_or_all(name: str, expected: str) -> None:
    """One suggestion where it is likely, the whole list where none is."""
    assert expected == nearest(name, ["seed", "label"])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "There is no params.yaml here.\nNext: run this in the project's top folder."),
        (b"a: [\n", "params.yaml is no valid YAML: while parsing"),
        (b"a: \xff\n", "params.yaml is no valid YAML: 'utf-8' codec can't decode"),
        (b"- 1\n", "params.yaml has to be a mapping of keys to values, got list."),
    ],
)
@pytest.mark.usefixtures("workspace")
def test_a_file_that_is_no_settings_file_is_told(content: bytes | None, expected: str) -> None:
    """Missing, no YAML, no text, no mapping: the file is named each time."""
    if content is not None:
        Path("params.yaml").write_bytes(content)
    with pytest.raises(SettingsError) as error:
        read_params()
    assert str(error.value).startswith(expected)


@pytest.mark.usefixtures("workspace")
def test_settings_are_read_from_the_file_that_is_named() -> None:
    """params.yaml where none is."""
    for name, seed in (("params.yaml", 1), ("other.yaml", 2)):
        Path(name).write_text(f"seed: {seed}\n", encoding="utf-8")
    assert ({"seed": 1}, {"seed": 2}) == (read_params(), read_params(Path("other.yaml")))
