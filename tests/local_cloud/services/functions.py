"""Cloud Functions v2: a function's resource, and the host that runs it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.local_cloud.clock import timestamp
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.errors import CodedError
from tests.local_cloud.incoming import json_object
from tests.local_cloud.project import Project
from tests.local_cloud.regular.collection import Collection
from tests.local_cloud.regular.collection_api import CollectionApi, mask, params
from tests.local_cloud.regular.kind import Kind
from tests.local_cloud.regular.masks import apply_mask
from tests.local_cloud.regular.resource import Resource
from tests.local_cloud.running.host import Deployed, Host
from tests.local_cloud.running.problem import BuildProblem
from tests.local_cloud.services import run_services

# The provider sends a call again after 120 s without an answer, and asks for an operation every 10.
PATIENCE_SECONDS = 60.0
INVALID_ARGUMENT = 3
INTERNAL = 13


def _computed(resource: Resource, project: Project) -> dict[str, Any]:
    location, fields, facts = resource.params["location"], resource.fields, resource.facts
    source = {
        "bucket": f"gcf-v2-sources-{project.number}-{location}",
        "object": f"{resource.id}/function-source.zip",
        "generation": facts["generation"],
    }
    return {
        "name": resource.name,
        "buildConfig": {
            **fields.get("buildConfig", {}),
            "source": {"storageSource": source},
            "build": f"projects/{project.number}/locations/{location}/builds/{facts['build']}",
            "sourceProvenance": {"resolvedStorageSource": source},
            "dockerRegistry": "ARTIFACT_REGISTRY",
        },
        "serviceConfig": {
            **fields.get("serviceConfig", {}),
            "revision": facts["revision"],
            "service": resource.name.replace("/functions/", "/services/"),
            "uri": facts["uri"],
        },
        "environment": "GEN_2",
        "state": "ACTIVE",
        "url": f"https://{location}-{project.id}.cloudfunctions.net/{resource.id}",
        "createTime": timestamp(resource.created),
        "updateTime": timestamp(resource.updated),
        "satisfiesPzi": True,
    }


FUNCTIONS = Kind(
    host="cloudfunctions",
    version="v2",
    pattern="projects/{project}/locations/{location}/functions",
    id_query="functionId",
    computed=_computed,
    operation="google.cloud.functions.v2.Function",
)


class FunctionApi(CollectionApi):
    """What is written here is true once the function answers: one that never did leaves nothing."""

    def __init__(self, collection: Collection, host: Host) -> None:
        """Run the functions of `collection` on `host`."""
        super().__init__(collection)
        self._host = host
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def insert(self, request: Request) -> Response:
        """Start a function: an operation, which fails when the function does not come up; 409."""
        body, place = await json_object(request), params(request)
        id = str(self.new_id(request, body))
        name = self.collection.vacant(place, id)

        def keep(deployed: Deployed) -> Resource:
            return self.collection.insert(place, id, body, self._facts(deployed))

        return await self._deploy(request, name, body, keep)

    async def change(self, request: Request) -> Response:
        """Start another revision of a function: an operation; when it fails, the old one goes on."""
        body, name = await json_object(request), self.name(request)
        resource = self.collection.get(name)
        fields = apply_mask(resource.fields, body, mask(request, body))

        def keep(deployed: Deployed) -> Resource:
            resource.fields = fields
            resource.facts = self._facts(deployed)
            self.collection.touch(resource)
            return resource

        return await self._deploy(request, name, fields, keep)

    async def delete(self, request: Request) -> Response:
        """Stop a function."""
        name = self.name(request)
        self._check_idle(name)
        self.collection.delete(name)
        self.common.policies.forget(run_services.full_name(name))
        await asyncio.to_thread(self._host.remove, name)
        return self.answer(request, None)

    async def _deploy(self, request: Request, name: str, fields: Mapping[str, Any], keep: Any) -> Response:
        self._check_idle(name)
        operation = self.common.long_running.start(self.common.project.id, params(request)["location"])
        self._busy.add(name)
        task = asyncio.create_task(self._carry_out(operation, name, fields, keep))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        return JSONResponse(self.common.long_running.get(operation))

    async def _carry_out(self, operation: str, name: str, fields: Mapping[str, Any], keep: Any) -> None:
        try:
            deployed = await asyncio.to_thread(self._host.deploy, name, fields)
            shown = self.collection.shown(keep(deployed))
            self.common.long_running.succeed(operation, self.kind.operation, shown)
        except BuildProblem as problem:
            self.common.long_running.fail(operation, INVALID_ARGUMENT, str(problem))
        finally:
            self._busy.discard(name)
            if not self.common.long_running.get(operation).get("done"):
                self.common.long_running.fail(operation, INTERNAL, "An internal error; the server's log has it.")

    def _check_idle(self, name: str) -> None:
        if name in self._busy:
            raise CodedError(409, "unable to queue the operation")

    def _facts(self, deployed: Deployed) -> dict[str, Any]:
        return {
            "uri": deployed.uri,
            "revision": deployed.revision,
            "build": self.common.number(),
            "generation": str(self.common.clock.tick()),
        }


def operations(common: Common, functions: Collection, host: Host) -> list[Operation]:
    """Return the calls about functions, and about the services that they are in Cloud Run."""
    return [*FunctionApi(functions, host).operations(), *run_services.operations(common, functions)]
