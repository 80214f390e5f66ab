"""JSON Schemas of the inputs and predictions of the live model, with examples."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from function.http.openapi.json_schema import (
    ANYTHING,
    PROBABILITY,
    Json,
    array,
    fixed_array,
    mapping,
    one_of_values,
    plain,
)
from function.model.faults import listed
from function.model.loaded import LoadedModel
from function.model.manifest import Feature, Manifest

EXAMPLES = 10
"""The most known values of an open feature that are shown."""
SCORE = "Negative for an outlier; the lower, the more abnormal is the row."
REFERENCE = "#/components/schemas/{name}"


class ModelSchemas:
    """The schemas of one model, or of any model if none is given."""

    def __init__(self, model: LoadedModel | None, max_rows: int) -> None:
        """Create the components `Row`, `Values` and `Vector`; the first two are None if the model has no such rows."""
        self.model = model
        self.max_rows = max_rows
        self.components: Json = {}
        self.row: Json | None = mapping(ANYTHING)
        self.values: Json | None = None
        self.vector: Json = array({"type": "number"})
        self.features: list[Json] = []
        if model:
            self._describe(model)

    def add(self, struct: type[Struct], properties: Mapping[str, Json] | None = None) -> Json:
        """Add a type to the components and return its reference; `properties` replaces schemas of its properties."""
        (reference,), components = msgspec.json.schema_components([struct], ref_template=REFERENCE)
        components[struct.__name__]["properties"].update(properties or {})
        self.components.update(components)
        return reference

    @property
    def label(self) -> Json:
        """Schema of a predicted label: a class, or a number; an array of them if the model has several outputs."""
        if self.model is None:
            return ANYTHING
        several = self.model.manifest.predicted_outputs
        schema = fixed_array([_label(output.classes) for output in several]) if several else self._label
        said = " ".join(target_sentences(self.model.manifest))
        return {**schema, "description": said} if said else schema

    @property
    def _label(self) -> Json:
        return _label(self.model.manifest.classes if self.model else None)

    @property
    def score(self) -> Json | None:
        """Schema of the score of an outlier detector; None if the model has no scores."""
        has_scores = self.model is not None and self.model.has_scores
        return {"type": "number", "description": SCORE} if has_scores else None

    @property
    def probability(self) -> Json | None:
        """Schema of a predicted probability; None if the model does not predict probabilities."""
        if self.model and not self.model.has_probabilities:
            return None
        if self.model and self.model.manifest.task == "binary":
            return PROBABILITY
        return mapping(PROBABILITY) if self.model else ANYTHING

    def example_row(self) -> Json | None:
        """Return a row that the model can predict; None if it names no features or has no golden rows."""
        golden = self.model.manifest.golden if self.model else None
        if self.model is None or golden is None or not self.model.schema.names:
            return None
        row = next((row for row in golden.rows if _is_usual(row, self.model.schema.features)), golden.rows[0])
        return dict(zip(self.model.schema.names, row, strict=True))

    def example_matrix(self) -> list[float] | None:
        """Return a row of a matrix of numbers: features in order, or an encoded vector; None if there is none."""
        if self.model is None or not self.model.schema.arrays_are_rows:
            return self.example_vector()
        values = list((self.example_row() or {"": ""}).values())
        return values if all(type(value) in (int, float) for value in values) else None

    def example_vector(self) -> list[float] | None:
        """Return an encoded vector that the model can predict; None if it has no golden rows to be sure of that."""
        golden = self.model.manifest.golden if self.model else None
        return [0] * self.model.schema.width if self.model and golden else None

    def _describe(self, model: LoadedModel) -> None:
        schema = model.schema
        types = [schema.Vector, *([schema.Row] if schema.Row else [])]
        (vector, *rows), components = msgspec.json.schema_components(types, ref_template=REFERENCE)
        self.components = dict(components)
        columns = listed([plain(name) for name in model.manifest.encoded])
        self.components["Vector"] = {**vector, "description": f"An encoded vector: {columns}."}
        self.vector, self.row = {"$ref": REFERENCE.format(name="Vector")}, None
        if rows:
            (self.row,) = rows
            self._describe_row(self.components["Row"], model)
        if schema.row_length:
            values = {**fixed_array(self.features), "description": "The values of a row, in the order of the features."}
            self.components["Values"], self.values = values, {"$ref": REFERENCE.format(name="Values")}

    def _describe_row(self, row: Json, model: LoadedModel) -> None:
        row["description"] = "A row of named features."
        for feature in model.manifest.features:
            described = row["properties"][feature.name]
            if feature.format is not UNSET:
                _use_format(described, feature.format)
            if feature.description:
                described["description"] = plain(feature.description)
            if feature.open:
                described["examples"] = list(feature.categories or ())[:EXAMPLES]
            self.features.append(described)


def _label(classes: Sequence[Any] | UnsetType | None) -> Json:
    return one_of_values(classes) if classes else {"type": "number"}


def _is_usual(row: Sequence[Any], features: Sequence[Feature]) -> bool:
    """Return whether a row has a known value for each feature."""
    return all(
        value is not None and (not feature.categories or value in feature.categories)
        for value, feature in zip(row, features, strict=True)
    )


def _use_format(schema: Json, name: str) -> None:
    """Describe text by a format, which says more than the pattern that the rows are checked by."""
    text = next(option for option in schema.get("anyOf", [schema]) if option.get("type") == "string")
    text.pop("pattern")
    text["format"] = name


def target_sentences(manifest: Manifest) -> list[str]:
    """Describe what the model predicts: the target, its unit and what its classes mean; empty if nothing says so."""
    target, wording, sentences = manifest.target, manifest.wording, []
    if target:
        unit = f" in {plain(wording.unit)}" if wording.unit else ""
        about = f" ({plain(target.description)})" if target.description else ""
        sentences.append(f"Predicts {plain(target.name)}{unit}{about}.")
    said = zip(manifest.classes or (), wording.classes, strict=False)
    sentences += [f"{plain(str(label))} means: {plain(meaning)}." for label, meaning in said if meaning]
    return sentences
