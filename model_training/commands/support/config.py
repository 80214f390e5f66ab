"""Read taxiway.toml, which says what a repository predicts, as defaults of the commands' options."""

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import typer
from msgspec import UNSET, Struct, UnsetType

from model_training.commands.support.console import fail, note

DEFAULT = Path("taxiway.toml")
FILES = ("data", "params")
"""The keys whose value may be a path, which is relative to the file."""
JOINED = ("params",)
"""The options that accept a table as one text; others are repeated for each of its keys."""
REPEATED = ("unknown",)
"""The options that can be repeated, and may be one text."""
UNKNOWN_KEY = "Object contains unknown field"
"""How msgspec words the error."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of the file: each is the option of this name, in all commands that have it."""

    data: str | UnsetType = UNSET
    dataset: str | UnsetType = UNSET
    preset: str | UnsetType = UNSET
    target: str | UnsetType = UNSET
    task: str | UnsetType = UNSET
    features: list[str] | UnsetType = UNSET
    kind: dict[str, str] | UnsetType = UNSET
    missing: list[str] | UnsetType = UNSET
    decimal: str | UnsetType = UNSET
    dates: str | UnsetType = UNSET
    date_order: str | UnsetType = UNSET
    unknown: str | dict[str, str] | UnsetType = UNSET
    unknown_fields: str | UnsetType = UNSET
    default: dict[str, int | float | bool | str] | UnsetType = UNSET
    name: str | UnsetType = UNSET
    title: str | UnsetType = UNSET
    describe: dict[str, str] | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    estimator: str | UnsetType = UNSET
    params: str | dict[str, int | float | bool | str] | UnsetType = UNSET
    monotone: dict[str, int] | UnsetType = UNSET
    threshold: int | float | str | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    to: str | UnsetType = UNSET


def use_config(context: typer.Context, path: Path | None) -> None:
    """Make the values of the file the defaults of every command; ends the program if the file is invalid.

    Args:
        context: the program's context, from which the contexts of the commands inherit.
        path: the file; if None, taxiway.toml in the current folder, if there is one.
    """
    if path is None and not DEFAULT.exists():
        return
    path = path or DEFAULT
    defaults = _options(_read(path), path.parent)
    group: Any = context.command
    known = {parameter.name for parameter in group.commands[context.invoked_subcommand].params}
    if used := [name for name in defaults if name in known]:
        note(f"{path} sets {', '.join(used)}.")
    context.default_map = dict.fromkeys(group.commands, defaults)


def config_arguments(context: typer.Context) -> list[str]:
    """Return the arguments with which another command reads the same file."""
    root = context.find_root()
    return ["--config", str(root.params["config"])] if _is_typed(root, "config") else []


def another_model(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    """Ignore the file if this option, which is processed before others, selects another model than the file does."""
    name, defaults = str(parameter.name), context.default_map
    if defaults and _is_typed(context, name) and value != defaults.get(name):
        note(f"--{name} is not that of the file: nothing of the file is used.")
        context.default_map = None
    return value


def _is_typed(context: Any, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _read(path: Path) -> Config:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), Config)
    except OSError as error:
        fail(f"{path} can't be read: {error.strerror}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{path} is not valid TOML: {error}.")
    except msgspec.ValidationError as error:
        unknown = str(error).startswith(UNKNOWN_KEY)
        keys = f"; the keys are {', '.join(Config.__struct_fields__)}" if unknown else ""
        fail(f"{path}: {str(error).replace(UNKNOWN_KEY, 'unknown key').replace('at `$.', 'at `')}{keys}.")


def _options(config: Config, folder: Path) -> dict[str, Any]:
    """Return the values of the file as they are typed on the command line."""
    given = {name: getattr(config, name) for name in Config.__struct_fields__}
    return {name: _option(name, value, folder) for name, value in given.items() if value is not UNSET}


def _option(name: str, value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        pairs = [f"{key}={_text(each)}" for key, each in value.items()]
        return _joined(pairs) if name in JOINED else pairs
    if isinstance(value, list):
        return _joined(value)
    if name in REPEATED:
        return [value]
    local = name in FILES and not value.startswith("gs://")
    return str(folder / value) if local else _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _joined(texts: list[str]) -> str:
    """Join texts by commas, with quotes around those that contain one."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(texts)
    return line.getvalue()
