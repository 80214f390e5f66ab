"""The documents about the live model, encoded once for each model."""

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from function.http.descriptions import describe_model
from function.live.store import State
from function.model.loaded import LoadedModel

if TYPE_CHECKING:
    from function.http.openapi.document import Table


class Documents:
    """Encoded documents, which are forgotten together with what they describe."""

    def __init__(self) -> None:
        self._models: WeakKeyDictionary[State, bytes] = WeakKeyDictionary()
        self._apis: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()

    def model(self, state: State) -> bytes:
        """Return the description of a live model."""
        if state not in self._models:
            self._models[state] = msgspec.json.encode(describe_model(state, None))
        return self._models[state]

    def api(self, table: "Table", model: LoadedModel | None, max_rows: int) -> bytes:
        """Return the OpenAPI document for a live model, or for any while none is live."""
        # Imported here, because few processes are asked for it.
        from function.http.openapi.document import document

        subject = model or Documents
        if subject not in self._apis:
            self._apis[subject] = msgspec.json.encode(document(table, model, max_rows))
        return self._apis[subject]
