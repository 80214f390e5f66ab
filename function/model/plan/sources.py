"""Prepare the leaves and blocks of a plan as functions of inputs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from function.model.plan.dates import date_parts, widths
from function.model.plan.errors import BadPlan, UnsupportedCell, UnsupportedRow
from function.model.plan.inputs import Inputs
from function.model.plan.steps.prepared import Matrix
from function.model.plan.steps.sequence import sequence
from function.model.plan.structs import (
    MAX_DEPTH,
    MAX_WIDTH,
    Block,
    Category,
    Dates,
    Numbers,
    OneHot,
    Plan,
    Source,
    Table,
)


class PreparedSource(Struct, frozen=True):
    """A checked source, which computes its columns of the encoded matrix."""

    read: Callable[[Inputs], Matrix]
    """Compute the source's columns of the encoded matrix, [n, width]."""
    width: int
    widest: int
    """The maximum numbers per row while the columns are computed."""
    features: frozenset[int]
    numeric: frozenset[int] = frozenset()
    """The features that are read as numbers."""
    table: Matrix | None = None
    """For a category: the columns for each code, [codes, width]; None for one-hot columns and numbers."""
    category: int = -1
    columns: tuple[int, ...] = ()
    """For one-hot columns: the column of each code."""


def prepare_source(source: Source, plan: Plan, depth: int = 0) -> PreparedSource:
    """Check and prepare a source, with all sources inside it.

    Raises:
        BadPlan: it reads a feature or category that does not exist, or is too wide or too deep.
    """
    prepared = PREPARE[type(source)](source, plan, depth)
    if prepared.width > MAX_WIDTH:
        raise BadPlan(f"the encoder makes {prepared.width} columns; {MAX_WIDTH} are allowed")
    return prepared


def _numbers(source: Numbers, plan: Plan, _: int) -> PreparedSource:
    if any(feature >= len(plan.features) for feature in source.features):
        raise BadPlan(f"numbers are of feature {max(source.features)}; there are {len(plan.features)} features")

    def read(inputs: Inputs) -> Matrix:
        matrix = np.empty((inputs.rows, len(source.features)))
        for place, feature in enumerate(source.features):
            matrix[:, place] = inputs.numbers[feature]
        return matrix

    features = frozenset(source.features)
    return PreparedSource(read, len(source.features), len(source.features), features, features)


def _table(source: Table, plan: Plan, _: int) -> PreparedSource:
    category = _category(plan, source.category, len(source.rows))
    width = len(source.rows[0])
    if any(len(row) != width for row in source.rows):
        raise BadPlan(f"table of {plan.features[category.feature].name}: rows differ in length")
    table = np.array(source.rows, dtype=np.float64).reshape(len(source.rows), width)
    features = frozenset([category.feature])
    number = source.category
    return PreparedSource(
        lambda inputs: table[inputs.codes[number]], width, width, features, table=table, category=number
    )


def _one_hot(source: OneHot, plan: Plan, _: int) -> PreparedSource:
    category = _category(plan, source.category, len(source.columns))
    if max(source.columns) >= source.width:
        raise BadPlan(
            f"one-hot columns of {plan.features[category.feature].name}: column {max(source.columns)} of {source.width}"
        )
    # For a row of zeros, the one goes to an extra column, which is then removed.
    places = np.where(np.array(source.columns) < 0, source.width, source.columns)

    def read(inputs: Inputs) -> Matrix:
        matrix = np.zeros((inputs.rows, source.width + 1))
        matrix[np.arange(inputs.rows), places[inputs.codes[source.category]]] = 1.0
        return matrix[:, :-1]

    features = frozenset([category.feature])
    return PreparedSource(
        read, source.width, 2 * source.width, features, category=source.category, columns=source.columns
    )


def _dates(source: Dates, plan: Plan, _: int) -> PreparedSource:
    if source.feature >= len(plan.features):
        raise BadPlan(f"a date is of feature {source.feature}; there are {len(plan.features)} features")
    width = sum(widths(source.parts, one_hot=source.one_hot))

    def read(inputs: Inputs) -> Matrix:
        seconds = inputs.numbers[source.feature]
        assert seconds is not None  # noqa: S101 (the feature is among those read as numbers)
        return date_parts(seconds, source.parts, source.reference, one_hot=source.one_hot)

    features = frozenset([source.feature])
    return PreparedSource(read, width, 2 * width, features, features)


def _category(plan: Plan, number: int, codes: int) -> Category:
    if number >= len(plan.categories):
        raise BadPlan(f"a table is of category {number}; there are {len(plan.categories)} categories")
    category = plan.categories[number]
    if codes != category.codes:
        raise BadPlan(f"a table has {codes} rows for category {number}, which has {category.codes} codes")
    return category


def _block(source: Block, plan: Plan, depth: int) -> PreparedSource:
    if depth > MAX_DEPTH:
        raise BadPlan(f"blocks are nested more than {MAX_DEPTH} levels deep")
    parts = [prepare_source(part, plan, depth + 1) for part in source.sources]
    width = sum(part.width for part in parts)
    if width > MAX_WIDTH:
        raise BadPlan(f"the encoder makes {width} columns; {MAX_WIDTH} are allowed")
    steps, widest = sequence(source.steps, width)

    def read(inputs: Inputs) -> Matrix:
        found = [part.read(inputs) for part in parts]
        return steps.apply(np.hstack(found) if found else np.empty((inputs.rows, 0)))

    return PreparedSource(
        _naming(read, plan, parts),
        steps.width,
        max(widest, width + sum(part.widest for part in parts)),
        frozenset().union(*(part.features for part in parts)),
        frozenset().union(*(part.numeric for part in parts)),
    )


def _naming(
    read: Callable[[Inputs], Matrix], plan: Plan, parts: Sequence[PreparedSource]
) -> Callable[[Inputs], Matrix]:
    """Add the names of the features to the error of a step."""
    names = tuple(plan.features[f].name for f in sorted(frozenset().union(*(part.features for part in parts))))

    def named(inputs: Inputs) -> Matrix:
        try:
            return read(inputs)
        except UnsupportedCell as error:
            raise UnsupportedRow(error.row, names, error.reason) from None

    return named


PREPARE: dict[type, Callable[[Any, Plan, int], PreparedSource]] = {
    Numbers: _numbers,
    Table: _table,
    OneHot: _one_hot,
    Dates: _dates,
    Block: _block,
}
