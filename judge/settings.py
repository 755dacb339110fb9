"""Typed settings: a section of params.yaml or an option file of conf/, with its ranges.

Built on pydantic, so all faults of a section are reported together, each under its full key.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

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
        lines = [_describe(fault, values, kind) for fault in error.errors()]
    raise SettingsError("\n".join(lines))


def nearest(name: str, names: Iterable[str], prefix: str = "") -> str:
    """The end of a message about an unknown name: the one that was likely meant, or all that there are; each with `prefix` before it."""
    known = sorted(names)
    close = get_close_matches(name, known, n=1)
    return f"the nearest is {prefix}{close[0]}" if close else f"there are {', '.join(prefix + each for each in known)}"


def _describe(fault: Any, values: Any, kind: type[BaseModel]) -> str:
    key = _key(fault["loc"], values)
    if fault["type"] == "missing":
        return f"{key}: missing; it has to be set in params.yaml or in the option file of conf/ that it belongs to"
    if fault["type"] == "extra_forbidden":
        section, dot, name = key.rpartition(".")
        meant = nearest(name, _keys_beside(fault["loc"], kind), section + dot)
        return f"{key}: there is no such key (got {fault['input']!r}); {meant}"
    if fault["type"] == "model_type":
        return f"{key}: got {fault['input']!r}, allowed is a section with the keys {', '.join(_keys_beside((*fault['loc'], ''), kind))}"
    message = fault["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{key}: got {fault['input']!r}, allowed is {message}"


def _key(location: tuple[str | int, ...], values: Any) -> str:
    """The key as it stands in the file: pydantic puts the kind of an option between its name and its keys."""
    parts = []
    for part in location:
        if isinstance(values, dict) and part not in values and part == values.get("kind"):
            continue
        parts.append(str(part))
        values = values.get(part) if isinstance(values, dict) else None
    return ".".join(parts)


def _keys_beside(location: tuple[str | int, ...], kind: type[BaseModel]) -> list[str]:
    """The keys that may stand in the section where an unknown one stands."""
    sections = [kind]
    for part in location[:-1]:
        # Where there are several, the kind is told first, which may be called like a key of another: `likelihood` is both.
        of_kind = [section for section in sections if "kind" in section.model_fields and part in _values(section)]
        if len(sections) > 1 and of_kind:
            sections = of_kind
        elif any(part in section.model_fields for section in sections):
            sections = [inner for section in sections if part in section.model_fields for inner in _models(section.model_fields[str(part)])]
    # `name` is no key of an option file: it is filled in.
    return sorted({name for section in sections for name in section.model_fields if not (name == "name" and issubclass(section, Option))})


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The settings that a field may hold, alone, in a list, or one of several."""
    annotation = getattr(annotation, "annotation", annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _values(section: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(section.model_fields["kind"].annotation)
