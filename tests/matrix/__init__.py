"""Many estimators, transformers and versions: what is served, and that it is what scikit-learn predicts."""
