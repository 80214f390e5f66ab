"""The conditions and mappings of identity providers: the part of CEL that they use (https://cel.dev)."""

import ast
from collections.abc import Mapping
from typing import Any

from tests.local_cloud.errors import CodedError


def evaluate(expression: str, assertion: Mapping[str, Any]) -> Any:
    """Return the value of an expression over the claims of a token; 501 for what is not evaluated here."""
    # These operators are written differently in Python; the rest is the same.
    text = expression.replace("&&", " and ").replace("||", " or ")
    try:
        return _value(ast.parse(text, mode="eval").body, assertion)
    except SyntaxError:
        raise CodedError(501, f"The local cloud does not evaluate {expression}") from None


def _value(node: ast.expr, assertion: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value):
            return value
        case ast.List(elements):
            return [_value(each, assertion) for each in elements]
        case ast.Attribute(ast.Name("assertion"), claim):
            return assertion[claim]
        case ast.BinOp(left, ast.Add(), right):
            return _value(left, assertion) + _value(right, assertion)
        case ast.BoolOp(operator, values):
            return (all if isinstance(operator, ast.And) else any)(_value(each, assertion) for each in values)
        case ast.Compare(left, [operator], [right]):
            return _compared(_value(left, assertion), operator, _value(right, assertion))
    raise CodedError(501, f"The local cloud does not evaluate {ast.unparse(node)}")


def _compared(left: Any, operator: ast.cmpop, right: Any) -> bool:
    match operator:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.In():
            return left in right
    raise CodedError(501, f"The local cloud does not evaluate the operator {type(operator).__name__}")
