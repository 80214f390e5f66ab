"""Bodies in which something is wrong, each with the place that its error must name."""

import io
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from tests.support.flights import FLIGHT
from tests.support.formats import ARROW, CSV, JSON, NDJSON, encoded, stream_of, table_of

ROWS = 12
NAMES = list(FLIGHT)
GOOD = [{**FLIGHT, "month": 1 + i} for i in range(ROWS)]
WRONG: dict[str, Sequence[Any]] = {
    "carrier": ("ZZ", "", "ua", "U\x00A", None, 7, 1.5, True, [], {}, "é", "UA "),
    "month": (0, 13, -1, 7.5, "July", None, True, [7], 2**63, 10**400, 1e300),
    "origin": ("SFO", "EWR\n", None, 3, ["EWR"]),
    "period": ("noon", None, {"period": "evening"}, 0),
}


class Damaged(NamedTuple):
    """A body that must be refused."""

    kind: str
    media_type: str
    body: bytes
    place: str
    """What the message of the error begins with or contains; empty if the whole body is damaged."""


def damaged_bodies(seed: int) -> Iterator[Damaged]:
    """Yield bodies of every format."""
    dice = random.Random(seed)  # noqa: S311 (repeatable)
    yield from _csv(dice)
    yield from _lines(dice)
    yield from _mlflow(dice)
    yield from _arrow(dice)


def _csv(dice: random.Random) -> Iterator[Damaged]:
    lines = [",".join(NAMES), *(",".join(map(str, row.values())) for row in GOOD)]

    def changed(number: int, line: str) -> bytes:
        return "\n".join([*lines[: number - 1], line, *lines[number:], ""]).encode()

    texts = {name: [each for each in values if isinstance(each, str)] for name, values in WRONG.items()}
    texts["month"] += ["0", "13", "7.5", "1e300", "nan", "1_2", "inf", "seven", "0x7", "--7", "7,0"]
    for name, values in texts.items():
        for value in values:
            number = dice.randrange(2, ROWS + 2)
            cells = {**GOOD[number - 2], name: '"' + value + '"'}
            if value.strip() != FLIGHT[name]:
                yield Damaged(
                    "cell", CSV, changed(number, ",".join(map(str, cells.values()))), f"line[{number}].{name}"
                )
    for number in range(2, ROWS + 2):
        yield Damaged("short", CSV, changed(number, "UA,7,EWR"), f"line[{number}]")
        yield Damaged("long", CSV, changed(number, lines[number - 1] + ",more"), f"line[{number}]")
        yield Damaged("quote", CSV, changed(number, '"UA"x,7,EWR,evening'), f"line[{number}]")
    for name in NAMES:
        rest = ",".join(each for each in NAMES if each != name)
        yield Damaged("missing", CSV, changed(1, f"{rest},other"), "line[1].other")
        yield Damaged("twice", CSV, changed(1, f"{rest},{rest.partition(',')[0]}"), "line[1]")
        yield Damaged("renamed", CSV, changed(1, lines[0].replace(name, name.upper())), f"line[1].{name.upper()}")
    yield Damaged("open quote", CSV, b'carrier,month,origin,period\n"UA,7,EWR,evening\n', "line[2]")
    yield Damaged("encoding", CSV, "carrier,month,origin,period\nUÄ,7,EWR,evening\n".encode("latin-1"), "")
    yield Damaged("empty", CSV, b"", "")
    yield Damaged("separator", CSV, "\n".join(lines).replace(",", ";").encode(), "line[1]")
    yield Damaged("long cell", CSV, changed(3, "U" * 140_000 + ",7,EWR,evening"), "line[3]")


def _lines(dice: random.Random) -> Iterator[Damaged]:
    lines = [json.dumps(row).encode() for row in GOOD]

    def changed(number: int, line: bytes) -> bytes:
        return b"\n".join([*lines[: number - 1], line, *lines[number:]])

    for name, values in WRONG.items():
        for value in values:
            number = dice.randrange(1, ROWS + 1)
            row = {**GOOD[number - 1], name: value}
            yield Damaged("value", NDJSON, changed(number, json.dumps(row).encode()), f"line[{number}].{name}")
    for number in range(1, ROWS + 1):
        line = lines[number - 1]
        cut = dice.randrange(1, len(line))
        yield Damaged("cut", NDJSON, changed(number, line[:cut]), f"line[{number}]")
        yield Damaged("two", NDJSON, changed(number, line + line), f"line[{number}]")
        yield Damaged("extra", NDJSON, changed(number, line[:-1] + b',"other":1}'), f"line[{number}].other")
        yield Damaged("not utf-8", NDJSON, changed(number, line.replace(b"UA", b"\xff")), f"line[{number}]")
        yield Damaged("scalar", NDJSON, changed(number, dice.choice((b"7", b'"UA"', b"null"))), f"line[{number}]")
        yield Damaged("nan", NDJSON, changed(number, b'{"carrier":"UA","month":NaN}'), f"line[{number}]")
        lacking = {each: value for each, value in GOOD[0].items() if each != "origin"}
        yield Damaged("missing", NDJSON, changed(number, json.dumps(lacking).encode()), f"line[{number}].origin")


def _mlflow(dice: random.Random) -> Iterator[Damaged]:
    values = [list(row.values()) for row in GOOD]

    def body(**content: Any) -> bytes:
        return json.dumps(content).encode()

    for name, wrong in WRONG.items():
        for value in wrong:
            row, at = dice.randrange(ROWS), NAMES.index(name)
            records = [*GOOD[:row], {**GOOD[row], name: value}, *GOOD[row + 1 :]]
            data = [*values[:row], [*values[row][:at], value, *values[row][at + 1 :]], *values[row + 1 :]]
            split = {"columns": NAMES, "index": list(range(ROWS)), "data": data}
            place = f"dataframe_split.data[{row}].{name}"
            yield Damaged("split", JSON, body(dataframe_split=split), place)
            yield Damaged("records", JSON, body(dataframe_records=records), f"dataframe_records[{row}].{name}")
            yield Damaged("instances", JSON, body(instances=records), f"instances[{row}].{name}")
            inputs = {each: [record[each] for record in records] for each in NAMES}
            yield Damaged("inputs", JSON, body(inputs=inputs), f"inputs.{name}[{row}]")
    good = {"columns": NAMES, "data": values}
    for key in ("Infinity", "-Infinity", "NaN"):
        text = body(dataframe_split=good).replace(b"7,", key.encode() + b",", 1)
        yield Damaged("constant", JSON, text, "dataframe_split.data[6].month")
    for content, place in (
        ({}, "exactly one of"),
        ({"dataframe_split": good, "instances": GOOD}, "exactly one of"),
        ({"dataframe_split": {**good, "dtypes": []}}, "dataframe_split.dtypes"),
        ({"dataframe_split": {"columns": NAMES}}, "dataframe_split.data"),
        ({"dataframe_split": {**good, "columns": NAMES[1:]}}, "dataframe_split.columns.carrier"),
        ({"dataframe_split": {**good, "columns": [*NAMES[:3], "other"]}}, "dataframe_split.columns.other"),
        ({"dataframe_split": {**good, "columns": [*NAMES[:3], NAMES[0]]}}, "dataframe_split.columns.carrier"),
        ({"dataframe_split": {**good, "data": [*values, [1]]}}, f"dataframe_split.data[{ROWS}]"),
        ({"dataframe_split": {**good, "data": [*values, {}]}}, f"dataframe_split.data[{ROWS}]"),
        ({"dataframe_split": []}, "dataframe_split"),
        ({"dataframe_records": {}}, "dataframe_records"),
        ({"dataframe_records": [1]}, "dataframe_records[0]"),
        ({"instances": 7}, "instances"),
        ({"instances": [GOOD[0], values[0]]}, "instances"),
        ({"inputs": {"carrier": ["UA"]}}, "inputs.month"),
        ({"inputs": {**GOOD[0]}}, "inputs.carrier"),
        ({"inputs": {name: [GOOD[0][name]] * (1 + (name == "month")) for name in NAMES}}, "inputs"),
        ({"instances": GOOD, "params": {"output": "logits"}}, "params.output"),
        ({"instances": GOOD, "params": {"output": "score"}}, "params.output"),
        ({"instances": GOOD, "params": {"other": 1}}, "params.other"),
        ({"instances": GOOD, "parameters": {}}, "parameters"),
    ):
        yield Damaged("shape", JSON, body(**content), place)
    for cut in range(1, 40, 2):
        yield Damaged("cut", JSON, body(instances=GOOD)[:-cut], "JSON")


def _arrow(dice: random.Random) -> Iterator[Damaged]:  # noqa: C901 (a table)
    table = table_of(GOOD)
    stream = stream_of(table)
    ends = _message_ends(stream)
    for size in sorted({*range(1, 300, 7), *range(300, len(stream), 31)} - ends):
        yield Damaged("cut", ARROW, stream[:size], "")
    for name, values in WRONG.items():
        for value in values:
            row = dice.randrange(ROWS)
            cells = [value if i == row else GOOD[i][name] for i in range(ROWS)]
            kind = pa.string() if name != "month" else pa.float64() if isinstance(value, float) else pa.int64()
            try:
                column = pa.array(cells, kind)
            except (pa.ArrowException, OverflowError):  # No such value in Arrow.
                continue
            changed = table.set_column(NAMES.index(name), name, column)
            yield Damaged("value", ARROW, stream_of(changed), f"rows[{row}].{name}")
            if kind == pa.string():
                yield Damaged("value of a dictionary", ARROW, stream_of(encoded(changed)), f"rows[{row}].{name}")
    for name in NAMES:
        other = pa.array(["7"] * ROWS if name == "month" else list(range(ROWS)))
        yield Damaged(
            "other type", ARROW, stream_of(table.set_column(NAMES.index(name), name, other)), f"rows[0].{name}"
        )
    for name, column in _hostile_columns().items():
        yield Damaged(name, ARROW, stream_of(table.set_column(0, "carrier", column)), "columns.carrier")
    for kind in (pa.list_(pa.string()), pa.struct([("a", pa.string())]), pa.map_(pa.string(), pa.string())):
        column = pa.nulls(ROWS, kind)
        yield Damaged("nested", ARROW, stream_of(table.set_column(0, "carrier", column)), "columns.carrier")
    for kind in (pa.decimal128(5, 1), pa.binary(), pa.duration("s"), pa.timestamp("s"), pa.float64(), pa.null()):
        column = pa.nulls(ROWS, kind)
        yield Damaged("type", ARROW, stream_of(table.set_column(0, "carrier", column)), "carrier")
    yield Damaged("missing", ARROW, stream_of(table.drop_columns(["month"])), "columns.month")
    yield Damaged("unknown", ARROW, stream_of(table.append_column("other", table["month"])), "columns.other")
    yield Damaged("twice", ARROW, stream_of(table.append_column("month", table["month"])), "columns.month")
    yield Damaged("batches", ARROW, stream_of(table_of(GOOD * 100), rows=1), "batches")
    yield Damaged("file", ARROW, b"ARROW1\x00\x00" + stream, "Arrow file")
    for start in (b"", b"\xff\xff\xff\xff", b"\xff" * 8, b"\xff" * 64, b"PAR1", b"[]", bytes(64)):
        yield Damaged("no stream", ARROW, start, "")
    for number in range(4, min(ends) - 4, 4):  # The schema, word by word.
        for word in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"):
            yield Damaged("word", ARROW, stream[:number] + word + stream[number + 4 :], "?")


def _hostile_columns() -> dict[str, pa.Array]:
    """Return columns whose buffers lie: pyarrow writes them as they are."""
    n = ROWS

    def text(offsets: Sequence[int], data: bytes) -> pa.Array:
        typed = pa.array(offsets, pa.int32())
        return pa.Array.from_buffers(pa.string(), len(offsets) - 1, [None, typed.buffers()[1], pa.py_buffer(data)])

    def dictionary(indices: Sequence[int], size: int) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(["UA"] * size), safe=False)

    views = pa.array(["UA"] * (n - 1) + ["x" * 20], pa.string_view()).buffers()
    long = bytearray(views[1].to_pybytes())
    return {
        "invalid text": text(range(0, 2 * n + 1, 2), b"\xff\xfe" * n),
        "half a character": text(range(0, 2 * n + 1, 2), b"U\xc3" * n),
        "index past the end": dictionary([0] * (n - 1) + [5], 1),
        "negative index": dictionary([0] * (n - 1) + [-1], 1),
        "index without values": dictionary([0] * n, 0),
        "view past the end": _view(n, long, 12, 1000, views),
        "view of no buffer": _view(n, long, 8, 9, views),
        "view of negative buffer": _view(n, long, 8, -1, views),
        "view of negative size": _view(n, long, 0, -5, views),
        "view of huge size": _view(n, long, 0, 2**31 - 1, views),
    }


def _view(n: int, views: bytearray, at: int, value: int, buffers: Sequence[Any]) -> pa.Array:
    """Change a number of the last view."""
    changed = bytearray(views)
    place = 16 * (n - 1) + at
    changed[place : place + 4] = value.to_bytes(4, "little", signed=True)
    return pa.Array.from_buffers(pa.string_view(), n, [None, pa.py_buffer(bytes(changed)), *buffers[2:]])


def _message_ends(stream: bytes) -> set[int]:
    """Return where messages end, at which a stream may end too."""
    reader, ends = pa.ipc.MessageReader.open_stream(io.BytesIO(stream)), set()
    at = 0
    for message in reader:
        at += message.serialize().size
        ends.add(at)
    return ends | {at + extra for extra in range(9)}
