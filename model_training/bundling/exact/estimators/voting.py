"""Write voting and bagging."""

from typing import Any

from model_training.bundling.exact.estimators.context import Context, check_classes, needed
from model_training.bundling.exact.graph.builder import DOUBLE
from model_training.bundling.exact.graph.written import Written


def voting_classifier(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of probabilities, or the count of votes."""
    parts = [context.part(part, x) for part in estimator.estimators_]
    for part in estimator.estimators_:
        check_classes(part, range(len(estimator.classes_)))
    weights = estimator._weights_not_none  # noqa: SLF001
    if estimator.voting == "soft":
        mean = context.mean([needed(part.probabilities, "probabilities") for part in parts], weights)
        return Written(probabilities=mean, chosen=context.largest(mean))
    votes = [_votes(context, part, len(estimator.classes_)) for part in parts]
    if weights is not None:
        g = context.graph
        votes = [g("Mul", vote, g.constant(float(weight))) for vote, weight in zip(votes, weights, strict=True)]
    return Written(chosen=context.largest(context.added(votes)))


def voting_regressor(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of values."""
    values = [needed(context.part(part, x).values, "values") for part in estimator.estimators_]
    return Written(values=context.mean(values, estimator._weights_not_none))  # noqa: SLF001


def bagging_classifier(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of probabilities, or of votes where parts have none."""
    terms = []
    for part, features in zip(estimator.estimators_, estimator.estimators_features_, strict=True):
        check_classes(part, range(len(estimator.classes_)))
        written = context.part(part, _chosen_features(context, estimator, features, x))
        has_probabilities = hasattr(part, "predict_proba") and written.probabilities is not None
        terms.append(
            needed(written.probabilities, "probabilities")
            if has_probabilities
            else _votes(context, written, len(estimator.classes_))
        )
    mean = context.mean(terms)
    return Written(probabilities=mean, chosen=context.largest(mean))


def bagging_regressor(context: Context, estimator: Any, x: str) -> Written:
    """Write the mean of values."""
    values = [
        needed(context.part(part, _chosen_features(context, estimator, features, x)).values, "values")
        for part, features in zip(estimator.estimators_, estimator.estimators_features_, strict=True)
    ]
    return Written(values=context.mean(values))


def _chosen_features(context: Context, estimator: Any, features: Any, x: str) -> str:
    chosen = list(map(int, features))
    return x if chosen == list(range(estimator.n_features_in_)) else context.graph.gather(x, chosen)


def _votes(context: Context, part: Written, classes: int) -> str:
    return context.graph.cast(context.is_class(needed(part.chosen, "labels"), classes), DOUBLE)
