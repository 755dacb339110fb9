"""Typed settings: a section of params.yaml or an option file of conf/, with its ranges.

Built on pydantic, so all faults of a section are reported together, each under its full key.
"""

from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from judge.errors import SettingsError


class Settings(BaseModel):
    """The base of every section: no unknown keys, no silent conversion, immutable once checked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())


class Option(Settings):
    """The base of an option file of conf/; `name` is the file's own name, filled in when it is read."""

    name: str


Budget = Annotated[float | None, Field(ge=0.0, description="dollars that hosted models may cost in all; null is no limit")]
"""The setting `budget_usd`: it changes no output, so no stage runs again for it."""

PARAMS = Path("params.yaml")

S = TypeVar("S", bound=Settings)


def read_params(path: Path = PARAMS) -> dict[str, Any]:
    """A file like params.yaml as plain values.

    Raises:
        SettingsError: it is missing, is no valid YAML, or no mapping.
    """
    import yaml

    try:
        params = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no {path} here.\nNext: run this in the project's top folder.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no valid YAML: {error}") from None
    if not isinstance(params, dict):
        raise SettingsError(f"{path} has to be a mapping of keys to values, got {type(params).__name__}.")
    return params


def flatten(values: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, keys joined by dots; lists and empty mappings stay whole."""
    if not isinstance(values, dict) or not values:
        return {prefix: values} if prefix else {}
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= flatten(value, f"{prefix}.{key}" if prefix else str(key))
    return flat


def check(kind: type[S], values: dict[str, Any]) -> S:
    """Turn plain values into settings.

    Raises:
        SettingsError: one line a fault: the full key, what was got, what is allowed.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        lines = [_describe(fault, values) for fault in error.errors()]
    raise SettingsError("\n".join(lines))


def _describe(fault: Any, values: Any) -> str:
    key = _key(fault["loc"], values)
    if fault["type"] == "missing":
        return f"{key}: missing; it has to be set in params.yaml or in the option file of conf/ that it belongs to"
    if fault["type"] == "extra_forbidden":
        return f"{key}: there is no such key (got {fault['input']!r})"
    message = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{key}: got {fault['input']!r}, allowed is {message}"


def _key(places: tuple[str | int, ...], values: Any) -> str:
    """The key as it stands in the file: pydantic puts the kind of an option between its name and its keys."""
    parts = []
    for place in places:
        if isinstance(values, dict) and place not in values and place == values.get("kind"):
            continue
        parts.append(str(place))
        values = values.get(place) if isinstance(values, dict) else None
    return ".".join(parts)
