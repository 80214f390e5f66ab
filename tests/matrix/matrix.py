"""Pack, upload and ask every combination of estimators and transformers, and compare with scikit-learn.

`python -m tests.matrix.matrix` writes the table into docs/bring-your-model.md; an argument N takes each Nth pair.
"""

import io
import json
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn import discriminant_analysis, gaussian_process, kernel_ridge, linear_model, multiclass, neighbors
from sklearn.pipeline import Pipeline

from function.errors import BadInput, BadRow, Refused
from function.inference.prediction import predict
from function.model.bundle import JOBLIB
from function.model.joblib.bare import read_joblib
from function.model.loaded import LoadedModel, load
from function.model.manifest import Origin
from function.protocols import bigquery, rows
from function.protocols.open_inference import inference, metadata
from model_training.bundling.building import build_bundle
from model_training.bundling.normalization import normalize
from model_training.data.dataset import Dataset
from tests.matrix.compositions import COMPOSITIONS, STYLES
from tests.matrix.old_models import CLASSIFIERS, REGRESSORS
from tests.support.binary_tensors import HEADER, as_binary, read_outputs
from tests.support.function_process import ROOT
from tests.support.packed_models import instances_of

ROWS, ASKED = 240, 30
LIMIT = 100_000_000
TOLERANCE = 1e-5
MORE_CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "QuadraticDiscriminantAnalysis": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.1),
    "NearestCentroid": neighbors.NearestCentroid,
    "KNeighborsClassifier": neighbors.KNeighborsClassifier,
    "OneVsRestClassifier": lambda: multiclass.OneVsRestClassifier(linear_model.LogisticRegression()),
}
MORE_REGRESSORS: dict[str, Callable[[], Any]] = {
    "KernelRidge": kernel_ridge.KernelRidge,
    "GaussianProcessRegressor": gaussian_process.GaussianProcessRegressor,
    "KNeighborsRegressor": neighbors.KNeighborsRegressor,
}
ALL_CLASSIFIERS, ALL_REGRESSORS = {**CLASSIFIERS, **MORE_CLASSIFIERS}, {**REGRESSORS, **MORE_REGRESSORS}
WAYS = ("packed", "bare")
START, END = "<!-- matrix -->\n", "<!-- end of matrix -->\n"


@dataclass(frozen=True)
class Case:
    """A combination."""

    estimator: str
    composition: str
    style: str
    way: str


def cases(each: int = 1) -> Iterator[Case]:
    """Yield each Nth pair of an estimator and a composition, in both styles and both ways."""
    names = (*ALL_CLASSIFIERS, *ALL_REGRESSORS)
    # Steps through estimators and compositions alike, so that a sample has all of both.
    pairs = [
        (names[(i + j) % len(names)], composition)
        for i in range(len(names))
        for j, composition in enumerate(COMPOSITIONS)
    ]
    for estimator, composition in pairs[::each]:
        for style in STYLES:
            for way in WAYS:
                yield Case(estimator, composition, style, way)


def table() -> pd.DataFrame:
    """Make rows of numbers, of which some are missing, categories and texts, with three targets."""
    chance = np.random.default_rng(0)
    stops = chance.integers(1, 6, ROWS).astype(float)
    stops[::9] = np.nan
    X = pd.DataFrame(
        {
            "city": chance.choice(["Lima", "Quito", "Santiago"], ROWS),
            "town": chance.choice(["north", "south"], ROWS),
            "weight": chance.gamma(2.0, size=ROWS).round(3),
            "size": chance.normal(4.0, size=ROWS).round(3).clip(0.1),
            "stops": stops,
            "note": chance.choice(["late again", "on time", "very late plane", "fine and early"], ROWS),
        }
    ).astype({"city": object, "town": object, "note": object})
    score = X["weight"] + X["stops"].fillna(2) + (X["city"] == "Lima") + chance.normal(size=ROWS) / 2
    return X.assign(
        group=np.where(score > 6, "large", np.where(score > 4, "middle", "small")),
        late=np.where(score > 5, "late", "early"),
        delay=score.abs().round(4) + 0.1,
    )


TABLE = table()
X = TABLE[["city", "town", "weight", "size", "stops", "note"]]


def fitted(case: Case) -> Any:
    """Fit the model of a combination, or return None if scikit-learn can't."""
    style = STYLES[case.style](X)
    regression = case.estimator in ALL_REGRESSORS
    estimator = {**ALL_CLASSIFIERS, **ALL_REGRESSORS}[case.estimator]()
    target = "delay" if regression else "group" if len(case.composition) % 2 else "late"
    model = Pipeline([("encode", COMPOSITIONS[case.composition](style)), ("predict", estimator)], memory=style.memory)
    try:
        model.fit(X, TABLE[target])
        model.predict(X.head(1))
    except (ValueError, TypeError, np.linalg.LinAlgError):
        return None
    return model


def dumped(model: Any) -> bytes:
    """Write a model as joblib does."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def served(case: Case, data: bytes) -> LoadedModel:
    """Load a model's file as the function does, packed or bare.

    Raises:
        Refused: it is refused, with the reason.
    """
    if case.way == "bare":
        return load(data, None, LIMIT)
    model, _ = read_joblib(data, LIMIT)
    origin = Origin("sample", "0" * 64, len(X))
    packed = build_bundle(normalize(model), Dataset("matrix", X, None, origin), None, seed=0)
    assert JOBLIB in packed.manifest.members
    return load(packed.data, None, LIMIT)


def answers(model: LoadedModel) -> dict[str, list[Any]]:
    """Ask for labels in each dialect; the named rows of KServe's V1 are those of the rows protocol."""
    names = [feature.name for feature in model.manifest.features]
    instances = instances_of(X[names].head(ASKED))
    named = {"instances": instances, "parameters": {"output": "label"}}
    kinds = {each.name: each.datatype for each in metadata.describe_model(model).inputs}
    columns = [
        {"name": name, "datatype": kinds[name], "shape": [ASKED], "data": [row[name] for row in instances]}
        for name in names
    ]
    calls = {"calls": [[json.dumps(row)] for row in instances], "userDefinedContext": {"output": "label"}}
    return {
        "rows and V1": _asked(rows, named, model)["predictions"],
        "V2": _asked(inference, {"inputs": columns}, model)["outputs"][0]["data"],
        "V2 binary": _asked_in_binary(columns, model),
        "BigQuery": _asked(bigquery, calls, model)["replies"],
    }


def _asked_in_binary(tensors: list[dict[str, Any]], model: LoadedModel) -> list[Any]:
    """Ask with the tensors behind the JSON that can be there: those of numbers, or without a missing value."""
    text = [{**each, "datatype": "BYTES"} if _holds(each, str) else each for each in tensors]
    names = [each["name"] for each in text if _holds(each, int, float, type(None)) or None not in each["data"]]
    outputs = [{"name": "predict", "parameters": {"binary_data": True}}]
    body, headers = as_binary({"inputs": text, "outputs": outputs}, names)
    query = inference.decode_binary(headers[HEADER].encode(), body, model)
    encoded = inference.encode(query, predict(query, model), model)
    return read_outputs(encoded.body, encoded.headers.get(HEADER))["predict"]


def _holds(tensor: dict[str, Any], *types: type) -> bool:
    return all(type(value) in types for value in tensor["data"])


def _asked(protocol: Any, body: Any, model: LoadedModel) -> Any:
    query = protocol.decode(json.dumps(body).encode(), model)
    return json.loads(protocol.encode(query, predict(query, model), model).body)


def outcome(case: Case) -> str:
    """Return `equal`, why the model is refused, what differs, or `impossible` if scikit-learn can't fit it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fitted(case)
        if model is None:
            return "impossible"
        expected = model.predict(X.head(ASKED)).tolist()
        try:
            live = served(case, dumped(model))
        except Refused as refused:
            return f"refused: {refused}"
        try:
            given = answers(live)
        except (BadInput, BadRow) as error:
            return f"WRONG: {type(error).__name__}: {error}"
    wrong = [name for name, labels in given.items() if not _same(labels, expected)]
    return f"WRONG: {', '.join(wrong)}" if wrong else "equal"


def _same(given: list[Any], expected: list[Any]) -> bool:
    if isinstance(expected[0], float):
        return bool(np.allclose(given, expected, rtol=TOLERANCE, atol=TOLERANCE))
    return given == expected


def share(outcomes: dict[Case, str]) -> float:
    """Return the share that is served of what scikit-learn can fit and predict."""
    counted = Counter(result.partition(":")[0] for result in outcomes.values())
    possible = sum(counted.values()) - counted["impossible"]
    return counted["equal"] / possible


def report(outcomes: dict[Case, str]) -> str:
    """Write the outcomes as a table of Markdown: the shares by composition, style and way."""
    kinds = [(style, way) for style in STYLES for way in WAYS]
    models = sum(result != "impossible" for result in outcomes.values())
    estimators = len(ALL_CLASSIFIERS) + len(ALL_REGRESSORS)
    served_share = (
        f"Of {models:,} models of {estimators} estimators, {share(outcomes):.1%} are served: in rows, V1, V2 and"
    )
    lines = [
        served_share,
        "BigQuery they have scikit-learn's own labels, or values within 1e-5. The others are refused with a reason.",
        "",
        f"| before the estimator | {' | '.join(f'{style}, {way}' for style, way in kinds)} |",
        f"|---|{'---|' * len(kinds)}",
    ]
    for composition in COMPOSITIONS:
        cells = []
        for style, way in kinds:
            found = {c: r for c, r in outcomes.items() if (c.composition, c.style, c.way) == (composition, style, way)}
            possible = [result for result in found.values() if result != "impossible"]
            cells.append(f"{sum(result == 'equal' for result in possible)} of {len(possible)}")
        lines.append(f"| {composition} | {' | '.join(cells)} |")
    reasons = sorted({re.sub(r"\d+", "…", result) for result in outcomes.values() if result.startswith("refused")})
    return "\n".join([*lines, *([""] if reasons else []), *(f"- {reason}" for reason in reasons)]) + "\n"


def main(each: str = "1") -> None:
    """Run the combinations, and write the table."""
    outcomes, all_cases = {}, list(cases(int(each)))
    for done, case in enumerate(all_cases, start=1):
        outcomes[case] = outcome(case)
        if outcomes[case] not in ("equal", "impossible"):
            print(case, outcomes[case], flush=True)  # noqa: T201 - a program
        if done % 100 == 0:
            print(f"{done:,} of {len(all_cases):,}", file=sys.stderr, flush=True)  # noqa: T201
    document = ROOT / "docs/bring-your-model.md"
    before, _, rest = document.read_text().partition(START)
    document.write_text(f"{before}{START}{report(outcomes)}{END}{rest.partition(END)[2]}")
    print(f"{share(outcomes):.2%} of {len(outcomes)}")  # noqa: T201
    sys.exit(any(result.startswith("WRONG") for result in outcomes.values()))


if __name__ == "__main__":
    main(*sys.argv[1:])
