"""function/protocols/decoding.py."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from function.errors import BadInput, Fault
from function.protocols.decoding import decode

Row = msgspec.defstruct(
    "Row",
    [("a", Literal["x", "y"]), ("b", int)],
    rename={"a": "a.b[0]", "b": "a"},
    forbid_unknown_fields=True,
)
Body = msgspec.defstruct("Body", [("rows", list[Row | list[float]])], forbid_unknown_fields=True)  # type: ignore[valid-type]


def fault_of(body: bytes, expected: Any = Body) -> Fault:
    """Decode what must be refused."""
    with pytest.raises(BadInput) as caught:
        decode(msgspec.json.Decoder(expected), body)
    return caught.value.faults[0]


def test_a_good_body_is_decoded() -> None:
    """What fits the type comes out as an object of it."""
    body: Any = decode(msgspec.json.Decoder(Body), b'{"rows":[{"a.b[0]":"x","a":1},[1,2]]}')
    assert (body.rows[0].b, body.rows[1]) == (1, [1.0, 2.0])


@pytest.mark.parametrize(
    ("body", "loc", "kind"),
    [
        (b"", (), "json_invalid"),
        (b"nonsense", (), "json_invalid"),
        (b'{"rows": [NaN]}', (), "json_invalid"),
        (b'{"rows": []} more', (), "json_invalid"),
        (b'{"rows":[{"a.b[0]":"\xff"}]}', (), "json_invalid"),
        (b"[]", (), "type"),
        (b"{}", ("rows",), "missing"),
        (b'{"rows":[],"other":1}', ("other",), "extra_forbidden"),
        (b'{"rows":7}', ("rows",), "type"),
        (b'{"rows":[7]}', ("rows", 0), "type"),
        (b'{"rows":[[1,2],[1,"2"]]}', ("rows", 1, 1), "type"),
        (b'{"rows":[[1e999]]}', ("rows", 0, 0), "range"),
        (b'{"rows":[{"a.b[0]":"z","a":1}]}', ("rows", 0, "a.b[0]"), "enum"),
        (b'{"rows":[{"a.b[0]":"x","a":1.5}]}', ("rows", 0, "a"), "type"),
        (b'{"rows":[{"a":1}]}', ("rows", 0, "a.b[0]"), "missing"),
    ],
)
def test_a_fault_names_its_place_and_kind(body: bytes, loc: tuple[str | int, ...], kind: str) -> None:
    """Keys and indices lead to the fault, also through names that hold dots and brackets."""
    fault = fault_of(body)
    assert (fault.loc, fault.type) == (loc, kind)


def test_a_deeply_nested_body_is_a_fault() -> None:
    """A hundred thousand brackets neither crash the process nor count as a failure of ours."""
    nested = b"[" * 100_000 + b"]" * 100_000
    Nested = msgspec.defstruct("Nested", [("any", Any)])
    assert fault_of(b'{"any":' + nested + b"}", Nested).type == "json_invalid"
    assert fault_of(b'{"rows":' + nested + b"}").type == "type"


def test_the_message_lists_allowed_values_and_not_the_callers() -> None:
    """The message lists what is allowed, and repeats nothing of what was sent."""
    fault = fault_of(b'{"rows":[{"a.b[0]":"<secret>","a":1}]}')
    assert fault.msg == 'expected one of "x", "y"'


def test_a_long_list_of_values_is_cut() -> None:
    """Ten thousand categories do not make a message of ten thousand words."""
    Many = msgspec.defstruct("Many", [("a", Literal[tuple(f"v{i}" for i in range(10_000))])])
    assert fault_of(b'{"a":"no"}', Many).msg.endswith('" and 9,900 more')


def test_a_name_made_to_mislead_does_no_harm() -> None:
    """A key that looks like msgspec's own words for a place is a fault like any other."""
    assert fault_of(b'{"rows":[],"x - at `$.rows[":1}').type == "extra_forbidden"
    assert fault_of(b'{"rows":[],"x - at `$.rows[9]`":1}').type == "extra_forbidden"
    assert fault_of(b'{"rows":[],"x - at `$[what]":1}').type == "extra_forbidden"
    assert len(fault_of(b'{"rows":[],"' + b"k" * 5000 + b'":1}').loc[-1]) <= 64  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, "an array of items"),
        ({"min_length": 1}, "an array of 1 or more items"),
        ({"min_length": 1, "max_length": 2}, "an array of 1 to 2 items"),
        ({"min_length": 2, "max_length": 2}, "an array of exactly 2 items"),
    ],
)
def test_the_message_has_the_length_of_an_array(bounds: Any, words: str) -> None:
    """As far as it is bounded."""
    assert (
        fault_of(b"7", Annotated[list[int], Meta(**bounds)]).msg
        == f"expected {words}, each an integer; a number is not allowed"
    )
