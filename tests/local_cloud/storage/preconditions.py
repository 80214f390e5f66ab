"""Preconditions: what must be true of an object for a call to be carried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tests.local_cloud.errors import CloudError
from tests.local_cloud.parsing import parse_number

NOT_MET = "At least one of the pre-conditions you specified did not hold."


@dataclass(frozen=True)
class Preconditions:
    """The four preconditions of Cloud Storage; None asks for nothing.

    An object that does not exist has generation and metageneration 0.
    """

    generation_match: int | None = None
    generation_not_match: int | None = None
    metageneration_match: int | None = None
    metageneration_not_match: int | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str], prefix: str = "if") -> Self:
        """Read them from query parameters; the prefix `ifSource` is for a copy's source."""
        # In any case: the Python client writes ifMetaGenerationNotMatch when it uploads.
        values = {name.lower(): text for name, text in query.items()}
        names = ("GenerationMatch", "GenerationNotMatch", "MetagenerationMatch", "MetagenerationNotMatch")
        return cls(*(parse_number(prefix + name, values.get((prefix + name).lower())) for name in names))

    def check(self, generation: int, metageneration: int, *, reading: bool = False) -> None:
        """Fail with 412, or with 304 when reading what the caller already has."""
        if self.generation_match not in (None, generation):
            raise CloudError(412, NOT_MET)
        if self.metageneration_match not in (None, metageneration):
            raise CloudError(412, NOT_MET)
        if generation == self.generation_not_match or metageneration == self.metageneration_not_match:
            raise CloudError(304 if reading else 412, NOT_MET)


ALWAYS = Preconditions()
