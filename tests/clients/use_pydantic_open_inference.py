"""`pydantic-open-inference` asks a function all it can; what came back is printed as JSON."""

import json
import sys
from typing import Any, NamedTuple

from pydantic_open_inference import InputsBaseModel, OutputsBaseModel, RemoteModel


class Text(NamedTuple):
    """One text; a plain tuple would be of any length."""

    value: str


class Whole(NamedTuple):
    """One whole number."""

    value: int


class Chances(NamedTuple):
    """A probability each class."""

    on_time: float
    late: float


class Flights(InputsBaseModel):  # type: ignore[misc]
    """The columns, of shape [n, 1]."""

    carrier: list[Text]
    month: list[Whole]
    origin: list[Text]
    period: list[Text]


class Delays(OutputsBaseModel):  # type: ignore[misc]
    """What is known of them."""

    predict: list[int]
    predict_proba: list[Chances]


def flights_of(rows: list[dict[str, Any]]) -> Flights:
    """Turn rows into columns."""
    return Flights(**{name: [(row[name],) for row in rows] for name in rows[0]})


def main(url: str, name: str, version: str, flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask, and return the answers."""
    model, versioned, other = (
        RemoteModel(model_name=asked, model_version=of, inputs_model=Flights, outputs_model=Delays, server_url=url)
        for asked, of in ((name, None), (name, version), ("other", None))
    )
    model.validate()
    versioned.validate()
    try:
        model.infer(flights_of([*flights, {**flights[0], "origin": "SFO"}]))
    except Exception as error:
        status = getattr(error, "status_code", None)
    delays = model.infer(flights_of(flights))
    return {
        "ready": [model.is_ready(), versioned.is_ready(), other.is_ready()],
        "labels": delays.predict,
        "probabilities": delays.predict_proba,
        "same": delays == versioned.infer(flights_of(flights)),
        "bad_row": status,
    }


if __name__ == "__main__":
    print(json.dumps(main(**json.loads(sys.argv[1]))))  # noqa: T201
