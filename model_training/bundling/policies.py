"""Choose what a model does with unknown categories, and with rows that lack a feature."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import pandas as pd
from msgspec import UNSET, UnsetType

from function.errors import Refused
from function.model.engines.inputs import input_of
from function.model.engines.sklearn import UNSUPPORTED_ERRORS
from function.model.faults import listed
from function.model.manifest import Feature
from function.model.schema import value_type
from model_training.bundling.exact.encoders.domains import unknown_values
from model_training.data.dataset import Dataset
from model_training.data.policies import EVERY, Policies


def unknown_policy(model: Any, sample: Dataset, name: str, known: Sequence[Any]) -> Literal["open"] | UnsetType:
    """Return whether a feature's unknown categories are open.

    Raises:
        Refused: the user opens them, but the model can't predict them.
    """
    wanted = sample.policies.unknown_of(name)
    if wanted == "closed":
        return UNSET
    if _predicts_unknown(model, sample.X, name, known):
        return "open"
    if wanted == "open" and name in sample.policies.unknown:
        raise Refused(
            f"{name!r} can't be open: the model was fitted to refuse unknown categories, "
            'for example by an encoder with handle_unknown="error"'
        )
    return UNSET


def _predicts_unknown(model: Any, X: pd.DataFrame, name: str, known: Sequence[Any]) -> bool:
    try:
        for value in unknown_values(tuple(known)):
            model.predict(input_of(model, with_value(X, name, value)))
    except UNSUPPORTED_ERRORS:
        return False
    return True


def unknown_value(feature: Feature) -> str | int:
    """Return a value of a feature's type that is not one of its categories."""
    known = feature.categories or ()
    if feature.type == "integer":
        return max(value for value in known if isinstance(value, int)) + 1
    return next(word for word in (f"unknown{'_' * i}" for i in range(len(known) + 1)) if word not in known)


def with_value(X: pd.DataFrame, name: str, value: Any) -> pd.DataFrame:
    """Return the first row of a table with another value of a feature."""
    kind = X[name].dtype.kind
    dtype = X[name].dtype if kind in "iuf" and not isinstance(value, str) else object
    return X.iloc[[0]].astype({name: dtype}).assign(**{name: pd.Series([value], index=X.index[:1], dtype=dtype)})


def with_default(feature: Feature, policies: Policies) -> Feature:
    """Return a feature with the default that the user chooses for it, if any.

    Raises:
        Refused: the default is not one of the feature's values.
    """
    text = policies.defaults.get(feature.name)
    if text is None:
        return feature
    try:
        value = msgspec.convert(text, value_type(feature), strict=False)
    except msgspec.ValidationError:
        allowed = f" (known are {listed([str(value) for value in feature.categories or ()])})" if feature.closed else ""
        raise Refused(f"the default {text!r} is not a value of {feature.name!r}, a {feature.type}{allowed}") from None
    return msgspec.structs.replace(feature, default=value)


def refuse_unknown_names(policies: Policies, names: Sequence[str]) -> None:
    """Check that policies are about features.

    Raises:
        Refused: a policy names another column.
    """
    strange = [name for name in (*policies.unknown, *policies.defaults) if name not in (EVERY, *names)]
    if strange:
        raise Refused(f"--unknown or --default names {listed(sorted(map(repr, set(strange))))}, which is not a feature")
