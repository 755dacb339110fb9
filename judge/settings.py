"""Typed settings: a section of params.yaml or an option file of conf/, with its ranges.

Built on pydantic, so all faults of a section are reported together, each under its full key.
"""

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

S = TypeVar("S", bound=Settings)


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
