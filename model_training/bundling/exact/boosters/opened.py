"""Estimators around a native file, in the shape of scikit-learn's own."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from model_training.bundling.exact.trees.lightgbm.text import without_unread
from model_training.bundling.exact.trees.native_file import NativeFile, native_file_of


class Opened(BaseEstimator):  # type: ignore[misc]
    """An estimator that was fitted elsewhere."""

    def fit(self, *_: Any) -> "Opened":
        """Refuse to be fitted again, which scikit-learn's own are able to.

        Raises:
            TypeError: always.
        """
        raise TypeError("this model was fitted elsewhere")

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn that it is."""
        return True


class XGBoostClassifierFile(ClassifierMixin, Opened):  # type: ignore[misc]
    """A classifier of XGBoost, which knows classes as 0, 1, 2 ..., with the labels that they stand for."""

    def __init__(self, model: Any, native_file: NativeFile) -> None:
        """Keep a model that XGBoost has loaded, with its file."""
        self.native_file = native_file
        self.model, self.missing, self.get_booster = model, model.missing, model.get_booster
        self.n_features_in_ = model.n_features_in_
        if model.get_booster().feature_names is not None:
            self.feature_names_in_ = model.feature_names_in_
        self.classes_ = np.array(native_file.read().classes)

    def predict(self, X: Any) -> Any:
        """Predict labels."""
        return self.classes_[np.asarray(self.model.predict(X)).astype(int)]

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        return self.model.predict_proba(X)


class SparseXGBoost(Opened):
    """A model of XGBoost that is given sparse matrices, whose zeros it does not see; dense ones become sparse."""

    def __init__(self, model: Any) -> None:
        """Keep a fitted model."""
        self.native_file = replace(native_file_of(model), sparse=True)
        self.model, self.missing, self.get_booster = model, model.missing, model.get_booster
        self.n_features_in_ = model.n_features_in_

    def predict(self, X: Any) -> Any:
        """Predict labels or values."""
        return self.model.predict(csr_matrix(X))


class SparseXGBoostClassifier(ClassifierMixin, SparseXGBoost):  # type: ignore[misc]
    """One whose objective has classes."""

    def __init__(self, model: Any) -> None:
        """Keep a fitted model."""
        super().__init__(model)
        self.classes_ = model.classes_

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        return self.model.predict_proba(csr_matrix(X))


class SparseXGBoostRegressor(RegressorMixin, SparseXGBoost):  # type: ignore[misc]
    """One whose objective has values."""


class LightGBMFile(Opened):
    """A text of LightGBM, loaded by LightGBM."""

    def __init__(self, native_file: NativeFile) -> None:
        """Load it."""
        import lightgbm

        self.native_file = native_file
        self.booster_ = lightgbm.Booster(model_str=without_unread(native_file.data).decode())
        self.n_features_in_ = self.booster_.num_feature()
        names = self.booster_.feature_name()
        if names != [f"Column_{place}" for place in range(len(names))]:
            self.feature_names_in_ = np.array(names, dtype=object)

    def predict(self, X: Any) -> Any:
        """Predict values."""
        return self.booster_.predict(np.asarray(X, dtype=np.float64), num_threads=1)


class LightGBMClassifierFile(ClassifierMixin, LightGBMFile):  # type: ignore[misc]
    """A text of LightGBM whose objective has classes."""

    def __init__(self, native_file: NativeFile) -> None:
        """Load it."""
        super().__init__(native_file)
        self.classes_ = np.array(native_file.read().classes)

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        found = LightGBMFile.predict(self, X)
        return found if found.ndim > 1 else np.column_stack([1 - found, found])

    def predict(self, X: Any) -> Any:
        """Predict labels."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class LightGBMRegressorFile(RegressorMixin, LightGBMFile):  # type: ignore[misc]
    """A text of LightGBM whose objective has values."""


class CatBoostFile(Opened):
    """A model of CatBoost; categories come as codes, and are text to CatBoost itself."""

    def __init__(self, model: Any, native_file: NativeFile) -> None:
        """Keep a model that CatBoost has loaded, with its file in JSON."""
        self.native_file = native_file
        self.model = model
        self.n_features_in_ = len(model.feature_names_)
        if model.feature_names_ != [str(place) for place in range(self.n_features_in_)]:
            self.feature_names_in_ = np.array(model.feature_names_, dtype=object)
        self.get_leaf_values, self.get_borders = model.get_leaf_values, model.get_borders

    def predict(self, X: Any) -> Any:
        """Predict values."""
        return np.asarray(self.model.predict(self._rows(X)))

    def _rows(self, X: Any) -> Any:
        """Put texts in the place of codes; what is no code is a text that CatBoost does not know."""
        rows = np.array(X, dtype=np.float64)
        if not self.native_file.texts:
            return rows
        mixed = rows.astype(object)
        for column, texts in self.native_file.texts.items():
            known = dict(enumerate(texts))
            mixed[:, column] = [known.get(code, "\0") for code in rows[:, column].tolist()]
        return mixed


class CatBoostClassifierFile(ClassifierMixin, CatBoostFile):  # type: ignore[misc]
    """A model of CatBoost whose loss has classes."""

    def __init__(self, model: Any, native_file: NativeFile) -> None:
        """Keep a model that CatBoost has loaded, with its file in JSON."""
        super().__init__(model, native_file)
        self.classes_ = np.array(native_file.read().classes)

    def predict(self, X: Any) -> Any:
        """Predict labels."""
        found = np.asarray(self.model.predict(self._rows(X))).reshape(-1)
        if self.native_file.classes is not None:  # Classes are 0, 1, 2 ... to CatBoost.
            return self.classes_[found.astype(int)]
        return found.astype(self.classes_.dtype)

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        return self.model.predict_proba(self._rows(X))


class CatBoostRegressorFile(RegressorMixin, CatBoostFile):  # type: ignore[misc]
    """A model of CatBoost whose loss has values."""
