"""Which plans may differ from scikit-learn in a last digit: those with functions that libraries round differently."""

from function.model.plan.steps.structs import Apply, Normalize, Power, Step, Union
from function.model.plan.structs import Block, Plan, Source

ROUNDED = (Apply, Power, Normalize)


def may_round(plan: Plan) -> bool:
    """Tell whether a plan has a step that is not bitwise by construction."""
    return _in_source(plan.encoder)


def _in_source(source: Source) -> bool:
    return isinstance(source, Block) and (
        any(map(_in_step, source.steps)) or any(_in_source(part) for part in source.sources)
    )


def _in_step(step: Step) -> bool:
    if isinstance(step, Union):
        return any(_in_step(inner) for branch in step.branches for inner in branch.steps)
    return isinstance(step, ROUNDED)
