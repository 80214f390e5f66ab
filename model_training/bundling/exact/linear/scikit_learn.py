"""Read scikit-learn's fitted linear models."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import linear_model, naive_bayes, svm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from function.model.plan.structs import Linear, Link
from model_training.bundling.exact.refused import Refused

BINARY = 2
LINEAR_LINKS: dict[str, Link] = {"IdentityLink": "identity", "LogLink": "exp"}


def is_linear(estimator: Any) -> bool:
    """Tell whether an estimator is of a class that `read_linear` knows."""
    return type(estimator) in READERS


def read_linear(estimator: Any) -> Linear:
    """Read a fitted linear model.

    Raises:
        Refused: it is none, has several outputs, or coefficients that are not finite.
    """
    reader = READERS.get(type(estimator))
    if reader is None:
        raise Refused(f"{type(estimator).__name__} is no linear model that can be read")
    linear = reader(estimator)
    if not np.isfinite(np.array(linear.coefficients)).all() or not np.isfinite(np.array(linear.intercept)).all():
        raise Refused("coefficients that are not finite")
    return linear


def _regression(estimator: Any) -> Linear:
    return _linear(estimator.coef_, estimator.intercept_, "identity", None)


def _generalized(estimator: Any) -> Linear:
    """Read a generalized linear model, whose value is the inverse link of the score."""
    name = type(estimator._base_loss.link).__name__  # noqa: SLF001
    if name not in LINEAR_LINKS:
        raise Refused(f"the link {name}")
    return _linear(estimator.coef_, estimator.intercept_, LINEAR_LINKS[name], None)


def _ransac(estimator: Any) -> Linear:
    return read_linear(estimator.estimator_)


def _scores(estimator: Any) -> Linear:
    """Read a classifier without probabilities."""
    return _classifier(estimator, "identity")


def _logistic(estimator: Any) -> Linear:
    return _classifier(estimator, "logistic" if len(estimator.classes_) == BINARY else "softmax")


def _gradient_descent(estimator: Any) -> Linear:
    """Read a classifier fitted by stochastic gradient descent; two of its losses have probabilities."""
    if estimator.loss == "modified_huber":
        return _classifier(estimator, "modified-huber")
    if estimator.loss == "log_loss":
        return _classifier(estimator, "logistic" if len(estimator.classes_) == BINARY else "one-vs-rest")
    return _classifier(estimator, "identity")


def _multinomial(estimator: Any) -> Linear:
    """Read naive Bayes over counts: the joint log likelihood is linear; labels are those of the larger."""
    classes = tuple(estimator.classes_.tolist())
    prior = estimator.class_log_prior_
    return Linear(_rows(estimator.feature_log_prob_), tuple(np.ravel(prior).tolist()), "softmax", classes)


def _classifier(estimator: Any, link: Link) -> Linear:
    classes = estimator.classes_
    rows = len(np.atleast_2d(estimator.coef_)) if isinstance(estimator.coef_, np.ndarray) else estimator.coef_.shape[0]
    if getattr(classes, "ndim", 0) != 1 or rows not in (1, len(classes)):
        raise Refused("a classifier of several outputs")
    return _linear(estimator.coef_, estimator.intercept_, link, tuple(classes.tolist()))


def _linear(coefficients: Any, intercept: Any, link: Link, classes: tuple[Any, ...] | None) -> Linear:
    dense = coefficients.toarray() if hasattr(coefficients, "toarray") else np.asarray(coefficients)
    weights = np.atleast_2d(dense)
    if classes is None and len(weights) != 1:
        raise Refused("a regression of several outputs")
    offsets = np.broadcast_to(np.asarray(intercept, dtype=np.float64), (len(weights),))
    return Linear(_rows(weights), tuple(offsets.tolist()), link, classes)


def _rows(weights: npt.NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    return tuple(map(tuple, np.asarray(weights, dtype=np.float64).tolist()))


REGRESSIONS = (
    linear_model.ARDRegression, linear_model.BayesianRidge, linear_model.ElasticNet, linear_model.ElasticNetCV,
    linear_model.HuberRegressor, linear_model.Lars, linear_model.LarsCV, linear_model.Lasso, linear_model.LassoCV,
    linear_model.LassoLars, linear_model.LassoLarsCV, linear_model.LassoLarsIC, linear_model.LinearRegression,
    linear_model.OrthogonalMatchingPursuit, linear_model.OrthogonalMatchingPursuitCV, linear_model.QuantileRegressor,
    linear_model.Ridge, linear_model.RidgeCV, linear_model.SGDRegressor, linear_model.TheilSenRegressor, svm.LinearSVR,
)  # fmt: skip
CLASSIFIERS = (linear_model.RidgeClassifier, linear_model.RidgeClassifierCV, linear_model.Perceptron, svm.LinearSVC)
READERS: dict[type, Callable[[Any], Linear]] = {
    **dict.fromkeys(REGRESSIONS, _regression),
    **dict.fromkeys(CLASSIFIERS, _scores),
    linear_model.PoissonRegressor: _generalized,
    linear_model.GammaRegressor: _generalized,
    linear_model.TweedieRegressor: _generalized,
    linear_model.RANSACRegressor: _ransac,
    linear_model.LogisticRegression: _logistic,
    linear_model.LogisticRegressionCV: _logistic,
    LinearDiscriminantAnalysis: _logistic,
    linear_model.SGDClassifier: _gradient_descent,
    naive_bayes.MultinomialNB: _multinomial,
}
for _name, _reader in (("PassiveAggressiveClassifier", _scores), ("PassiveAggressiveRegressor", _regression)):
    # Deprecated by scikit-learn in favour of SGD; still there in older models.
    if hasattr(linear_model, _name):
        READERS[getattr(linear_model, _name)] = _reader
