"""model_training/exporting/graph: the sources and steps of a plan, against the encoder that serves."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

from function.model.dates import PATTERNS
from function.model.manifest import Feature
from function.model.plan.dates import PARTS, date_parts
from function.model.plan.encoder import Encoder
from function.model.plan.steps import structs
from function.model.plan.structs import Block, Category, Dates, Numbers, OneHot, Plan, Source, Table
from function.model.plan.structs import Feature as PlanFeature
from model_training.bundling.exact.graph.builder import DOUBLE, Graph
from model_training.exporting.graph.encoder import Encoding
from model_training.exporting.graph.functions import FUNCTIONS
from model_training.exporting.graph.inputs import inputs_of
from model_training.exporting.graph.portable import portable
from model_training.exporting.refused import NotExported

RNG = np.random.default_rng(0)
WIDTH = 3
PLAIN = np.concatenate([RNG.normal(size=(200, WIDTH)), RNG.normal(size=(50, WIDTH)) * 1e-9, [[0.0, -0.0, 2.0]]])
EDGES = ((-1.0, 0.0, 0.5), (), (0.25,))
KNOTS = (-2.0, -1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 2.0, 3.0)
AT_EDGES = np.array(
    [[x, x, x] for edge in (*KNOTS, 0.25) for x in (edge, np.nextafter(edge, 9), np.nextafter(edge, -9))]
)
GAPS = np.where(RNG.random(PLAIN.shape) < 0.3, np.nan, PLAIN)
EXACT: dict[str, tuple[structs.Step, Any]] = {
    "arithmetic": (structs.Arithmetic("divide", (3.0, 0.1, -7.0)), PLAIN),
    "clip": (structs.Clip(-0.5, 0.25), GAPS),
    "threshold": (structs.Threshold(0.25), AT_EDGES),
    "impute": (structs.Impute((1.0, 2.0, 3.0)), GAPS),
    "impute a number": (structs.Impute((1.0, 2.0, 3.0), marker=2.0), PLAIN),
    "indicate": (structs.Indicate((2, 0), others=True), GAPS),
    "select": (structs.Select((2, 0, 0)), GAPS),
    "polynomial": (structs.Polynomial(0, 3, interaction_only=False, bias=True), PLAIN),
    "interactions of two and three": (structs.Polynomial(2, 3, interaction_only=True, bias=False), PLAIN),
    "bins": (structs.Bins(EDGES, one_hot=False), AT_EDGES),
    "bins, one-hot": (structs.Bins(EDGES, one_hot=True), AT_EDGES),
    "splines": (structs.Spline((KNOTS,) * WIDTH, 3, clamp=True, bias=False), AT_EDGES),
    "splines, missing": (structs.Spline((KNOTS,) * WIDTH, 2, clamp=True, bias=True, zeros=True), GAPS),
    "splines that continue": (structs.Spline((KNOTS,) * WIDTH, 2, clamp=False, bias=True), PLAIN * 5),
    "norms, max": (structs.Normalize("max"), np.concatenate([PLAIN, np.zeros((1, WIDTH))])),
    "union": (
        structs.Union((structs.Branch((0,), (structs.Threshold(0.1),)), structs.Branch((2, 1)), structs.Branch(()))),
        PLAIN,
    ),
}
"""Steps whose numbers are the same to the last bit, with rows for each."""
POSITIVE = np.concatenate([np.abs(PLAIN[:200]) + 1e-9, [[1.0, 1 + 1e-9, 1e9]]])
CLOSE: dict[str, tuple[structs.Step, Any]] = {
    "norms, l1": (structs.Normalize("l1"), PLAIN),
    "norms, l2": (structs.Normalize("l2"), PLAIN),
    "yeo-johnson": (structs.Power("yeo-johnson", (0.0, 2.0, -1.3)), np.concatenate([GAPS, PLAIN * 40])),
    "box-cox": (structs.Power("box-cox", (0.0, 0.5, -1.3)), POSITIVE),
    **{name: (structs.Apply(name), POSITIVE if name.startswith("log") else PLAIN[:250] * 3) for name in FUNCTIONS},  # type: ignore[arg-type]
}


def encoded(features: list[Feature], plan: Plan, columns: list[list[Any]]) -> Any:
    """Run the graph of an encoder."""
    g, inputs = Graph("_"), inputs_of(features)
    tensors = {g.input(each.feature.name, 1, each.kind): each for each in inputs}
    matrix = Encoding(g, plan, tensors).source(plan.encoder)
    graph = portable(g.model({"encoded": (matrix, DOUBLE, [None, None])}), "_")
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {e.feature.name: e.array(column) for e, column in zip(inputs, columns, strict=True)})[0]


def numeric(step: structs.Step, X: Any) -> tuple[Any, Any]:
    """Return what the graph and the plan make of a matrix."""
    names = [f"x{place}" for place in range(WIDTH)]
    plan = Plan(
        features=tuple(PlanFeature(name, missing=True) for name in names),
        encoder=Block((Numbers((0, 1, 2)),), (step,)),
        missing=True,
    )
    features = [Feature(name, "number", nullable=True) for name in names]
    found = encoded(features, plan, [[None if np.isnan(x) else x for x in column] for column in X.T.tolist()])
    return found, Encoder(plan).encode_columns(list(X.T))


@pytest.mark.parametrize("name", EXACT)
def test_a_step_is_the_same_to_the_last_bit(name: str) -> None:
    """With rows on and beside its edges."""
    found, wanted = numeric(*EXACT[name])
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", CLOSE)
def test_a_function_is_close(name: str) -> None:
    """Within a few units of the last digits, also of numbers near 0."""
    found, wanted = numeric(*CLOSE[name])
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=2e-16)


def test_the_parts_of_dates() -> None:
    """For each year from 1 to 9999, at the ends of its months, and before and after midnight."""
    years = np.arange("0001", "10000", dtype="datetime64[Y]")[::7]
    months = (years.astype("datetime64[M]")[:, None] + np.arange(12)).ravel().astype("datetime64[D]")
    days = np.concatenate([months, months + 28, months - 1]).astype("datetime64[s]").astype(np.int64)
    seconds = np.concatenate([days[12:], days[12:] + 86_399, days[12:] - 1, [0, -1]]).astype(np.float64)
    feature = Feature("when", "string", format="date-time", nullable=True)
    for one_hot in (False, True):
        source = Dates(0, PARTS, 12_345, one_hot=one_hot)
        g = Graph("_")
        plan = Plan(features=(PlanFeature("when", missing=True),), encoder=Block((source,)), missing=True)
        (given,) = inputs_of([feature])
        matrix = Encoding(g, plan, {g.input("when", 1, given.kind): given}).source(plan.encoder)
        graph = portable(g.model({"encoded": (matrix, DOUBLE, [None, None])}), "_")
        session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
        fed = np.concatenate([seconds, [np.nan]])
        found = session.run(None, {"when": fed.reshape(-1, 1)})[0]
        np.testing.assert_array_equal(found, date_parts(fed, PARTS, 12_345, one_hot=one_hot))


CODED: dict[str, tuple[Feature, tuple[Any, ...], list[Any]]] = {
    "text": (Feature("x", "string", nullable=True), ("a", "b", "ß"), ["b", "ß", None, "other", "a"]),
    "integers": (Feature("x", "integer"), (3, 1, 2**40), [1, 2**40, 3, 9, 1]),
    "integers, missing": (Feature("x", "integer", nullable=True), (3, 0, 2**60), [2**60, None, 3, 9, 0]),
    "integers among numbers": (Feature("x", "number", nullable=True), (3, 0), [3.0, 0.5, None, 1e300, -3.0]),
    "numbers": (Feature("x", "number", nullable=True), (0.1, 2.0), [2.0, 0.1, None, 0.2, 0.1]),
    "booleans": (Feature("x", "boolean"), (False, True), [True, False, True, True, False]),
    "booleans, missing": (Feature("x", "boolean", nullable=True), (False, True), [True, None, False, True, None]),
    "no number": (Feature("x", "number", nullable=True), (), [0.0, None, 1.0, -1.0, 2.0]),
    "no value": (Feature("x", "string"), (), ["a", "b", "", "c", "d"]),
}


@pytest.mark.parametrize("name", CODED)
def test_the_codes_of_categories(name: str) -> None:
    """Of values, of the missing one, and of unknown ones; as a table, and as columns of ones."""
    feature, values, column = CODED[name]
    codes = len(values) + 2
    sources: tuple[Source, ...] = (
        Table(0, tuple((float(code), None) for code in range(codes))),
        OneHot(0, tuple(range(-1, codes - 1)), codes),
    )
    plan = Plan(features=(PlanFeature("x"),), categories=(Category(0, values),), encoder=Block(sources), missing=True)
    found = encoded([feature], plan, [column])
    given = np.array([np.nan if value is None else value for value in column], dtype=object)
    np.testing.assert_array_equal(found, Encoder(plan).encode_columns([given]))


def test_what_one_type_cannot_hold_is_refused() -> None:
    """By the name of the feature."""
    with pytest.raises(NotExported, match="'x' accepts values of several types"):
        inputs_of([Feature("x", "any")])
    with pytest.raises(NotExported, match="'x' may be missing and has the empty text"):
        inputs_of([Feature("x", "string", categories=("", "a"), nullable=True)])
    plan = Plan(
        features=(PlanFeature("x"),), categories=(Category(0, ("a", 1)),), encoder=Block((OneHot(0, (0, 1, 2, 3), 4),))
    )
    with pytest.raises(NotExported, match="categories of 'x' are not all of its type"):
        encoded([Feature("x", "string")], plan, [["a"]])


def test_dates_are_fed_as_seconds() -> None:
    """Whole numbers where none is missing."""
    assert set(PATTERNS) == {"date", "date-time"}
    always, sometimes = inputs_of(
        [Feature("a", "string", format="date"), Feature("b", "string", format="date", nullable=True)]
    )
    assert always.array(["1970-01-02"]).tolist() == [[86_400]]
    assert np.isnan(sometimes.array([None])).all()
