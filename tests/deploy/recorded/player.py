"""Plays calls about resources whose names are the cloud's to choose, or its numbers' part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.deploy.recorded.calls import creating, given_id
from tests.deploy.recorded.comparison import compare, leaves, outcome, unwrapped
from tests.deploy.test_deployed_function import source_zip
from tests.local_cloud import LocalCloud

PATH_PARAMETERS = {"{project}": "rehearsal", "{location}": "europe-west1"}
SOURCE = {"bucket": "sources", "object": "source.zip"}


@dataclass
class Made:
    """A resource that the player made: where it is, what it is now, and what it was in the recording."""

    path: str
    now: Mapping[str, Any]
    recorded: Mapping[str, Any]


class Player:
    """Plays calls, with the ids and etags of what it made itself."""

    def __init__(self, cloud: LocalCloud) -> None:
        """Upload a source for functions."""
        self.api = httpx.Client(base_url=cloud.url, timeout=300, trust_env=False)
        self.made: list[Made] = []
        self._etag = ""
        self._operation = ""
        self.api.post("/storage/v1/b", json={"name": SOURCE["bucket"]}).raise_for_status()
        path = f"/upload/storage/v1/b/{SOURCE['bucket']}/o"
        self.api.post(path, params={"uploadType": "media", "name": SOURCE["object"]}, content=source_zip())

    def play(self, call: Mapping[str, Any]) -> None:
        """Make a call and compare its answer with the recorded one."""
        creates = creating(call)
        target = None if creates else self._target(call)
        path = self._path(call, target)
        query = {**call["query"], "alt": "json"}
        sent = self._sent(call, target)
        if creates and any(each.path.startswith(f"{path}/{given_id(query)}") for each in self.made):
            query = {key: f"{value}-again" if key.endswith("Id") else value for key, value in query.items()}
        if path.startswith("/upload/"):
            answer = self._upload(path, query, sent or {})
        else:
            answer = self.api.request(call["method"], path, params=query, json=sent)
        compare(call, sent, answer)
        if call["response"] is not None:
            self._learn(call, path, target, outcome(answer.json()))
            self._operation = answer.json().get("name", "") if "metadata" in answer.json() else ""

    def _target(self, call: Mapping[str, Any]) -> Made | None:
        """Return the resource of our own that is most like the one that was recorded."""
        recorded = leaves(outcome(call["response"]))
        return max(reversed(self.made), key=lambda made: len(recorded & leaves(made.recorded)), default=None)

    def _path(self, call: Mapping[str, Any], target: Made | None) -> str:
        path: str = call["path"]
        if "{operation}" in path:
            return f"/cloudfunctions/v2/{self._operation}"
        for parameter, value in PATH_PARAMETERS.items():
            path = path.replace(parameter, value)
        if "{" not in path:
            return path
        if call["status"] == 404:
            return path[: path.index("{")] + "nobody"
        owner = target or self._parent(call)
        start = "/upload" if path.startswith("/upload") else ""
        place = owner.path
        if path.startswith("/run/"):
            place = place.replace("/cloudfunctions/", "/run/").replace("/functions/", "/services/")
        return start + place + path.rpartition("}")[2]

    def _parent(self, call: Mapping[str, Any]) -> Made:
        text = json.dumps(call["response"])
        return max(self.made, key=lambda made: len(made.recorded["name"]) * (made.recorded["name"] in text))

    def _sent(self, call: Mapping[str, Any], target: Made | None) -> dict[str, Any] | None:
        if call["request"] is None:
            return None
        sent: dict[str, Any] = json.loads(json.dumps(call["request"]))
        body = unwrapped(sent)
        if "etag" in body:
            policy = "bindings" in body
            body["etag"] = self._etag if policy or target is None else target.now["etag"]
        if "buildConfig" in body:
            body["buildConfig"]["source"]["storageSource"] = dict(SOURCE)
        if "buildConfig" in body and target:
            own = target.now["serviceConfig"]
            body["serviceConfig"].update({"service": own["service"], "uri": own["uri"]})
        return sent

    def _upload(self, path: str, query: Mapping[str, str], resource: Mapping[str, Any]) -> httpx.Response:
        parts = [
            b"Content-Type: application/json\r\n\r\n" + json.dumps(resource).encode(),
            b"Content-Type: application/zip\r\n\r\n" + source_zip(),
        ]
        body = b"".join(b"--part\r\n" + part + b"\r\n" for part in parts) + b"--part--\r\n"
        headers = {"Content-Type": "multipart/related; boundary=part"}
        return self.api.post(path, params=query, content=body, headers=headers)

    def _learn(self, call: Mapping[str, Any], path: str, target: Made | None, now: dict[str, Any]) -> None:
        self._etag = now.get("etag", "")
        if creating(call):
            name = now["name"]
            id = name.rsplit("/", 1)[-1] if name.startswith("projects/") else quote(name, safe="")
            self.made.append(Made(f"{path.removeprefix('/upload')}/{id}", now, outcome(call["response"])))
        elif call["method"] in {"PATCH", "PUT"} and target:
            target.now = now
