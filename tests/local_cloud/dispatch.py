"""Dispatch every API call of the local cloud: record it, apply a fault if one is set, return errors as Google does."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.local_cloud.error_response import error_response
from tests.local_cloud.errors import CloudError
from tests.local_cloud.exchange import Exchange, answer
from tests.local_cloud.faults import Faults
from tests.local_cloud.incoming import CALL, path_name
from tests.local_cloud.journal import Call, Journal

Handler = Callable[[Request], Awaitable[Response]]
Kind = Callable[[Request], str]


class Examiner(Protocol):
    """Looks at calls before and after they are carried out."""

    async def admit(self, request: Request) -> None:
        """Raise a CloudError to refuse a call."""

    async def compare(self, request: Request, response: Response) -> None:
        """See what a call was answered."""


@dataclass(frozen=True)
class Operation:
    """An API method of a service: HTTP method, path, kind of call, and handler.

    None as the method means all methods; `kind` is a function if it depends on the query.
    """

    method: str | None
    path: str
    kind: str | Kind
    handler: Handler

    def kind_of(self, request: Request) -> str:
        """Return the kind of a request."""
        return self.kind if isinstance(self.kind, str) else self.kind(request)


@dataclass(frozen=True)
class Dispatcher:
    """The journal and faults that all services share; `hang_up` closes the connection of a scope.

    An examiner may refuse calls, and sees what becomes of them.
    """

    calls: Journal
    faults: Faults
    hang_up: Callable[[Scope], None]
    examiner: Examiner | None = None

    def routes(self, operations: Iterable[Operation]) -> list[Route]:
        """Return the routes of a service's operations."""
        return [
            Route(row.path, Endpoint(self, row), methods=[row.method] if row.method else None) for row in operations
        ]


@dataclass(frozen=True)
class Endpoint:
    """An operation as an ASGI application."""

    dispatcher: Dispatcher
    operation: Operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the call and respond, with the fault that is set for this kind of call, if any."""
        request = Request(scope, receive)
        call = self._call(request)
        scope[CALL] = call
        self.dispatcher.calls.record(call)

        exchange = Exchange(
            respond=lambda: self._respond(request),
            hang_up=lambda: self.dispatcher.hang_up(scope),
            scope=scope,
            receive=receive,
            send=send,
        )
        await answer(exchange, self.dispatcher.faults.take(call.kind))

    def _call(self, request: Request) -> Call:
        bucket, object_name = path_name(request, "bucket"), path_name(request, "object")
        return Call(self.operation.kind_of(request), request.method, str(request.url), bucket, object_name)

    async def _respond(self, request: Request) -> Response:
        examiner = self.dispatcher.examiner
        try:
            response = await self._decided(request, examiner)
            if examiner:
                await examiner.compare(request, response)
        except ClientDisconnect:
            # The client disconnected during its upload: nobody reads this response.
            return error_response(CloudError(408, "The connection broke during the upload."))
        return response

    async def _decided(self, request: Request, examiner: Examiner | None) -> Response:
        try:
            if examiner:
                await examiner.admit(request)
            return await self.operation.handler(request)
        except CloudError as error:
            return error_response(error)
