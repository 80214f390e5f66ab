"""Plans and inputs that tests share."""

from typing import Any

import numpy as np

from function.model.plan.encoder import Encoder
from function.model.plan.steps.structs import Arithmetic
from function.model.plan.structs import Block, Category, Feature, Linear, Numbers, OneHot, Plan, Table

CITY = Category(0, ("Bern", "Lima", "Oslo"), unsupported=(3,))
SIZE = Category(1, (1, 2, 5))


def small_plan(**changes: Any) -> Plan:
    """Make a plan of a city as columns of ones, a size as a table, and a scaled price."""
    scaled = Block((Numbers((2,)),), (Arithmetic("subtract", (10.0,)), Arithmetic("divide", (4.0,))))
    parts: dict[str, Any] = {
        "features": (Feature("city"), Feature("size"), Feature("price", missing=False)),
        "categories": (CITY, SIZE),
        "encoder": Block(
            (
                OneHot(0, (0, 1, 2, -1, -1), 3),
                Table(1, ((0.5, 1.0), (1.5, 2.0), (2.5, 3.0), (0.0, 0.0), (9.0, 9.0))),
                scaled,
            )
        ),
        "linear": Linear(((1.0, 2.0, 3.0, 0.5, -0.5, 4.0),), (0.25,), "logistic", ("early", "late")),
    }
    return Plan(**{**parts, **changes})


def columns(*rows: tuple[Any, ...]) -> list[Any]:
    """Turn rows into the arrays that an encoder reads."""
    city, size, price = zip(*rows, strict=True)
    return [np.array(city, dtype=object), np.array(size, dtype=object), np.array(price, dtype=np.float64)]


def encoder(**changes: Any) -> Encoder:
    """Prepare the small plan."""
    return Encoder(small_plan(**changes))
