"""model_training/bundling/exact/proof: whatever is wrong in a graph or a plan is seen."""

from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from sklearn import ensemble, linear_model, tree
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)

from function.model.plan.errors import BadPlan
from function.model.plan.proof import TOLERANCE
from function.model.plan.structs import Plan
from model_training.bundling.exact.build import members_of, proving
from model_training.bundling.exact.compiled import compile_model
from model_training.bundling.exact.estimators.write import compose
from model_training.bundling.exact.proof.prove import Proving, reason_of
from model_training.bundling.exact.proof.rows.comparison import Comparison
from model_training.bundling.exact.proof.rows.questions import Question
from model_training.bundling.exact.proof.rows.served import Served
from model_training.bundling.exact.proof.structure.coefficients import prove_coefficients
from model_training.bundling.exact.proof.structure.composition import native_of_parts, prove_composition
from model_training.bundling.exact.proof.structure.native import native_of
from model_training.bundling.exact.proof.structure.nodes import Difference
from model_training.bundling.exact.proof.structure.walk import prove_structure
from model_training.bundling.exact.trees.emit import emit
from model_training.bundling.exact.trees.read import read_ensemble
from tests.integration.exact.boosters import BOOSTERS
from tests.integration.exact.configurations import (
    FULL,
    LACKING,
    NUMBERS,
    SEED,
    TEXTS,
    Configuration,
    bare,
    dated,
    imputed,
)
from tests.integration.exact.faults import GRAPH_FAULTS, changed, wrong_ensembles
from tests.integration.exact.plan_faults import PLAN_FAULTS

TIMES = 40
FEW = {"n_estimators": 8, "max_depth": 4, **SEED}
FITTED: dict[str, Any] = {
    "boosting, summed by float32 edges": lambda: bare(ensemble.GradientBoostingClassifier(**FEW), "two", FULL),
    "boosting, summed by double edges": lambda: bare(
        ensemble.HistGradientBoostingClassifier(max_iter=5, **SEED), "three", LACKING
    ),
    "boosting with categories": lambda: bare(
        ensemble.HistGradientBoostingRegressor(max_iter=4, categorical_features=[4], **SEED), "value", LACKING
    ),
    "forest, gathered": lambda: bare(ensemble.RandomForestClassifier(**FEW), "three", LACKING),
}


@cache
def graph_of(name: str) -> Any:
    """Fit and emit; return the library's own trees, the ensemble and the graph."""
    model = BOOSTERS[name].fitted() if name in BOOSTERS else FITTED[name]().fitted()[0]
    read = read_ensemble(model)
    return native_of(model), read, emit(read)


SETS, LIBRARIES = (
    ("xgboost: categories, sets", "lightgbm: categories"),
    ("catboost: Depthwise", "catboost: MultiClass"),
)
NAMES = (*FITTED, *SETS, *LIBRARIES)
SINGLE = (SETS[0],)
NO_PLACE = [
    *((name, "a member moved") for name in NAMES if name not in SETS and name != "boosting with categories"),
    *((name, "threshold rounded to float32") for name in (*SINGLE, *LIBRARIES)),
    *((name, "leaf rounded to float32") for name in SINGLE),
    # Symmetric trees have questions whose answers do not matter.
    ("catboost: MultiClass", "children swapped"),
]
GRAPHS = [(name, fault) for name in NAMES for fault in GRAPH_FAULTS if (name, fault) not in NO_PLACE]


@pytest.mark.parametrize(("name", "fault"), GRAPHS)
def test_structure_sees_each_fault_of_a_graph(name: str, fault: str) -> None:
    """A graph is refused wherever a fault is put into it; without one it passes."""
    native, read, graph = graph_of(name)
    rng = np.random.default_rng(TIMES)
    mutants = [changed(graph, read, GRAPH_FAULTS[fault], rng) for _ in range(TIMES)]
    assert None not in mutants
    assert prove_structure(native, graph).questions > 0
    for mutant in mutants:
        with pytest.raises(Difference):
            prove_structure(native, mutant)


@pytest.mark.parametrize("name", NAMES)
def test_structure_sees_another_ensemble(name: str) -> None:
    """Another start, divisor, link, rule or order of trees is refused."""
    native, read, _ = graph_of(name)
    for wrong in wrong_ensembles(read).values():
        with pytest.raises(Difference):
            prove_structure(native, emit(wrong))


def test_a_composition_holds_the_trees_of_its_parts() -> None:
    """A leaf that is off in one of several estimators is seen."""
    parts = [
        ("forest", ensemble.RandomForestClassifier(**FEW)),
        ("boosted", ensemble.GradientBoostingClassifier(**FEW)),
    ]
    model, _, _ = bare(ensemble.VotingClassifier(parts, voting="soft"), "three").fitted()
    graph, ensembles = compose(model)
    assert prove_composition(ensembles, graph).trees == 8 + 3 * 8
    rng = np.random.default_rng(TIMES)
    for fault in (GRAPH_FAULTS["leaf one ulp off"], GRAPH_FAULTS["another feature"]):
        with pytest.raises(Difference):
            prove_composition(ensembles, changed(graph, read_ensemble(model.estimators_[0]), fault, rng))
    with pytest.raises(Difference):
        prove_composition(ensembles[:1], graph)


def _columns(*parts: Any) -> ColumnTransformer:
    return ColumnTransformer([(str(number), *part) for number, part in enumerate(parts)])


PLANS: dict[str, Any] = {
    "a tree behind a scaler": lambda: Configuration(
        make_pipeline(
            _columns(
                (OneHotEncoder(sparse_output=False), TEXTS),
                (StandardScaler(), NUMBERS),
            ),
            tree.DecisionTreeClassifier(max_depth=5, **SEED),
        ),
        "two",
    ),
    "a linear model behind imputers": lambda: Configuration(
        imputed(linear_model.LogisticRegression(), add_indicator=True), "two", LACKING
    ),
    "a linear model behind dates": lambda: dated(linear_model.LogisticRegression(), LACKING, one_hot=True),
    "trees behind dates": lambda: dated(tree.DecisionTreeClassifier(max_depth=5, **SEED), FULL, one_hot=False),
    "a linear model behind tables, bins and splines": lambda: Configuration(
        make_pipeline(
            _columns(
                (TargetEncoder(cv=KFold(3)), ["city"]),
                (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["size"]),
                (KBinsDiscretizer(5, encode="onehot-dense", quantile_method="averaged_inverted_cdf"), ["normal"]),
                (SplineTransformer(), ["price", "small"]),
                (make_pipeline(SimpleImputer(missing_values=3), StandardScaler()), ["count"]),
            ),
            linear_model.Ridge(),
        ),
        "value",
    ),
}


@cache
def plan_of(name: str) -> tuple[Proving, Plan, dict[str, bytes], list[Question]]:
    """Fit and compile; return the questions that scikit-learn has answered."""
    model, X, held_out = PLANS[name]().fitted()
    compiled = compile_model(model, X)
    found = proving(model, compiled, X, held_out)
    questions = found.questions(compiled.plan, native_of_parts(compiled.ensembles))
    return found, compiled.plan, members_of(compiled), questions[::-1]


def seen(name: str, data: Any) -> bool:
    """Tell whether a plan is refused: when it is loaded, by its coefficients, or by rows at edges."""
    found, plan, members, questions = plan_of(name)
    edges = Comparison()
    try:
        mutant = msgspec.convert(data, Plan)
        if mutant.linear is not None:
            prove_coefficients(found.estimator, mutant.linear)
        served = Served(msgspec.json.encode(data), members.get("estimator.onnx"))
        for question in questions:
            edges.add(served, [question])
            if reason_of(plan, TOLERANCE, edges):
                return True
    except (BadPlan, Difference):
        return True
    return False


PLACES: dict[str, list[str]] = {
    "a tree behind a scaler": [
        "a scale one ulp off", "a wrong code", "a wrong column", "steps swapped", "features swapped",
        "a refusal forgotten",
    ],
    "a linear model behind imputers": [
        "a scale one ulp off", "a filled-in value one ulp off", "a wrong code", "a wrong column", "steps swapped",
        "features swapped", "a coefficient one ulp off", "a wrong link",
    ],
    "a linear model behind dates": [
        "days from another day", "parts swapped", "dates swapped", "a scale one ulp off",
        "steps swapped", "a coefficient one ulp off", "a wrong link",
    ],
    "trees behind dates": ["days from another day", "parts swapped", "dates swapped"],
    "a linear model behind tables, bins and splines": [
        "a table's entry one ulp off", "a scale one ulp off", "a filled-in value one ulp off",
        "an edge of a bin one ulp off", "a knot one ulp off", "a wrong code", "steps swapped", "features swapped",
        "a coefficient one ulp off",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "fault"), [(name, fault) for name, faults in PLACES.items() for fault in faults])
def test_rows_see_each_fault_of_a_plan(name: str, fault: str) -> None:
    """A plan is refused wherever a fault is put into it; without one it passes."""
    plain = msgspec.json.decode(plan_of(name)[2]["plan.json"])
    assert not seen(name, plain)
    rng = np.random.default_rng(TIMES)
    for _ in range(TIMES):
        data = msgspec.json.decode(msgspec.json.encode(plain))
        assert PLAN_FAULTS[fault](data, rng)
        assert seen(name, data)
