"""Write a taxiway.toml with comments."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model_training.data.dataset import Dataset

TITLE = """\
# What this repository predicts. Every key is the default of the option of this name in the commands of `taxiway`,
# and `make serve` trains and serves this model. docs/train.md describes all keys.
"""
HINTS = {
    "missing": '["NA", "?"] # words that mean a missing value, besides an empty cell',
    "estimator": '"hist-gradient-boosting" # instead of the linear one',
    "params": '"params.json" # what `taxiway tune --out params.json` found; or a table [params]',
    "threshold": '"f1" # or a number, or the cost of the mistakes, such as "cost:fp=1,fn=5"',
    "to": '"gs://BUCKET/models/NAME" # where `taxiway publish` publishes',
}
"""Examples of keys that are not given, as comments."""
KIND_HINT = """\
# [kind]
# month = "category" # or number, text, boolean, drop
"""
BARE = re.compile(r"[A-Za-z0-9_-]+")


def config_text(values: Mapping[str, Any], kinds: Mapping[str, str], data: Dataset) -> str:
    """Return the text of a file that describes a data set and how to train on it.

    Args:
        values: the values of the keys, except for the target, the task, the features and the kinds.
        kinds: the kinds of the columns that are not as inferred.
        data: the data set that was read with these values.
    """
    return TITLE + "\n" + "\n".join(_lines(values, kinds, data)) + "\n"


def _lines(values: Mapping[str, Any], kinds: Mapping[str, str], data: Dataset) -> Iterator[str]:
    yield f"data = {toml(values['data'])}{_comment('relative to this file; or a pattern, or gs://BUCKET/OBJECT')}"
    yield f"target = {toml(str(data.target.name))}"
    yield f"task = {toml(data.task)}{_comment(_classes(data))}"
    yield from _features(data)
    tables = {name: value for name, value in values.items() if isinstance(value, dict)} | {"kind": kinds}
    for name, value in values.items():
        if name != "data" and name not in tables:
            yield f"{name} = {toml(value)}"
    yield ""
    yield from (f"# {name} = {hint}" for name, hint in HINTS.items() if name not in values)
    for name, table in tables.items():
        if table:
            yield f"\n[{name}]"
            yield from (f"{_key(key)} = {toml(value)}" for key, value in table.items())
    if not kinds:
        yield f"\n{KIND_HINT.rstrip()}"


def _features(data: Dataset) -> Iterator[str]:
    yield "features = ["
    for column in data.columns:
        if column.used:
            described = ", ".join(each for each in (column.use, column.summary) if each)
            yield f"    {toml(column.name)},{_comment(described)}"
    yield "]"
    for column in data.columns:
        if not column.used:
            yield f"# {_plain(f'{toml(column.name)} is left out: {column.remark}')}"


def _classes(data: Dataset) -> str:
    return "" if data.task == "regression" else ", ".join(map(str, sorted(data.target.unique().tolist())))


def _comment(text: str) -> str:
    return f" # {_plain(text)}" if text else ""


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else toml(name)


def toml(value: str | float | Sequence[str]) -> str:
    """Write a text, a number, a truth value or a list of texts as TOML, of which JSON without DEL is a part."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
