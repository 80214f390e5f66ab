"""The encoder of a plan: columns or codes in, the encoded matrix out."""

import msgspec
import numpy as np

from function.model.plan.errors import BadPlan, UnsupportedCell, UnsupportedRow
from function.model.plan.inputs import Columns, Inputs, Reader
from function.model.plan.linear import LinearModel
from function.model.plan.sources import prepare_source
from function.model.plan.steps.prepared import Matrix, refuse_unless
from function.model.plan.structs import Plan

BATCH_BYTES = 64 * 2**20
NUMBER_BYTES = 8


class Encoder:
    """Encodes rows as the fitted transformers do; threads may share it."""

    def __init__(self, plan: Plan) -> None:
        """Check a plan and prepare its tables and steps.

        Raises:
            BadPlan: it contradicts itself or exceeds a limit.
        """
        _check_categories(plan)
        self.plan = plan
        self._root = prepare_source(plan.encoder, plan)
        self._reader = Reader(plan, set(self._root.numeric))
        self.numeric = self._root.numeric
        """The features that are read as numbers."""
        self.width = self._root.width
        scores = 0 if plan.linear is None else len(plan.linear.coefficients)
        self.batch_rows = max(1, BATCH_BYTES // (NUMBER_BYTES * max(1, self._root.widest + scores)))
        """How many rows fit the memory of one batch."""
        self.read = self._reader.read
        self.read_coded, self.coded = self._reader.read_coded, self._reader.coded
        self.linear = None if plan.linear is None else LinearModel(plan, plan.linear)

    def encode(self, inputs: Inputs) -> Matrix:
        """Encode inputs, which must have been checked, into the encoded matrix, [n, width].

        Raises:
            UnsupportedRow: a number overflows, or a step does not support it.
        """
        # Overflows are refused below.
        with np.errstate(all="ignore"):
            return self.accept(self._root.read(inputs))

    def encode_columns(self, columns: Columns) -> Matrix:
        """Encode an array of shape [n] for each feature into the encoded matrix, [n, width]."""
        return self.encode(self.read(columns))

    def accept(self, matrix: Matrix) -> Matrix:
        """Return an encoded matrix after checking that the estimator accepts its numbers.

        Raises:
            UnsupportedRow: the estimator does not accept a number; names the first such row.
        """
        largest = self.plan.largest
        accepted = np.isfinite(matrix) if largest is None else np.abs(matrix) <= largest
        if self.plan.missing:
            accepted |= np.isnan(matrix)
        try:
            refuse_unless(accepted, "the estimator accepts no number that is missing or this large")
        except UnsupportedCell as error:
            raise UnsupportedRow(error.row, (), error.reason) from None
        return matrix


def read_plan(data: bytes) -> Encoder:
    """Decode and check `plan.json`.

    Raises:
        BadPlan: it is malformed, contradicts itself or exceeds a limit.
    """
    try:
        return Encoder(msgspec.json.decode(data, type=Plan))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPlan(f"plan.json is malformed: {error}") from None


def write_plan(plan: Plan) -> bytes:
    """Encode a plan as JSON; decoding restores every number exactly."""
    return msgspec.json.encode(plan)


def _check_categories(plan: Plan) -> None:
    for category in plan.categories:
        if category.feature >= len(plan.features):
            raise BadPlan(f"a category is of feature {category.feature}; there are {len(plan.features)} features")
        if len(set(category.values)) < len(category.values):
            raise BadPlan(f"{plan.features[category.feature].name}: a value is listed twice")
        if any(code >= category.codes for code in category.unsupported):
            raise BadPlan(f"{plan.features[category.feature].name}: an unsupported code is beyond the last")
