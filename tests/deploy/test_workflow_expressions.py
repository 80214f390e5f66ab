"""The expressions of the workflows, as GitHub documents them."""

from typing import Any

import pytest

from tests.deploy.workflows.expressions import UnknownExpressionError, evaluate, filled

CONTEXTS = {
    "vars": {"NAME": "a"},
    "inputs": {"skip": True},
    "needs": {"build": {"result": "success", "outputs": {"sha256": "0f"}}},
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("vars.NAME", "a"),
        ("vars.NONE || 'taxiway'", "taxiway"),
        ("vars.NAME == 'a' && vars.NONE || 'b'", "b"),
        ("needs.build.outputs.sha256 == '0f'", True),
        ("needs.staging.outputs.tested == needs.build.outputs.sha256", False),
        ("vars.NAME != '' && !inputs.skip", False),
        ("!cancelled() && (vars.NONE == 'a' || inputs.skip)", True),
        ("vars.NONE != 'a' || nobody.asks", True),
    ],
)
def test_an_expression_has_a_value(expression: str, value: Any) -> None:
    """The first operand that decides; what a context does not have is empty."""
    assert evaluate(expression, CONTEXTS, {"cancelled": lambda: False}) == value


@pytest.mark.parametrize("expression", ["nobody.asks", "success()", "vars.NAME in inputs", "1 < 2"])
def test_what_is_not_known_fails(expression: str) -> None:
    """Rather than being taken for empty."""
    with pytest.raises(UnknownExpressionError):
        evaluate(expression, CONTEXTS)


def test_values_are_filled_in() -> None:
    """Booleans as GitHub writes them."""
    assert filled("${{ vars.NAME }}-${{inputs.skip}}", CONTEXTS) == "a-true"
    assert [filled(value, CONTEXTS) for value in (True, 7)] == ["true", "7"]
