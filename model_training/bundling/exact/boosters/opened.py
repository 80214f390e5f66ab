"""Estimators around a native file, in the shape of scikit-learn's own."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from model_training.bundling.exact.refused import Refused
from model_training.bundling.exact.trees.native_file import NativeFile


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


class LightGBMFile(Opened):
    """A text of LightGBM, loaded by LightGBM."""

    def __init__(self, native_file: NativeFile) -> None:
        """Load it."""
        import lightgbm

        self.native_file = native_file
        self.booster_ = lightgbm.Booster(model_str=native_file.data.decode())
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
        return np.asarray(self.model.predict(self._rows(X))).reshape(-1).astype(self.classes_.dtype)

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities, [n, classes]."""
        return self.model.predict_proba(self._rows(X))


class CatBoostRegressorFile(RegressorMixin, CatBoostFile):  # type: ignore[misc]
    """A model of CatBoost whose loss has values."""


def open_xgboost(data: bytes, missing: float = np.nan) -> Any:
    """Load a file of XGBoost as the class for scikit-learn that it fits.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    classes = NativeFile("xgboost", data, missing=missing).read().classes
    xgboost = imported("xgboost")
    kind = xgboost.XGBRegressor if classes is None else xgboost.XGBClassifier
    estimator = kind(missing=missing, n_jobs=1, enable_categorical=True)
    estimator.load_model(bytearray(data))
    return estimator


def open_lightgbm(data: bytes) -> Any:
    """Load a text of LightGBM.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    return lightgbm_of(NativeFile("lightgbm", data))


def lightgbm_of(file: NativeFile) -> Any:
    """Load a text of LightGBM whose labels may be known."""
    classes = file.read().classes
    imported("lightgbm")
    return LightGBMRegressorFile(file) if classes is None else LightGBMClassifierFile(file)


def open_catboost(data: bytes, sample: Any = None, format: str = "json") -> Any:  # noqa: A002 (CatBoost's name)
    """Load a model of CatBoost.

    Args:
        data: its file.
        sample: a table of rows with the texts of categories; needed where there are categories.
        format: of the file, json or cbm.

    Raises:
        Refused: it is not supported, or is malformed.
    """
    catboost = imported("catboost")
    model = loaded(catboost.CatBoost(), data, format)
    columns = model.get_cat_feature_indices()
    if columns and sample is None:
        raise Refused("categories of CatBoost behind other steps")
    rows = in_order(model.feature_names_, sample) if columns else sample
    pool = pool_of(rows, columns) if columns else None
    texts = {column: sorted({str(text) for text in np.asarray(rows, dtype=object)[:, column]}) for column in columns}
    is_whole = format == "json" and not columns
    file = NativeFile("catboost", data if is_whole else saved(model, pool), texts=texts)
    kind = CatBoostRegressorFile
    if file.read().classes is not None:
        kind = CatBoostClassifierFile
        model = loaded(catboost.CatBoostClassifier(), data, format)
    return kind(model, file)


def in_order(names: Any, rows: Any) -> Any:
    """Return a table with its columns in the order of a model's, if it has those that the model names."""
    return rows[list(names)] if names is not None and set(names) <= set(rows.columns) else rows


def loaded(model: Any, data: bytes, format: str) -> Any:  # noqa: A002 (CatBoost's name)
    """Let CatBoost load a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(data)
        try:
            return model.load_model(str(path), format=format)
        except Exception as error:
            raise Refused(f"CatBoost cannot load the file: {str(error)[:200]}") from error


def pool_of(rows: Any, columns: Sequence[int]) -> Any:
    """Make CatBoost's own table.

    Raises:
        Refused: a category in it is missing or a fraction.
    """
    try:
        return imported("catboost").Pool(rows, cat_features=columns)
    except Exception as error:
        raise Refused(f"CatBoost cannot read the sample: {str(error)[-200:]}") from error


def saved(model: Any, pool: Any = None, format: str = "json") -> bytes:  # noqa: A002 (CatBoost's name)
    """Write a model of CatBoost, as JSON with the texts of the categories of a pool."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        try:
            model.save_model(str(path), format=format, pool=pool)
        except Exception as error:
            raise Refused(f"CatBoost cannot match the model and the sample: {str(error)[-200:]}") from error
        return path.read_bytes()


def imported(library: str) -> Any:
    """Import a library that only packing its own models needs.

    Raises:
        Refused: it is not installed.
    """
    import importlib

    try:
        return importlib.import_module(library)
    except ImportError as error:
        package = "xgboost-cpu" if library == "xgboost" else library
        raise Refused(f"packing this model compares it with {library} itself: pip install {package}") from error
