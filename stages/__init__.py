"""The stages: one file each, run as `python -m stages.NAME [key=value ...]`.

This module reads a stage's settings: values from params.yaml, options from conf/, changes from the command line,
composed by Hydra, checked by type and range, and cut down to what the stage declares that it reads.
"""

import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from judge.errors import JudgeError, SettingsError
from judge.settings import Option, Settings, check, flatten, nearest, read_params
from judge.tables.dry_run import DRY_RUN, Planned

S = TypeVar("S", bound=Settings)

CONF = Path("conf")


def run(main: Callable[[S], None], kind: type[S], *, whole: bool = False, asks: bool = False) -> None:
    """Run a stage from the command line: exit code 0, or 2 with a message where the user can mend it.

    `whole` gives the stage all of params.yaml, so that a key that no stage knows is refused.
    `asks` says that the stage asks a model: then `--dry-run` tells what it would ask and cost, and asks and writes nothing.
    """
    # Threads that wait for each other long before they sleep turn a second busy process into a tenfold slowdown.
    # It has to be set before torch loads; a value that the user has set stands.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    arguments = sys.argv[1:]
    if "--help" in arguments or "-h" in arguments:
        print(_help(main, kind, asks=asks))
        return
    try:
        if "--dry-run" in arguments:
            arguments.remove("--dry-run")
            if not asks:
                raise SettingsError("--dry-run: this stage asks no model, so there is nothing to foretell.")
            DRY_RUN.set(True)
        main(settings(kind, arguments, whole=whole))
    except Planned as plan:
        print(plan)
    except JudgeError as error:
        sys.exit(_say(error))
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what is finished is kept, the same command goes on from there.\n")
        sys.exit(130)


def settings(kind: type[S], overrides: list[str], *, whole: bool = False) -> S:
    """The settings that a stage reads.

    A field that is named like a folder of conf/ and holds an option gets the option file that params.yaml or an override names.

    Raises:
        SettingsError: params.yaml is unreadable, or a key is unknown, missing, or out of range; every fault has a line.
    """
    params = read_params()
    groups = {name for name, field in kind.model_fields.items() if _holds_option(field.annotation)}
    chosen = {name: str(params[name]) for name in groups if name in params}
    chosen |= {key: value for key, _, value in (text.partition("=") for text in overrides) if key in groups}
    faults = [f"{group}: missing; choose one of {', '.join(options(group))}" for group in sorted(groups - set(chosen))]
    faults += [
        f"{group}: got {name!r}, allowed is one of {', '.join(options(group))}"
        for group, name in sorted(chosen.items())
        if name not in options(group)
    ]
    if faults:
        raise SettingsError("\n".join(faults))
    plain = {name: value for name, value in params.items() if name not in groups and (whole or name in kind.model_fields)}
    changes = [text for text in overrides if text.partition("=")[0] not in groups]
    _require_read(changes, chosen, plain, set(params))
    values = _compose(chosen, plain, changes)
    for group, name in chosen.items():
        values[group] = {**values[group], "name": name}
    checked = check(kind, values)
    unknown = [name for name in getattr(checked, "generators", []) if name not in options("generator")]
    if unknown:
        raise SettingsError(f"generators: got {', '.join(unknown)}, allowed are {', '.join(options('generator'))}")
    return checked


def _require_read(overrides: list[str], chosen: dict[str, str], plain: dict[str, Any], known: set[str]) -> None:
    """Refuse to change what this stage does not read."""
    faults = []
    for text in overrides:
        key = text.partition("=")[0].lstrip("+~")
        section = key.partition(".")[0]
        if section in chosen or section in plain or "=" not in text:
            continue
        if section in known:
            faults.append(f"{key}: this stage does not read it")
        else:
            faults.append(f"{key}: there is no such key; {nearest(key, flatten(_compose(chosen, plain, [])))}")
    if faults:
        raise SettingsError("\n".join([*faults, _reads(chosen, plain)]))


def options(group: str) -> list[str]:
    """The names that a folder of conf/ offers."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def _compose(chosen: dict[str, str], plain: dict[str, Any], overrides: list[str]) -> dict[str, Any]:
    """Let Hydra put together the chosen option files, the plain values and the overrides."""
    import yaml
    from hydra import compose, initialize_config_dir
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    defaults: list[Any] = [{group: name} for group, name in sorted(chosen.items())]
    ConfigStore.instance().store(name="params", node={"defaults": [*defaults, "_self_"], **plain})
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(CONF.resolve()), version_base="1.3"):
            # ++ sets a key whether it is there or not: whether it may be is for the settings to say, which know the nearest.
            composed = compose("params", [f"++{text}" if text[:1].isalpha() and "=" in text else text for text in overrides])
        values: dict[str, Any] = OmegaConf.to_container(composed, resolve=True)  # type: ignore[assignment]
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        # Hydra's first line names the override or the file; the key itself stands in the lines below it.
        message = str(error).strip().replace("'++", "'")
        raise SettingsError(f"{message}\n{_reads(chosen, plain)}") from None
    return values


def _reads(chosen: dict[str, str], plain: dict[str, Any]) -> str:
    return f"This stage reads: {', '.join(sorted([*chosen, *plain]))}"


def _holds_option(annotation: Any) -> bool:
    """Whether a field is an `Option`, or one of several."""
    if get_origin(annotation) in (Union, types.UnionType):
        return all(_holds_option(part) for part in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, Option)


def _say(error: JudgeError) -> int:
    sys.stderr.write(f"error: {error}\n")
    return 2


def _help(main: Callable[[Any], None], kind: type[Settings], *, asks: bool) -> str:
    module = sys.modules[main.__module__]
    lines = [str(module.__doc__).strip(), "", "Settings (from params.yaml and conf/, changed by key=value):"]
    for name, field in kind.model_fields.items():
        annotation = field.annotation
        if _holds_option(annotation):
            lines.append(f"  {name}: one of {', '.join(options(name))}")
        elif isinstance(annotation, type) and issubclass(annotation, Settings):
            lines += [f"  {name}.{key}: {inner.description}" for key, inner in annotation.model_fields.items()]
        else:
            lines.append(f"  {name}: {field.description}")
    if asks:
        lines += ["", "--dry-run: say how many requests this would send and what they would cost, and send none"]
    return "\n".join(lines)
