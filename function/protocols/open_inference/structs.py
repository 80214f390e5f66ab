"""The tensors of requests, and their datatypes."""

from typing import Annotated, Any, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from function.model.faults import Place
from function.model.typed_columns import Values
from function.protocols.open_inference import Datatype, Number

NUMBERS: tuple[Datatype, ...] = get_args(Number)
ALL: tuple[Datatype, ...] = get_args(Datatype)
ACCEPTED: dict[str, tuple[Datatype, ...]] = {
    "string": ("BYTES",),
    "integer": NUMBERS,
    "number": NUMBERS,
    "boolean": ("BOOL",),
    "any": ALL,
}
"""The datatypes that each type of feature accepts; the values are then checked one by one."""
Size = Annotated[int, Meta(ge=0)]


class BinarySize(Struct, frozen=True):
    """Of the parameters of a tensor, the one that says how many bytes of the body it has after the JSON."""

    binary_data_size: Size | UnsetType = UNSET


class Tensor(Struct, frozen=True):
    """An input tensor: `data` is flat or nested, row by row, and null is a missing value; or it follows the JSON."""

    name: str
    shape: Annotated[list[Size], Meta(min_length=1, max_length=2)]
    datatype: Datatype
    data: list[Any] | UnsetType = UNSET
    parameters: BinarySize | None = None


class Input(Struct, frozen=True, gc=False):
    """An input tensor with its values."""

    name: str
    shape: list[int]
    datatype: Datatype
    values: Values
    """As JSON has them, flat or nested; or typed, row by row, as many as the shape says."""


def place_of(position: int, width: int, place: Place) -> Place:
    """Return the place of a value of a tensor by its position, row by row: a row, or a row and a column."""
    return (*place, position) if width == 1 else (*place, *divmod(position, width))
