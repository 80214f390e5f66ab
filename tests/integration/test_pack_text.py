"""Models of text are packed: a vectorizer of a column, or as the first step."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from function.model.loaded import load
from tests.support.commands import run

LIMIT = 100_000_000
CHANCE = np.random.default_rng(0)
WORDS = [f"word{i}" for i in range(30_000)]
NOTES = pd.DataFrame({"note": [" ".join(CHANCE.choice(WORDS, 30)) for _ in range(1200)]}, dtype=object)
LATE = np.where(CHANCE.random(1200) > 0.5, "late", "early")

MODELS: dict[str, Any] = {
    "first step": lambda: make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(NOTES["note"], LATE),
    "hashes": lambda: make_pipeline(HashingVectorizer(), LogisticRegression()).fit(NOTES["note"], LATE),
    "column": lambda: make_pipeline(make_column_transformer((CountVectorizer(), "note")), LogisticRegression()).fit(
        NOTES, LATE
    ),
}


def pack(folder: Path, model: Any, sample: pd.DataFrame, *options: object) -> Any:
    """Write a model and a sample, and pack them."""
    joblib.dump(model, folder / "model.joblib")
    sample.to_csv(folder / "sample.csv", index=False)
    words = ["--data", folder / "sample.csv", "--out", folder / "model.zip", *options]
    return run("pack", folder / "model.joblib", *words)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_of_text_is_served(name: str, tmp_path: Path) -> None:
    """Of tens of thousands of words, by scikit-learn."""
    model = MODELS[name]()
    result = pack(tmp_path, model, NOTES)
    assert result.exit_code == 0, result.stderr
    live = load((tmp_path / "model.zip").read_bytes(), None, LIMIT)
    assert (live.engine.name, [feature.name for feature in live.manifest.features]) == ("sklearn", ["note"])
    outputs = live.predict_columns([NOTES["note"].to_numpy()])
    given = NOTES if name == "column" else NOTES["note"]
    assert outputs.labels.tolist() == model.predict(given).tolist()
    assert outputs.probabilities is not None
    np.testing.assert_allclose(outputs.probabilities, model.predict_proba(given), rtol=1e-9)


def test_a_vectorizer_reads_one_column(tmp_path: Path) -> None:
    """Which one, the sample has to say."""
    sample = NOTES.head(50).assign(number=1)
    result = pack(tmp_path, MODELS["first step"](), sample)
    assert result.exit_code == 1
    assert "reads one column of text" in " ".join(result.stderr.split())
    assert pack(tmp_path, MODELS["first step"](), sample, "--kind", "number=drop").exit_code == 0
