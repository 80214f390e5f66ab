"""Your own transformers and estimators.

A model file may name classes of this module and of no other module of yours, because this one is deployed
with the function. Import a class from here before you fit, so that the file names this module:

    from sklearn.pipeline import make_pipeline
    from function.model.custom import Clip

    model = make_pipeline(Clip(0, 100), LogisticRegression()).fit(X, y)

with, in this file, a class that derives from scikit-learn's base classes:

    class Clip(TransformerMixin, BaseEstimator):
        "Limit numbers to a range."

        def __init__(self, low: float = 0.0, high: float = 1.0) -> None:
            self.low, self.high = low, high

        def fit(self, X, y=None):
            self.n_features_in_ = X.shape[1]
            return self

        def transform(self, X):
            return np.clip(X, self.low, self.high)

Deploy the function before you publish a model that needs a new class.
"""
