"""Check the attributes that choose which method an estimator calls, or whether it opens files, when it predicts.

For example, `stack_method_ = ["tofile"]` would write a file to the path in a caller's row or a golden row.
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
    # "filename" makes a vectorizer open the files that its rows name.
    "input": frozenset({"content"}),
}


def check_choices(targets: Iterable[Any]) -> None:
    """Refuse objects with other choices. Call this after everything is loaded: until then a list may grow."""
    for target in targets:
        for name in _CHOICES.keys() & vars(target).keys():
            chosen = _chosen(vars(target)[name])
            require(chosen <= _CHOICES[name], f"has an estimator with an unsupported {name}")


def _chosen(value: Any) -> set[str]:
    """Return the names that an attribute holds: one, or a list of them."""
    names = value if type(value) in (list, tuple) else [] if value is None else [value]
    require(all(isinstance(name, str) for name in names), "has an estimator whose method name is not text")
    return set(names)
