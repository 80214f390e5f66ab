"""function/model/plan: plans that contradict themselves, or would take more memory than their size explains."""

import json
import tracemalloc
from typing import Any

import msgspec
import pytest

from function.model.plan.encoder import read_plan, write_plan
from function.model.plan.errors import BadPlan
from function.model.plan.steps.structs import (
    Arithmetic,
    Bins,
    Branch,
    Indicate,
    Polynomial,
    Power,
    Select,
    Spline,
    Step,
    Union,
)
from function.model.plan.structs import Block, Category, Linear, Numbers, OneHot, Source, Table
from tests.unit.exact.plans import CITY, SIZE, columns, small_plan

NUMBERS = Numbers((2,))


def nested(depth: int) -> Block:
    """Put a block into a block, many times."""
    block = Block((NUMBERS,))
    for _ in range(depth):
        block = Block((block,))
    return block


def branched(depth: int) -> tuple[Step, ...]:
    """Put a union into a union, many times."""
    steps: tuple[Step, ...] = ()
    for _ in range(depth):
        steps = (Union((Branch((0,), steps),)),)
    return steps


SOURCES: dict[str, Source] = {
    "a feature that is not there": Numbers((3,)),
    "a category that is not there": OneHot(2, (0, 1, 2, -1, -1), 3),
    "a table that is too short": Table(1, ((0.5,), (1.5,))),
    "rows that differ in length": Table(1, ((0.5,), (1.5,), (2.5, 3.0), (0.0,), (9.0,))),
    "a column beyond the width": OneHot(0, (0, 1, 7, -1, -1), 3),
    "too many columns": Block(tuple(OneHot(0, (0, 1, 2, -1, -1), 60_000) for _ in range(2))),
    "blocks in blocks": nested(40),
}
STEPS: dict[str, tuple[Step, ...]] = {
    "parameters for other columns": (Arithmetic("add", (1.0, 2.0)),),
    "a choice of a column that is not there": (Select((0, 1)),),
    "a mark of a column that is not there": (Indicate((1,)),),
    "edges for other columns": (Bins(((1.0,), (2.0,)), one_hot=True),),
    "too few knots": (Spline(((0.0, 1.0, 2.0),), 3, clamp=True, bias=True),),
    "powers for other columns": (Power("box-cox", ()),),
    "more products than fit": (Select((0,) * 200), Polynomial(0, 5, interaction_only=False, bias=True)),
    "more columns than fit": (Select((0,) * 60_000), Union((Branch(tuple(range(60_000))),) * 2)),
    "unions in unions": branched(40),
}
LINEAR: dict[str, Linear] = {
    "too few coefficients": Linear(((1.0,),), (0.0,)),
    "too few intercepts": Linear(((1.0,) * 6,) * 3, (0.0,), "softmax", (1, 2, 3)),
    "a link of several scores": Linear(((1.0,) * 6,), (0.0,), "softmax", (1, 2)),
    "a link without classes": Linear(((1.0,) * 6,), (0.0,), "logistic"),
    "three classes of one score": Linear(((1.0,) * 6,), (0.0,), "logistic", (1, 2, 3)),
    "no scores": Linear((), ()),
}
CATEGORIES: dict[str, tuple[Category, ...]] = {
    "of a feature that is not there": (Category(5, ("Bern", "Lima", "Oslo")), SIZE),
    "with a value twice": (Category(0, ("Bern", "Bern", "Oslo")), SIZE),
    "with equal numbers": (CITY, Category(1, (1, 1.0, 5))),
    "with a code beyond the last": (Category(0, ("Bern", "Lima", "Oslo"), unsupported=(5,)), SIZE),
}
CHANGES: dict[str, dict[str, Any]] = {
    **{name: {"encoder": Block((source,)), "linear": None} for name, source in SOURCES.items()},
    **{name: {"encoder": Block((NUMBERS,), steps), "linear": None} for name, steps in STEPS.items()},
    **{name: {"linear": linear} for name, linear in LINEAR.items()},
    **{f"a category {name}": {"categories": categories} for name, categories in CATEGORIES.items()},
}


@pytest.mark.parametrize("name", CHANGES)
def test_refuses_a_plan_that_does_not_fit(name: str) -> None:
    """Each contradiction is found when the plan is loaded."""
    with pytest.raises(BadPlan):
        read_plan(write_plan(small_plan(**CHANGES[name])))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"features": []}', b"\xff", b'{"encoder":' * 100_000])
def test_refuses_what_is_no_plan(data: bytes) -> None:
    """Whatever the bytes are, the error is one."""
    with pytest.raises(BadPlan):
        read_plan(data)


@pytest.mark.parametrize("number", ["1e999", "NaN", "Infinity", '"1"'])
def test_refuses_numbers_that_are_not_finite(number: str) -> None:
    """A coefficient is a number that JSON can hold."""
    text = write_plan(small_plan()).decode().replace("0.25", number)
    with pytest.raises(BadPlan):
        read_plan(text.encode())


def test_a_function_is_one_of_those_named() -> None:
    """A step can't name any other attribute of numpy."""
    data = json.loads(write_plan(small_plan()))
    data["encoder"]["steps"] = [{"type": "function", "name": "load"}]
    with pytest.raises(BadPlan):
        read_plan(msgspec.json.encode(data))


def test_a_batch_fits_its_memory() -> None:
    """A plan that widens its rows takes fewer of them at once."""
    steps = (Select((0,) * 300), Polynomial(0, 2, interaction_only=False, bias=True))
    wide = read_plan(write_plan(small_plan(encoder=Block((NUMBERS,), steps), linear=None)))
    assert wide.width == 1 + 300 + 300 * 301 // 2
    assert 1 <= wide.batch_rows < read_plan(write_plan(small_plan())).batch_rows
    assert wide.batch_rows * wide.width * 8 <= 64 * 2**20


def test_coefficients_are_not_gathered_without_bound() -> None:
    """Many codes and many classes take no more memory than their lists."""
    codes, classes = 20_000, 5_000
    plan = small_plan(
        categories=(Category(1, tuple(range(codes - 2))),),
        encoder=Block((Table(0, tuple((float(row),) for row in range(codes))),)),
        linear=Linear(((1.0,),) * classes, (0.0,) * classes, "identity", tuple(range(classes))),
    )
    tracemalloc.start()
    one = read_plan(write_plan(plan))
    assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    tracemalloc.stop()
    assert one.linear is not None
    assert one.linear.scores(one.read(columns(("Bern", 7, 0.0)))).tolist() == [[7.0] * classes]
