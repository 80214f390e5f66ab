"""The encoder of a plan: the inputs into the columns of the encoded vector."""

from collections.abc import Mapping

import numpy as np

from function.model.plan.sources import prepare_source
from function.model.plan.structs import Block, Dates, Numbers, OneHot, Plan, Source, Table
from model_training.bundling.exact.graph.builder import DOUBLE, STRING, Graph
from model_training.exporting.graph.codes import write_codes
from model_training.exporting.graph.dates import write_dates
from model_training.exporting.graph.inputs import Input
from model_training.exporting.graph.steps import write_steps
from model_training.exporting.refused import NotExported

NO_COLUMNS = "the encoder has no columns, so the predictions do not depend on the inputs"


class Encoding:
    """Writes the sources of a plan over the inputs of a graph."""

    def __init__(self, g: Graph, plan: Plan, inputs: Mapping[str, Input]) -> None:
        """`inputs` are the inputs of the graph, by the names of their tensors, in the order of the plan's features."""
        self._g, self._plan = g, plan
        self._inputs = list(inputs.items())
        self._numbers: dict[int, str] = {}
        self._codes: dict[int, str] = {}

    def code(self, number: int) -> str:
        """Write the codes of a category, [n] of int64."""
        if number not in self._codes:
            category = self._plan.categories[number]
            tensor, given = self._inputs[category.feature]
            self._codes[number] = write_codes(self._g, given, tensor, category)
        return self._codes[number]

    def source(self, source: Source) -> str:
        """Write the columns of a source that has any, [n, width]."""
        g = self._g
        if isinstance(source, Numbers):
            return g("Concat", *(self._number(feature) for feature in source.features), axis=1)
        if isinstance(source, Dates):
            seconds = self._number(source.feature)
            return write_dates(g, seconds, source.parts, source.reference, one_hot=source.one_hot)
        if isinstance(source, Table):
            return g("Gather", g.constant(table_of(source)), self.code(source.category), axis=0)
        if isinstance(source, OneHot):
            place = g("Gather", g.constant(source.columns, np.int64), g.column(self.code(source.category)), axis=0)
            return g.cast(g("Equal", place, g.constant([range(source.width)], np.int64)), DOUBLE)
        return self._block(source)

    def width(self, source: Source) -> int:
        """Return the number of a source's columns."""
        return prepare_source(source, self._plan).width

    def _block(self, block: Block) -> str:
        parts = [part for part in block.sources if self.width(part)]
        if not parts:
            raise NotExported(NO_COLUMNS)
        joined = self._g("Concat", *map(self.source, parts), axis=1)
        return write_steps(self._g, block.steps, joined, sum(map(self.width, parts)))

    def _number(self, feature: int) -> str:
        """Write a feature as a column of double, [n, 1]; dates as whole seconds."""
        if feature not in self._numbers:
            tensor, given = self._inputs[feature]
            if given.kind == STRING:
                raise NotExported(f"the model reads {given.feature.name!r} as a number, but its values are text")
            number = tensor if given.kind == DOUBLE else self._g.cast(tensor, DOUBLE)
            self._numbers[feature] = self._g("Floor", number) if given.is_date and given.kind == DOUBLE else number
        return self._numbers[feature]


def table_of(source: Table) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the table of a source, [codes, width]; None is NaN."""
    return np.array(source.rows, dtype=np.float64).reshape(len(source.rows), -1)
