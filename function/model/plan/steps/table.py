"""All steps that prepare matrices by themselves."""

from collections.abc import Callable
from typing import Any

from function.model.plan.steps import bins, elementwise, missing, polynomial, power, spline, structs
from function.model.plan.steps.prepared import Prepared

PREPARE: dict[type, Callable[[Any, int], Prepared]] = {
    structs.Arithmetic: elementwise.arithmetic,
    structs.Clip: elementwise.clip,
    structs.Threshold: elementwise.threshold,
    structs.Apply: elementwise.function,
    structs.Impute: missing.impute,
    structs.Indicate: missing.indicate,
    structs.Select: missing.select,
    structs.Polynomial: polynomial.polynomial,
    structs.Bins: bins.bins,
    structs.Spline: spline.spline,
    structs.Power: power.power,
    structs.Normalize: power.normalize,
}
"""What prepares each for matrices of a width; raises BadPlan if it does not fit them."""
