"""GitHub's expressions: the part of the language that the workflows use.

https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
STATUS = re.compile(r"\b(success|failure|always|cancelled)\(\)")

Contexts = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]


class UnknownExpressionError(AssertionError):
    """Something is not evaluated here; the message has it."""


def evaluate(expression: str, contexts: Contexts, functions: Functions | None = None) -> Any:
    """Return the value of an expression; a context that has no such value gives an empty string.

    Raises:
        UnknownExpressionError: no such context or function is given, or the expression is of another kind.
    """
    # These operators are written differently in Python; the rest is the same.
    text = re.sub(r"!(?!=)", " not ", expression.replace("&&", " and ").replace("||", " or "))
    return _Evaluator(contexts, functions or {}).value(ast.parse(f"({text})", mode="eval").body)


def filled(text: object, contexts: Contexts) -> str:
    """Return a value of a workflow with its expressions replaced by what they come to."""
    return EXPRESSION.sub(lambda found: _text(evaluate(found[1], contexts)), _text(text))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class _Evaluator:
    contexts: Contexts
    functions: Functions

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name) if name in self.contexts:
                return self.contexts[name]
            case ast.Attribute(within, name):
                found = self.value(within)
                return found.get(name, "") if isinstance(found, Mapping) else ""
            case ast.Call(ast.Name(name), arguments) if name in self.functions:
                return self.functions[name](*map(self.value, arguments))
        return self._combined(node)

    def _combined(self, node: ast.expr) -> Any:
        match node:
            case ast.UnaryOp(ast.Not(), operand):
                return not self.value(operand)
            case ast.BoolOp(operator, [first, *rest]):
                # The first value that decides, as in Python.
                decides = isinstance(operator, ast.Or)
                return reduce(
                    lambda value, each: value if bool(value) == decides else self.value(each), rest, self.value(first)
                )
            case ast.Compare(left, [ast.Eq() | ast.NotEq() as operator], [right]):
                return (self.value(left) == self.value(right)) == isinstance(operator, ast.Eq)
        raise UnknownExpressionError(ast.unparse(node))
