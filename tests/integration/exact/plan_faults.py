"""Faults to inject into plans, as plain data."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Fault = Callable[[Any, np.random.Generator], bool]
"""Change a plan; return whether there was a place for it."""
TINY = 1e-200


def _tagged(node: Any, kind: str) -> Iterator[Any]:
    """Find all parts of a plan of one kind."""
    if isinstance(node, dict):
        if node.get("type") == kind:
            yield node
        for value in node.values():
            yield from _tagged(value, kind)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _tagged(value, kind)


def _off(numbers: list[Any], rng: np.random.Generator) -> bool:
    """Change one number of a list by one ulp."""
    places = [place for place, number in enumerate(numbers) if number is not None and abs(number) > TINY]
    if not places:
        return False
    place = int(rng.choice(places))
    numbers[place] = float(np.nextafter(numbers[place], np.inf if rng.integers(2) else -np.inf))
    return True


def _lists(numbers: list[Any]) -> Iterator[list[Any]]:
    """Find the innermost lists that hold a number other than zero."""
    if numbers and isinstance(numbers[0], list):
        for inner in numbers:
            yield from _lists(inner)
    elif any(number is not None and abs(number) > TINY for number in numbers):
        yield numbers


def _in_one(kind: str, field: str) -> Fault:
    """Change one number of a field, of one of the parts of a kind."""

    def fault(plan: Any, rng: np.random.Generator) -> bool:
        choices = [numbers for part in _tagged(plan, kind) for numbers in _lists(part[field])]
        return bool(choices) and _off(choices[rng.integers(len(choices))], rng)

    return fault


def knot_off(plan: Any, rng: np.random.Generator) -> bool:
    """Change a knot by one ulp; the first and the last one bound no spline that is evaluated."""
    for spline in _tagged(plan, "spline"):
        knots = spline["knots"][rng.integers(len(spline["knots"]))]
        inner = knots[1:-1]
        found = _off(inner, rng)
        knots[1:-1] = inner
        return found
    return False


def code_wrong(plan: Any, rng: np.random.Generator) -> bool:
    """Exchange the codes of two values."""
    choices = [category for category in plan["categories"] if len(category["values"]) > 1]
    if not choices:
        return False
    values = choices[rng.integers(len(choices))]["values"]
    i, j = rng.choice(len(values), 2, replace=False)
    values[i], values[j] = values[j], values[i]
    return True


def column_wrong(plan: Any, rng: np.random.Generator) -> bool:
    """Put the one of a code into another column."""
    parts = list(_tagged(plan, "one-hot"))
    if not parts:
        return False
    part = parts[rng.integers(len(parts))]
    place = int(rng.integers(len(part["columns"]) - 2))
    part["columns"][place] = (part["columns"][place] + 1) % part["width"]
    return True


def steps_swapped(plan: Any, rng: np.random.Generator) -> bool:
    """Exchange two steps that follow each other."""
    parts = [part for part in _tagged(plan, "block") if len(part["steps"]) > 1]
    if not parts:
        return False
    steps = parts[rng.integers(len(parts))]["steps"]
    place = int(rng.integers(len(steps) - 1))
    steps[place], steps[place + 1] = steps[place + 1], steps[place]
    return True


def features_swapped(plan: Any, rng: np.random.Generator) -> bool:
    """Read two features in each other's place."""
    parts = [part for part in _tagged(plan, "numbers") if len(part["features"]) > 1]
    if not parts:
        return False
    features = parts[rng.integers(len(parts))]["features"]
    i, j = rng.choice(len(features), 2, replace=False)
    features[i], features[j] = features[j], features[i]
    return True


def reference_off(plan: Any, rng: np.random.Generator) -> bool:
    """Count days from the day before or after."""
    parts = list(_tagged(plan, "dates"))
    if not parts:
        return False
    parts[rng.integers(len(parts))]["reference"] += int(rng.choice([-1, 1]))
    return True


def parts_swapped(plan: Any, rng: np.random.Generator) -> bool:
    """Exchange two parts of a date."""
    dates = list(_tagged(plan, "dates"))
    if not dates:
        return False
    parts = dates[rng.integers(len(dates))]["parts"]
    i, j = rng.choice(len(parts), 2, replace=False)
    parts[i], parts[j] = parts[j], parts[i]
    return True


def dates_swapped(plan: Any, _: np.random.Generator) -> bool:
    """Read two dates in each other's place."""
    dates = list(_tagged(plan, "dates"))
    if len(dates) < 2:
        return False
    dates[0]["feature"], dates[1]["feature"] = dates[1]["feature"], dates[0]["feature"]
    return True


def refusal_forgotten(plan: Any, rng: np.random.Generator) -> bool:
    """Support a value that scikit-learn refuses."""
    choices = [category for category in plan["categories"] if category["unsupported"]]
    if not choices:
        return False
    choices[rng.integers(len(choices))]["unsupported"].pop()
    return True


def coefficient_off(plan: Any, rng: np.random.Generator) -> bool:
    """Change a coefficient or an intercept by one ulp."""
    linear = plan["linear"]
    if linear is None:
        return False
    return _off(linear["intercept"] if rng.integers(2) else linear["coefficients"][0], rng)


def link_wrong(plan: Any, _: np.random.Generator) -> bool:
    """Turn scores into probabilities in another way."""
    linear = plan["linear"]
    if linear is None or linear["link"] != "logistic":
        return False
    linear["link"] = "modified-huber"
    return True


PLAN_FAULTS: dict[str, Fault] = {
    "a table's entry one ulp off": _in_one("table", "rows"),
    "a scale one ulp off": _in_one("arithmetic", "values"),
    "a filled-in value one ulp off": _in_one("impute", "values"),
    "an edge of a bin one ulp off": _in_one("bins", "edges"),
    "a knot one ulp off": knot_off,
    "a wrong code": code_wrong,
    "a wrong column": column_wrong,
    "steps swapped": steps_swapped,
    "features swapped": features_swapped,
    "days from another day": reference_off,
    "parts swapped": parts_swapped,
    "dates swapped": dates_swapped,
    "a refusal forgotten": refusal_forgotten,
    "a coefficient one ulp off": coefficient_off,
    "a wrong link": link_wrong,
}
