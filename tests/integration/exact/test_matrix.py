"""`make matrix-boosters`: a sample of it, through real functions, with fewer rows."""

import pytest

from tests.integration.exact.boosters import BOOSTERS
from tests.integration.exact.matrix import SORTED, check

SAMPLE = (
    "xgboost: softprob", "xgboost: logistic, missing -999", "xgboost: categories, sets", "lightgbm: multiclass",
    "lightgbm: categories", "lightgbm: cross_entropy_lambda", "catboost: MultiClass", "catboost: Poisson",
    "catboost: Tweedie", "xgboost: two targets, leaves that are vectors", "catboost: MultiQuantile",
)  # fmt: skip


@pytest.mark.parametrize("name", SAMPLE)
def test_a_function_predicts_what_the_library_predicts(name: str) -> None:
    """No label differs at edges, and no number by more than the proof says."""
    figures = check(BOOSTERS[name], rows=2000)
    assert figures.rows == 2000
    assert not figures.differs


def test_there_are_at_least_ninety_configurations() -> None:
    """That are served."""
    assert len(set(BOOSTERS) - set(SORTED)) >= 90
