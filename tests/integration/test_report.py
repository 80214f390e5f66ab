"""The evaluation report: in the bundle, beside it, and harmless."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from function.model.bundle import REPORT, read_bundle
from function.model.loaded import load
from function.model.manifest import Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from model_training.data.known.flights import read_flights
from model_training.evaluation.evaluation import evaluate
from tests.support.commands import run
from tests.support.foreign_models import MODELS
from tests.support.packed_models import columns_of

LIMIT = 100_000_000
MARKUP = "<script>alert(1)</script>"


class Page(HTMLParser):
    """What is on a page, and whether each element that opens closes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "line", "rect", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close it."""
        if tag not in ("line", "rect", "circle", "polyline"):
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model to which a missed delay is five times as bad as a false alarm."""
    path = tmp_path_factory.mktemp("report") / "model.zip"
    result = run("train", "--rows", 8000, "--threshold", "cost:fp=1,fn=5", "--out", path)
    assert result.exit_code == 0, result.stderr
    return path


def of(name: str) -> Packed:
    """Pack one of the models that teams bring, with an evaluation."""
    brought = MODELS[name]()
    sample = Dataset(name, brought.X, brought.y, Origin("table", "0" * 64, len(brought.X)))
    return build_bundle(brought.model, sample, evaluate(brought.model, sample.X, brought.y, seed=0), 0)


def test_the_report_is_in_the_bundle_and_beside_it(trained: Path) -> None:
    """The same bytes, and the same numbers as JSON."""
    bundle = read_bundle(trained.read_bytes(), LIMIT)
    assert bundle.read(REPORT) == trained.with_suffix(".report.html").read_bytes()
    numbers = json.loads(trained.with_suffix(".report.json").read_text())
    assert numbers["metrics"]["roc_auc"]["value"] == bundle.manifest.metrics["roc_auc"]
    assert numbers["rows"] == 2400
    assert bundle.manifest.version in bundle.read(REPORT).decode()


def test_the_report_needs_nothing_else_and_runs_nothing(trained: Path) -> None:
    """No script, no link, no address, no handler; every element is closed."""
    text = trained.with_suffix(".report.html").read_text()
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "a", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("href", "src")]
    assert not re.search(r"https?:|url\(|@import", text)
    assert page.tags.count("figure") == 3


def test_the_threshold_is_what_the_function_answers_by(trained: Path) -> None:
    """Its labels are those of the probabilities over the threshold, which is far from a half."""
    model = load(trained.read_bytes(), None, LIMIT)
    threshold = model.manifest.threshold
    assert threshold is not None
    assert 0.05 < threshold < 0.35
    outputs = model.predict_columns(columns_of(model, read_flights().sample(5000, 1).X))
    assert outputs.probabilities is not None
    assert np.array_equal(outputs.labels, outputs.probabilities[:, 1] > threshold)
    assert 0.2 < outputs.labels.mean() < 0.9


def test_confusion_and_metrics_are_those_at_the_threshold(trained: Path) -> None:
    """Not those of a half."""
    numbers = json.loads(trained.with_suffix(".report.json").read_text())
    (_, false_positive), (_, true_positive) = numbers["confusion"]
    precision = numbers["metrics"]["precision"]
    assert precision["value"] == pytest.approx(true_positive / (true_positive + false_positive))
    assert precision["low"] < precision["value"] < precision["high"]


def test_slices_come_worst_first(trained: Path) -> None:
    """Every feature is among them, and each tells how many rows it is of."""
    slices = json.loads(trained.with_suffix(".report.json").read_text())["slices"]["slices"]
    qualities = [slice["quality"] for slice in slices]
    assert qualities == sorted(qualities)
    assert {slice["feature"] for slice in slices} == {"carrier", "month", "origin", "period"}
    assert sum(slice["rows"] for slice in slices if slice["feature"] == "month") == 2400


@pytest.mark.parametrize("rule", ["0", "1.5", "half", "cost:fp=0,fn=0", "cost:fn=1", "nan"])
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    """With the rules that there are."""
    result = run("train", "--threshold", rule)
    assert result.exit_code == 2
    assert "cost:fp=1,fn=5" in result.stderr


@pytest.mark.parametrize(("name", "shown"), [("multiclass", "young"), ("regression", "Predicted and actual values")])
def test_other_tasks_have_reports_of_their_own(name: str, shown: str) -> None:
    """With what is of use there."""
    report = of(name).report
    assert report is not None
    assert shown in report.decode()
    assert Page(report.decode()).tags.count("figure") == {"multiclass": 3, "regression": 2}[name]


def test_text_from_data_is_text(packed: Packed) -> None:
    """A feature, a category and a class that look like markup are shown as they are written."""
    from sklearn.linear_model import LogisticRegression

    from model_training.fitting.pipeline import make_pipeline

    X = pd.DataFrame({MARKUP: pd.Series([MARKUP, "b"] * 100, dtype=object)})
    y = pd.Series([MARKUP, "no", "no", MARKUP] * 50, name=MARKUP)
    model = make_pipeline({MARKUP: [MARKUP, "b"]}, LogisticRegression()).fit(X, y)
    sample = Dataset(MARKUP, X, y, Origin(MARKUP, "0" * 64, 200))
    report = build_bundle(model, sample, evaluate(model, X, y, seed=0), 0).report
    assert report is not None
    assert "script" not in Page(report.decode()).tags
    assert "&lt;script&gt;" in report.decode()


@pytest.mark.parametrize("name", ["multiclass", "regression"])
def test_the_importance_of_each_feature_is_a_bar(name: str) -> None:
    """With its number for those who don't see it, for classifiers and regressions alike."""
    packed = of(name)
    assert packed.evaluation is not None
    assert packed.report is not None
    labels = [value for name, value in Page(packed.report.decode()).attributes if name == "aria-label"]
    importance = packed.evaluation.importance
    assert [each.feature for each in importance.features] != []
    assert {f"{each.feature}: {each.mean:.4f}" for each in importance.features} <= set(labels)
    assert importance.features[0].mean > 0.1
