"""Compile the fitted steps before an estimator to the sources and steps of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from function.model.date_parts import DateParts
from function.model.plan.steps import structs
from function.model.plan.structs import Block, Category, Dates, Numbers, OneHot, Source, Table, Value
from model_training.bundling.exact.encoders.domains import values_of
from model_training.bundling.exact.encoders.functions import refuse_integers
from model_training.bundling.exact.encoders.numbers import is_skipped, number_steps, parts_of, weight_step
from model_training.bundling.exact.encoders.tables import ColumnTable, fill_tables
from model_training.bundling.exact.refused import Refused

NUMERIC_KINDS = "iufb"
DATES = "M"


@dataclass
class Compiler:
    """Compiles transformers of the columns of a table; categories are collected as they are found."""

    names: list[str]
    kinds: list[str]
    """Numpy's kind of each column: `O` is text, `M` dates."""
    categories: list[tuple[int, tuple[Value, ...]]] = field(default_factory=list)
    unsupported: dict[int, set[int]] = field(default_factory=dict)

    def compile(self, steps: Sequence[Any], features: Sequence[int], x: Any) -> tuple[Block, Any]:
        """Compile steps over some of the features; return the block, and what the steps make of rows of them.

        Args:
            steps: the fitted transformers.
            features: the positions of the features.
            x: rows that the steps support, in the form that the first step is given.

        Raises:
            Refused: there is no exact translation of a step.
        """
        flat = [step for step in _flat(steps) if not is_skipped(step)]
        if not flat:
            return Block((self._numbers(features),)), x
        head, rest = flat[0], flat[1:]
        if isinstance(head, ColumnTransformer | FeatureUnion):
            return self._followed(self._parts(head, features, x), rest, head.transform(x))
        if isinstance(head, DateParts):
            return self._followed(self._dates(head, features), rest, head.transform(x))
        known = values_of(flat, len(features))
        if known is not None:
            return self._tables(flat, features, known, x)
        refuse_integers(head, "".join(self.kinds[feature] for feature in features))
        return self._followed(Block((self._numbers(features),)), flat, x)

    def found_categories(self) -> tuple[Category, ...]:
        """Return the categories found so far."""
        return tuple(
            Category(feature, values, tuple(sorted(self.unsupported.get(number, ()))))
            for number, (feature, values) in enumerate(self.categories)
        )

    def _followed(self, block: Block, rest: Sequence[Any], x: Any) -> tuple[Block, Any]:
        steps, x = number_steps(rest, x)
        return Block(block.sources, (*block.steps, *steps)), x

    def _numbers(self, features: Sequence[int]) -> Numbers:
        for feature in features:
            if self.kinds[feature] not in NUMERIC_KINDS:
                raise Refused(f"text reaches a step for numbers: {self.names[feature]}")
        return Numbers(tuple(features))

    def _dates(self, transformer: DateParts, features: Sequence[int]) -> Block:
        for feature in features:
            if self.kinds[feature] != DATES:
                raise Refused(f"text reaches a step for dates: {self.names[feature]}")
        parts, one_hot = tuple(transformer.parts), transformer.one_hot
        found = zip(features, transformer.references_, strict=True)
        return Block(tuple(Dates(feature, parts, reference, one_hot) for feature, reference in found))

    def _parts(self, transformer: Any, features: Sequence[int], x: Any) -> Block:
        """Compile the parts of a ColumnTransformer or a FeatureUnion; one without steps of its own is its sources."""
        sources: list[Source] = []
        for name, part, columns in parts_of(transformer, len(features)):
            given = x.iloc[:, columns] if hasattr(x, "iloc") else x[:, columns]
            block, after = self.compile([part], [features[column] for column in columns], given)
            steps = (*block.steps, *weight_step(transformer.transformer_weights, name, after.shape[1]))
            sources += [Block(block.sources, steps)] if steps else block.sources
        return Block(tuple(sources))

    def _tables(
        self, steps: Sequence[Any], features: Sequence[int], known: Sequence[tuple[Value, ...]], x: Any
    ) -> tuple[Block, Any]:
        """Compile as many steps as work column by column to tables, and the rest to steps for numbers."""
        names = [self.names[feature] for feature in features]
        for count in range(len(steps), 0, -1):
            tables = fill_tables(steps[:count], names, known)
            if tables is not None:
                break
        else:
            raise Refused(f"{type(steps[0]).__name__} of several columns at once")
        sources, outputs = [], []
        for feature, values, table in zip(features, known, tables, strict=True):
            number = self._category(feature, values)
            self.unsupported.setdefault(number, set()).update(table.unsupported)
            if len(table.outputs):
                sources.append(_source(number, table))
                outputs += table.outputs.tolist()
        order = np.argsort(outputs).tolist()
        first: tuple[structs.Step, ...] = () if order == sorted(order) else (structs.Select(tuple(order)),)
        for step in steps[:count]:
            x = step.transform(x)
        return self._followed(Block(tuple(sources), first), steps[count:], x)

    def _category(self, feature: int, values: tuple[Value, ...]) -> int:
        if len(set(values)) < len(values):
            raise Refused(f"{self.names[feature]}: categories that are equal")
        if (feature, values) not in self.categories:
            self.categories.append((feature, values))
        return self.categories.index((feature, values))


def column_kinds(X: pd.DataFrame) -> list[str]:
    """Return numpy's kind of each column; of objects that are all numbers, booleans or missing that of a float."""
    return [_kind(X.iloc[:, place]) for place in range(X.shape[1])]


def _kind(column: Any) -> str:
    kind = str(getattr(column.dtype, "kind", "O"))
    if kind in NUMERIC_KINDS or kind == DATES:
        return kind
    given = column.dropna()
    return "f" if len(given) and all(isinstance(value, int | float) for value in given) else "O"


def _flat(steps: Sequence[Any]) -> list[Any]:
    flat: list[Any] = []
    for step in steps:
        flat += _flat([part for _, part in step.steps]) if isinstance(step, Pipeline) else [step]
    return flat


def _source(category: int, table: ColumnTable) -> Source:
    """Choose the smaller way to write a table."""
    rows = table.rows
    if ((rows == 0) | (rows == 1)).all() and (rows.sum(axis=1) <= 1).all() and not np.signbit(rows).any():
        columns = np.where(rows.any(axis=1), rows.argmax(axis=1), -1)
        return OneHot(category, tuple(columns.tolist()), rows.shape[1])
    return Table(category, tuple(tuple(None if np.isnan(cell) else cell for cell in row) for row in rows.tolist()))
