"""The attributes that choose what an estimator calls, or opens, while it predicts.

`stack_method_ = ["tofile"]` beside a text for an estimator would write a file where a caller, or a golden row, says.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from function.model.joblib.constructors.tokens import require

_METHODS = frozenset({"auto", "decision_function", "predict", "predict_log_proba", "predict_proba", "transform"})
_CHOICES: Mapping[str, frozenset[str]] = {
    "_response_method": _METHODS,
    "chain_method": _METHODS,
    "chain_method_": _METHODS,
    "response_method": _METHODS,
    "stack_method": _METHODS,
    "stack_method_": _METHODS,
    # "filename" makes a vectorizer open what its rows name.
    "input": frozenset({"content"}),
}


def check_choices(targets: Iterable[Any]) -> None:
    """Refuse objects that would call or open something else, once all is loaded: until then a list may grow."""
    for target in targets:
        for name in _CHOICES.keys() & vars(target).keys():
            chosen = _chosen(vars(target)[name])
            require(chosen <= _CHOICES[name], f"has an estimator with an odd {name}")


def _chosen(value: Any) -> set[str]:
    """Return the one name, or all the names in a list."""
    names = value if type(value) in (list, tuple) else [] if value is None else [value]
    require(all(isinstance(name, str) for name in names), "has an estimator that calls no method")
    return set(names)
