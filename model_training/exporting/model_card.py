"""A model card: a Markdown document about a model, with the metadata that Hugging Face reads.

https://huggingface.co/docs/hub/model-cards describes the metadata.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from msgspec import UNSET

from function.model.faults import listed
from function.model.manifest import Feature, Manifest
from function.model.plan.proof import Proof
from function.model.schema import LARGEST_NUMBER
from model_training.evaluation.evaluation import Evaluation
from model_training.reporting.report import NAMES

TEMPLATES = Path(__file__).with_name("templates")
ROWS = "hold_out_rows"
SHOWN_VALUES = 20
PIPELINES = {"regression": "tabular-regression", "multioutput-regression": "tabular-regression"}
LIBRARIES = {"model.ubj": "xgboost", "model.txt": "lightgbm", "model.cbm.json": "catboost"}
OUTPUTS = {
    "binary": "A label",
    "multiclass": "A label",
    "regression": "A value",
    "outlier": "1 for an inlier and -1 for an outlier, with a score",
    "cluster": "The number of a cluster",
}
MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|"})
"""What Markdown and HTML would read as markup."""


def write_card(
    manifest: Manifest, evaluation: Evaluation | None = None, *, licence: str | None = None, language: str | None = None
) -> str:
    """Write the card of a model.

    Args:
        manifest: the manifest of its bundle.
        evaluation: the evaluation that the bundle was built with, for intervals and baselines.
        licence: an identifier of Hugging Face, such as `apache-2.0`; unset if None.
        language: a code of ISO 639, such as `en`; unset if None.
    """
    environment = Environment(  # noqa: S701 (Markdown; its filters escape)
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"text": _text, "cell": _text, "code": _code, "yaml": _yaml}
    given = {"license": licence, "language": language}
    return environment.get_template("model_card.md").render(
        manifest=manifest,
        metadata=dict(_metadata(manifest, given)),
        pipeline=_pipeline(manifest),
        index=[(name, NAMES[name], value) for name, value in _plain(manifest).items()],
        title=manifest.title or manifest.wording.question or manifest.name,
        summary=_summary(manifest),
        estimator=evaluation.estimator if evaluation else "",
        features=[_feature(feature) for feature in manifest.features],
        output=_output(manifest),
        classes=_classes(manifest),
        rows=f"{manifest.metrics.get(ROWS, 0):,.0f}",
        evaluated_elsewhere=evaluation is not None and not evaluation.fitted_rows,
        intervals=evaluation is not None,
        metrics=_metrics(manifest, evaluation),
        data_rows=f"{manifest.data.rows:,}" if manifest.data else "",
        limits=list(_limits(manifest)),
        versions=_versions(manifest),
    )


def _text(value: object) -> str:
    """Escape text of any origin, as one line."""
    return " ".join(str(value).split()).translate(MARKS)


def _code(value: object) -> str:
    """Write text as code; a backtick would end it."""
    return "`" + " ".join(str(value).replace("`", "'").split()) + "`"


def _yaml(value: Any) -> str:
    """Write a value as JSON, which is YAML too."""
    return json.dumps(value, ensure_ascii=False)


def _pipeline(manifest: Manifest) -> str:
    return PIPELINES.get(manifest.task, "tabular-classification")


def _metadata(manifest: Manifest, given: Mapping[str, str | None]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of the front matter that are not lists of metrics."""
    library = next((LIBRARIES[name] for name in manifest.members if name in LIBRARIES), "sklearn")
    yield from ((name, value) for name, value in given.items() if value is not None)
    yield "library_name", library
    if manifest.task not in ("outlier", "cluster"):
        yield "pipeline_tag", _pipeline(manifest)
    yield "tags", ["tabular", manifest.task, "taxiway", library]


def _plain(manifest: Manifest) -> dict[str, float]:
    """Return the metrics that have a name for people; the others describe the rows."""
    return {name: value for name, value in manifest.metrics.items() if name in NAMES}


def _summary(manifest: Manifest) -> str:
    made = f", built on {manifest.created:%Y-%m-%d}" if manifest.created else ""
    return f"{manifest.name}, version {manifest.version}: a {manifest.task} model of tabular data{made}."


def _output(manifest: Manifest) -> str:
    outputs = ", ".join(output.name for output in manifest.predicted_outputs)
    shares = manifest.golden is not None and manifest.golden.probabilities is not None
    text = f"A list of {outputs}" if outputs else OUTPUTS[manifest.task]
    text += ", and the probability of each class." if shares else "."
    if manifest.wording.unit:
        text += f" Its unit is {manifest.wording.unit}."
    if manifest.wording.chance:
        text += f" The probability of the second class is the {manifest.wording.chance}."
    if manifest.threshold is not None:
        text += f" The second class is predicted if its probability is above {manifest.threshold}."
    return text


def _classes(manifest: Manifest) -> list[tuple[Any, str]]:
    classes = manifest.classes or ()
    meanings = manifest.wording.classes or ("",) * len(classes)
    return list(zip(classes, meanings, strict=True))


def _feature(feature: Feature) -> tuple[str, ...]:
    missing = "null" if feature.nullable else "refused"
    default = "" if feature.default is UNSET else str(feature.default)
    absent = default or ("null" if feature.nullable else "refused")
    kind = feature.type if feature.format is UNSET else f"{feature.format} (ISO 8601)"
    return feature.name, kind, _values(feature), missing, absent, feature.description


def _values(feature: Feature) -> str:
    categories = feature.categories or ()
    others = "; others are refused" if feature.closed else "; others are predicted as unknown" if feature.open else ""
    return listed(categories, SHOWN_VALUES) + others


def _metrics(manifest: Manifest, evaluation: Evaluation | None) -> list[tuple[str, ...]]:
    rows = []
    for name, value in _plain(manifest).items():
        row = [NAMES[name], f"{value:.4f}"]
        if evaluation:
            metric = evaluation.metrics[name]
            bounded = metric.low is not None and metric.high is not None
            row.append(f"{metric.low:.4f} to {metric.high:.4f}" if bounded else "")
            row.append("" if metric.baseline is None else f"{metric.baseline:.4f}")
        rows.append(tuple(row))
    return rows


def _limits(manifest: Manifest) -> Iterator[str]:
    closed = [feature.name for feature in manifest.features if feature.closed]
    known = [feature.name for feature in manifest.features if feature.open]
    if closed:
        yield f"A row with another value than the categories of {', '.join(closed)} is refused."
    if known:
        yield f"A value that is not among the categories of {', '.join(known)} is predicted as an unknown one."
    if any(feature.type == "number" for feature in manifest.features):
        yield f"A number above {LARGEST_NUMBER:g}, in magnitude, is refused."
    yield "The metrics hold for rows like those of the training data; they say nothing about other rows."
    if isinstance(manifest.proof, Proof):
        yield f"The compiled model compared with the fitted one: {manifest.proof.statement}."
    else:
        yield "scikit-learn itself computes the predictions; there is no compiled model."


def _versions(manifest: Manifest) -> list[tuple[str, str]]:
    commit = {"git commit": manifest.git_commit} if manifest.git_commit else {}
    return [("model", manifest.version), *manifest.libraries.items(), *commit.items()]
