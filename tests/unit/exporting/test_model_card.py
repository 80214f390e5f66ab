"""model_training/exporting/model_card.py: Markdown that says what a model is, and YAML that other programs read."""

from datetime import datetime, timezone
from typing import Any

import msgspec
import pytest
import yaml

from function.model.manifest import Feature, Manifest, Member, Origin, Target, Wording
from function.model.plan.proof import Proof
from model_training.exporting.model_card import write_card

FULL = Manifest(
    name="parcels: 'late' #1",
    version="0123456789ab",
    task="binary",
    features=(
        Feature("city", "string", categories=("Lima", "a|b"), description="<b>Where</b>"),
        Feature("size", "integer", categories=tuple(range(30)), unknown="open", default=3),
        Feature("weight", "number", nullable=True),
        Feature("day", "string", format="date"),
    ),
    encoded=("x",),
    classes=("early", "late"),
    threshold=0.25,
    target=Target("late", "over an hour late"),
    wording=Wording(classes=("in time", ""), chance="risk"),
    created=datetime(2026, 11, 28, tzinfo=timezone.utc),
    metrics={"roc_auc": 0.9876543, "positive_share": 0.5, "hold_out_rows": 1234.0},
    libraries={"scikit-learn": "1.9.1"},
    data=Origin("parcels.csv", "0" * 64, 5000),
    proof=Proof(kind="linear", statement="exact: coefficients bitwise"),
    members={"model.joblib": Member("0" * 64, 1)},
)


def parts_of(card: str) -> tuple[dict[str, Any], str]:
    """Split a card into its metadata and its text."""
    nothing, metadata, text = card.split("---\n", 2)
    assert nothing == ""
    return yaml.safe_load(metadata), text


def test_the_metadata_are_those_of_hugging_face() -> None:
    """License and language are absent unless they are given."""
    metadata, _ = parts_of(write_card(FULL))
    assert metadata == {
        "library_name": "sklearn",
        "pipeline_tag": "tabular-classification",
        "tags": ["tabular", "binary", "taxiway", "sklearn"],
        "model-index": [
            {
                "name": FULL.name,
                "results": [
                    {
                        "task": {"type": "tabular-classification"},
                        "dataset": {"type": "tabular", "name": "parcels.csv", "split": "hold-out"},
                        "metrics": [{"type": "roc_auc", "name": "ROC AUC", "value": 0.9876543}],
                    }
                ],
            }
        ],
    }
    given, _ = parts_of(write_card(FULL, licence="apache-2.0", language="en"))
    assert (given["license"], given["language"]) == ("apache-2.0", "en")


@pytest.mark.parametrize(
    "line",
    [
        "The target is `late`: over an hour late.",
        "| city | string | Lima, a\\|b; others are refused | refused | refused | \\<b\\>Where\\</b\\> |",
        "| size | integer | " + ", ".join(map(str, range(20))) + " and 10 more; others are predicted as unknown "
        "| refused | 3 |  |",
        "| weight | number |  | null | null |  |",
        "| day | date (ISO 8601) |  | refused | refused |  |",
        "| early | in time |",
        "On 1,234 held-out rows:",
        "| ROC AUC | 0.9877 |",
        f"`parcels.csv`, 5,000 rows, sha256 `{'0' * 64}`.",
        "- A row with another value than the categories of city is refused.",
        "- A value that is not among the categories of size is predicted as an unknown one.",
        "- The compiled model compared with the fitted one: exact: coefficients bitwise.",
        "| scikit-learn | 1.9.1 |",
    ],
)
def test_the_card_says(line: str) -> None:
    """What callers may send, how good the model is, what it was trained on, and what it refuses."""
    assert line in write_card(FULL).splitlines()


def test_a_model_that_was_not_evaluated() -> None:
    """It has no results, and says so; scikit-learn serves it."""
    other: dict[str, Any] = {"task": "regression", "classes": None, "threshold": None, "wording": Wording()}
    bare = msgspec.structs.replace(FULL, metrics={}, data=None, proof=msgspec.UNSET, **other)
    metadata, text = parts_of(write_card(bare))
    assert "model-index" not in metadata
    assert metadata["pipeline_tag"] == "tabular-regression"
    assert "The model was not evaluated" in text
    assert "Not recorded." in text
    assert "scikit-learn itself computes the predictions" in text


@pytest.mark.parametrize(("member", "library"), [("model.ubj", "xgboost"), ("model.cbm.json", "catboost")])
def test_the_library_is_that_of_the_model(member: str, library: str) -> None:
    """By the file of the bundle."""
    metadata, _ = parts_of(write_card(msgspec.structs.replace(FULL, members={member: Member("0" * 64, 1)})))
    assert metadata["library_name"] == library
