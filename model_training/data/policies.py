"""What a model does with values and fields that it does not know, and with features that a row lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from function.model.manifest import Unknown, UnknownFields

EVERY = ""
"""The key of `unknown` for the features that are not named."""


@dataclass(frozen=True)
class Policies:
    """The policies that the user chooses; the model decides the others."""

    unknown: Mapping[str, Unknown] = field(default_factory=dict)
    """For each feature, whether categories that the model does not know are open or closed."""
    unknown_fields: UnknownFields = "refuse"
    defaults: Mapping[str, str] = field(default_factory=dict)
    """For each feature, as text, the value of rows that lack it."""

    def unknown_of(self, feature: str) -> Unknown | None:
        """Return the policy for a feature's unknown categories; None if the user chose none."""
        return self.unknown.get(feature, self.unknown.get(EVERY))

    def updated(self, other: "Policies") -> "Policies":
        """Return these policies with those that `other` chooses."""
        fields = other.unknown_fields if other.unknown_fields != "refuse" else self.unknown_fields
        return Policies({**self.unknown, **other.unknown}, fields, {**self.defaults, **other.defaults})


CLOSED = Policies({EVERY: "closed"})
