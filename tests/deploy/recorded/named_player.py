"""Plays calls about resources of Compute and BigQuery, whose names are their maker's to choose."""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.deploy.recorded.calls import RECORDED, creating
from tests.deploy.recorded.comparison import compare, leaves
from tests.deploy.recorded.player import Player

# What makes the resources that have a noun in their paths.
MAKERS = {
    call["path"].rsplit("/", 1)[-1]: [each for each in calls if creating(each)]
    for calls in RECORDED.values()
    for call in calls
    if creating(call)
}
REFERENCE = re.compile(r"projects/\w+/(?:global|(?:regions|locations)/([\w-]+))/(\w+)/([\w-]+)$")
PLACES = re.compile(r"/(?:regions|locations)/([\w-]+)/")


class NamedPlayer:
    """Makes what the calls of a type refer to, then plays them under the names that they have."""

    def __init__(self, player: Player) -> None:
        """Speak as another player does, who makes the functions."""
        self._api = player.api
        self._player = player
        self._names: dict[str, str] = {}
        self._sent: dict[str, Any] = {}
        self._made: set[str] = set()

    def play(self, call: Mapping[str, Any]) -> None:
        """Make a call and compare its answer with the recorded one."""
        sent = self._own(call["request"])
        self._make_references(sent if creating(call) else [sent, (call["response"] or {}).get("targetLink")])
        self._names |= _names(call)
        path = self._path(call)
        if sent and "fingerprint" in sent:
            sent["fingerprint"] = self._api.get(re.sub(r"/set\w+$", "", path)).json()["fingerprint"]
        answer = self._api.request(call["method"], path, params=call["query"], json=sent)
        compare(call, sent, answer)
        if call["method"] == "GET":
            echoed = leaves(self._sent.get(path, {})) & leaves(call["response"])
            assert echoed - leaves(answer.json()) == set(), answer.text
        elif creating(call):
            self._sent[f"{path}/{self._names['name']}"] = sent
            self._made.add(f"{path}/{self._names['name']}")

    def _path(self, call: Mapping[str, Any]) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self._names[found[1]], call["path"])

    def _own(self, request: Any) -> Any:
        """Return a body with the endpoint of a function here."""
        sent = json.loads(json.dumps(request))
        if sent and "remoteFunctionOptions" in sent:
            sent["remoteFunctionOptions"]["endpoint"] = f"{self._function()}/bigquery"
        return sent

    def _function(self) -> str:
        if not self._player.made:
            self._player.play(next(filter(creating, RECORDED["google_cloudfunctions2_function"])))
        return str(self._player.made[0].now["serviceConfig"]["uri"])

    def _make_references(self, sent: Any) -> None:
        for _, text in leaves(sent):
            found = REFERENCE.search(json.loads(text)) if text.startswith('"') else None
            if found and found[2] in MAKERS:
                self._make(found[2], found[3], found[1])
        if isinstance(sent, Mapping) and "routineReference" in sent:
            self._make("datasets", sent["routineReference"]["datasetId"], None)

    def _make(self, noun: str, name: str, place: str | None) -> None:
        """Make a resource by the call that made one of its kind, unless it is there."""
        call = next((each for each in MAKERS[noun] if _names(each)["name"] == name), MAKERS[noun][0])
        sent = {**call["request"], "name": name} if "name" in call["request"] else call["request"]
        self._make_references(sent)
        names = {**_names(call), "name": name, **({"region": place, "location": place} if place else {})}
        path = re.sub(r"\{(\w+)\}", lambda found: names[found[1]], call["path"])
        if f"{path}/{name}" not in self._made:
            self._made.add(f"{path}/{name}")
            self._api.post(path, params=call["query"], json=sent).raise_for_status()


def _names(call: Mapping[str, Any]) -> dict[str, str]:
    """Return the names that stand for the parameters of a path, as far as the answer tells."""
    response = call["response"] or {}
    names = {"project": "rehearsal"}
    for reference in ("datasetReference", "routineReference"):
        names |= {key.removesuffix("Id"): value for key, value in response.get(reference, {}).items()}
    link = response.get("targetLink") or response.get("selfLink") or response.get("name", "")
    if place := PLACES.search(link):
        names |= {"region": place[1], "location": place[1]}
    last = names.get("routine") or names.get("dataset") or link.rsplit("/", 1)[-1]
    if "/connections" in call["path"] and last:
        names["connection"] = last
    return {**names, "name": last, "project": "rehearsal"} if last else names
