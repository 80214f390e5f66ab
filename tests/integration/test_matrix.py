"""A sample of the combinations of `make matrix`: what is served is what scikit-learn predicts."""

import pytest

from tests.matrix.matrix import ALL_CLASSIFIERS, ALL_REGRESSORS, END, START, Case, cases, outcome, report, share
from tests.support.function_process import ROOT

SAMPLE = list(cases(227))


@pytest.mark.parametrize(
    "case", SAMPLE, ids=lambda case: f"{case.estimator}, {case.composition}, {case.style}, {case.way}"
)
def test_a_combination_is_served(case: Case) -> None:
    """In every dialect."""
    assert outcome(case) in ("equal", "impossible")


def test_a_model_that_predicts_something_else_is_noticed() -> None:
    """The outcome names the dialects, and the share counts what scikit-learn can fit."""
    outcomes = dict(zip(SAMPLE, ["equal", "impossible", "WRONG: V2", "refused: no", *["equal"] * 100], strict=False))
    served = sum(result == "equal" for result in outcomes.values())
    assert share(outcomes) == served / (len(outcomes) - 1)
    assert "- refused: no" in report(outcomes)


def test_the_matrix_is_documented() -> None:
    """46 estimators by 31 compositions, in two styles and two ways; at least 95 % are served."""
    assert len(ALL_CLASSIFIERS) + len(ALL_REGRESSORS) == 46
    assert len(list(cases())) == 46 * 31 * 2 * 2
    table = (ROOT / "docs/bring-your-model.md").read_text().partition(START)[2].partition(END)[0]
    assert float(table.partition("estimators, ")[2].partition("%")[0]) >= 95
