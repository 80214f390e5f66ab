"""function/http/documents.py: encoded once for each model, and forgotten with it."""

import gc
import json
import weakref

from function.http.documents import Documents
from function.http.routes import TABLE
from function.live.store import State
from function.model.loaded import load
from model_training.bundling.building import Packed


def test_a_document_is_encoded_once(packed: Packed) -> None:
    """As long as it describes the same."""
    documents, state = Documents(), State(live=load(packed.data, 1, 10_000_000))
    assert documents.model(state) is documents.model(state)
    assert json.loads(documents.model(state))["version"] == packed.manifest.version
    for model in (state.live, None):
        assert documents.api(TABLE, model, 7) is documents.api(TABLE, model, 7)
    assert documents.api(TABLE, state.live, 7) != documents.api(TABLE, None, 7)


def test_a_model_is_not_kept_by_its_documents(packed: Packed) -> None:
    """Its memory is needed for the next one."""
    documents, model = Documents(), load(packed.data, 1, 10_000_000)
    documents.api(TABLE, model, 7)
    documents.model(State(live=model))
    old = weakref.ref(model)
    del model
    gc.collect()
    assert old() is None
