"""Your own transformers, estimators and functions.

A model file may name classes and functions of this module and of no other module of yours, because this one is
deployed with the function. Import them from here before you fit, so that the file names this module:

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

A function for a `FunctionTransformer` is an ordinary function:

    def ratios(table):
        "Add a column; a model that was fitted on a DataFrame gets one."
        return table.assign(ratio=table["weight"] / table["stops"])

If a model was fitted before you moved its classes here from a notebook or another module, pack it with
`taxiway pack --trust`: it looks them up here by their names.

Deploy the function before you publish a model that needs a new class or function.
"""
