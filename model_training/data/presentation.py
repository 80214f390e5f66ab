"""What a model is called and what it predicts, in words for people: name, title, descriptions and unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec import structs

from function.model.manifest import Scalar
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable


@dataclass(frozen=True)
class Presentation:
    """The words that the user gives; empty ones leave a data set as it is."""

    name: str = ""
    title: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    """What a class, a feature or the target means, by its name."""
    unit: str = ""
    """The unit of the value that a regression predicts."""


NOTHING = Presentation()


def present(data: Dataset, given: Presentation, classes: Sequence[Scalar]) -> Dataset:
    """Add the words of a presentation to a data set.

    Args:
        data: the data set.
        given: the words.
        classes: the classes that the model predicts, in its order; empty for a regression.

    Raises:
        BadTable: there is no class, feature or target of a described name, or no value that could have a unit.
    """
    if given.unit and classes:
        raise BadTable(f"--unit {given.unit!r} needs a regression: classes have no unit; describe them with --describe")
    meanings = {name: given.descriptions.get(name, "") for name in map(_name_of, classes)}
    target = "" if data.y is None else str(data.y.name)
    # A class comes first: `late=...` describes the class late of the target late.
    features = {name: text for name, text in given.descriptions.items() if name in data.X and name not in meanings}
    known = [*meanings, *map(str, data.X.columns), *([target] if target else [])]
    if unknown := [name for name in given.descriptions if name not in known]:
        raise BadTable(f"--describe names {', '.join(map(repr, unknown))}; it can describe {', '.join(known)}")
    wording = structs.replace(data.wording, unit=given.unit or data.wording.unit)
    if any(meanings.values()):
        before = data.wording.classes or ("",) * len(classes)
        after = [text or old for text, old in zip(meanings.values(), before, strict=True)]
        wording = structs.replace(wording, classes=tuple(after), chance="")
    described = given.descriptions.get(target, "") if target not in meanings else ""
    return replace(
        data,
        name=given.name or data.name,
        title=given.title or data.title,
        descriptions={**data.descriptions, **features},
        description=described or data.description,
        wording=wording,
    )


def _name_of(label: Scalar) -> str:
    """Return the name of a class; of a boolean as JSON has it."""
    return str(label).lower() if isinstance(label, bool) else str(label)
