"""What calls about datasets and routines have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from tests.local_cloud.errors import CodedError
from tests.local_cloud.incoming import json_object
from tests.local_cloud.regular.collection_api import CollectionApi, params


class BigQueryApi(CollectionApi):
    """The id is in a reference, such as `datasetReference.datasetId`; a deletion is answered with nothing."""

    reference: str

    @abstractmethod
    def checked(self, place: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Refuse what can't be, before it is made or replaced."""

    def new_id(self, request: Request, body: Mapping[str, Any]) -> str:
        """Return the id in the reference; 400."""
        id = body.get(f"{self.reference}Reference", {}).get(f"{self.reference}Id")
        if not id:
            raise CodedError(400, f"Required parameter is missing: {self.reference}Reference.{self.reference}Id")
        return str(id)

    async def insert(self, request: Request) -> Response:
        """Make a resource: 200, 400, 404 or 409."""
        self.checked(params(request), await json_object(request))
        return await super().insert(request)

    async def change(self, request: Request) -> Response:
        """Replace a resource: 200, 400 or 404."""
        self.checked(params(request), await json_object(request))
        return await super().change(request)

    async def delete(self, request: Request) -> Response:
        """Delete a resource: 204 or 404."""
        self.collection.delete(self.name(request))
        return Response(status_code=204)
