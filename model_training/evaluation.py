"""How good a fitted model is on rows it has not seen."""

import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline


def evaluate(pipeline: Pipeline, X: pd.DataFrame, y: pd.Series) -> dict[str, float]:
    """Return the metrics of a binary classifier on held-out rows."""
    probability = pipeline.predict_proba(X)[:, 1]
    return {
        "roc_auc": float(roc_auc_score(y, probability)),
        "average_precision": float(average_precision_score(y, probability)),
        "brier_score": float(brier_score_loss(y, probability)),
        "log_loss": float(log_loss(y, probability)),
        "accuracy": float((pipeline.predict(X) == y).mean()),
        "positive_share": float(y.mean()),
        "hold_out_rows": float(len(y)),
    }
