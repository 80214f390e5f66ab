"""Tables with bytes changed at random: whatever is sent, it is predicted or refused, and never anything else."""

import random
from collections.abc import Sequence

import pytest

from function.errors import Problem
from function.http.formats.families import INVOCATIONS, ROWS
from function.http.formats.negotiation import Sent, codec_of
from function.inference.prediction import predict, predict_valid
from function.model.loaded import LoadedModel, load
from model_training.bundling.building import Packed
from tests.support.damaged import GOOD
from tests.support.foreign_models import MODELS
from tests.support.formats import ARROW, bodies_of
from tests.support.fuzz import mutated_bytes, numbers
from tests.support.packed_models import instances_of, packed_of
from tests.support.variants import LIMIT

MANY = {"Arrow": 5, "others": 2}
"""How many bodies each try has; in streams of Arrow, more numbers may be wrong."""
WORDS = (
    b"\xff" * 8,
    bytes(8),
    (2**62).to_bytes(8, "little"),
    (2**31 - 1).to_bytes(4, "little"),
    (-(2**31)).to_bytes(4, "little", signed=True),
    b"\x01" + bytes(7),
    b"\x10\x00\x00\x00",
    b"\x80",
)
QUERIES = (b"", b"on_error=null", b"output=probability")


@pytest.fixture(scope="module", params=["flights", "mixed"])
def model(request: pytest.FixtureRequest, packed: Packed) -> LoadedModel:
    """A model of categories, and one of text and numbers some of which are missing."""
    bundle = packed if request.param == "flights" else packed_of(MODELS["mixed"](), "mixed")
    return load(bundle.data, None, LIMIT)


def mutated(body: bytes, dice: random.Random) -> bytes:
    """Change a few bytes, or write a number that means something over others."""
    if dice.random() < 1 / 2:
        return mutated_bytes(body, dice)
    content, word = bytearray(body), dice.choice(WORDS)
    at = dice.randrange(len(content)) & ~dice.choice((7, 3, 0))
    content[at : at + len(word)] = word
    return bytes(content)


def tried(bodies: Sequence[tuple[str, str, bytes]], model: LoadedModel, count: int, dice: random.Random) -> set[str]:
    """Respond to changed bodies; return whether some were predicted, and some were not."""
    predicted: set[str] = set()
    for _ in range(count):
        path, media_type, body = dice.choice(bodies)
        family = INVOCATIONS if path == "/invocations" else ROWS
        codec = codec_of(family, Sent({b"content-type": media_type.encode()}, dice.choice(QUERIES), 1000))
        try:
            query = codec.decode(mutated(body, dice), model)
        except Problem:
            predicted.add("refused")
            continue
        query, outputs = (query, predict(query, model)) if query.kept is None else predict_valid(query, model)
        rows = query.rows + query.skipped
        assert codec.encode(query, outputs, model).body or not rows  # No line is the response to no line.
        predicted.add("predicted")
    return predicted


@pytest.mark.parametrize("kind", ["Arrow", "others"])
def test_no_body_is_anything_but_predicted_or_refused(model: LoadedModel, kind: str) -> None:
    """Both happen."""
    instances = GOOD if "carrier" in model.schema.names else instances_of(MODELS["mixed"]().X.head(12))
    bodies = [sent for sent in bodies_of(instances).values() if (sent.media_type == ARROW) == (kind == "Arrow")]
    dice = random.Random(kind)  # noqa: S311 (repeatable)
    found: set[str] = set()
    for _ in numbers():
        found |= tried(bodies, model, MANY[kind], dice)
    assert found == {"predicted", "refused"}
