"""The steps of a deployment to several regions, with one address and with BigQuery, in order."""

from urllib.parse import urlsplit

import httpx

from tests.deploy.rehearsal import accounts, steps
from tests.deploy.rehearsal.balanced import (
    DOMAIN,
    REQUESTS_PER_MINUTE,
    ask_at_the_domain,
    ask_too_often,
    caller,
    lose_a_region,
    predict,
)
from tests.deploy.rehearsal.rehearsal import DEPLOYED, EXTRAS, GITHUB, PERSON, Rehearsal
from tests.deploy.rehearsal.sql import Query
from tests.local_cloud.environment import PREFIXES

ROUTINE = "rehearsal.taxiway.predict_delay"
EVERYWHERE = f"{DEPLOYED}model_bucket = {{ force_destroy = true }}\n"
BIGQUERY = 'bigquery = { region = "europe-west1", location = "EU" }\n'
TWO = ("europe-west1", "us-central1")
THREE = (*TWO, "asia-northeast1")
ONE = ("europe-west1",)


def bootstrap(rehearsal: Rehearsal) -> str:
    """With what a load balancer and BigQuery need."""
    rehearsal.say_to_bootstrap(GITHUB + EXTRAS)
    return steps.bootstrap(rehearsal)


def deploy(rehearsal: Rehearsal) -> str:
    """Two regions, the load balancer, and BigQuery, which reaches the function beside it."""
    rehearsal.act_as("deployer")
    _say(rehearsal, TWO)
    rehearsal.initialize(rehearsal.root, f"-backend-config=bucket={rehearsal.state_bucket}")
    return _apply(rehearsal, TWO)


def check_services(rehearsal: Rehearsal) -> str:
    """Whatever was called, bootstrap has enabled."""
    called = {urlsplit(call.url).path.strip("/").split("/")[0] for call in rehearsal.cloud.calls} & set(PREFIXES)
    services = rehearsal.get("/serviceusage/v1/projects/rehearsal/services")["services"]
    enabled = {service["config"]["name"] for service in services}
    assert {"bigquery", "compute"} <= called
    assert {f"{prefix}.googleapis.com" for prefix in called} <= enabled
    return f"{len(called)} were called"


def publish(rehearsal: Rehearsal) -> str:
    """One bucket for all regions: published once, served in each."""
    waits = " ".join(f"--wait {url}" for url in rehearsal.outputs["urls"].values())
    rehearsal.shell(f"python -m model_training publish {rehearsal.model} --to {rehearsal.outputs['model_uri']} {waits}")
    versions = {
        httpx.get(f"{url}/model", trust_env=False).json()["version"] for url in rehearsal.outputs["urls"].values()
    }
    assert len(versions) == 1
    rehearsal.noted["query"] = Query(rehearsal.model)
    return f"version {versions.pop()} in {len(rehearsal.outputs['urls'])} regions"


def query(rehearsal: Rehearsal) -> str:
    """An argument for each feature."""
    rows: Query = rehearsal.noted["query"]
    return rows.run(rehearsal.cloud, ROUTINE, rows.as_arguments)


def query_json(rehearsal: Rehearsal) -> str:
    """One argument, a row."""
    rows: Query = rehearsal.noted["query"]
    return rows.run(rehearsal.cloud, f"{ROUTINE}_json", rows.as_json)


def go_to_three(rehearsal: Rehearsal) -> str:
    """Another region."""
    return _change(rehearsal, THREE)


def go_to_one(rehearsal: Rehearsal) -> str:
    """A private one: BigQuery authenticates with the identity of its connection; nobody else can call it."""
    counted = _change(rehearsal, ONE, public=False)
    assert [rehearsal.ask("/health", token=token).status_code for token in ("", "someone@example.com")] == [403, 403]
    assert rehearsal.ask("/health").status_code == 200
    return f"{counted}; {query(rehearsal)}"


def go_to_two(rehearsal: Rehearsal) -> str:
    """Back to where it began."""
    return _change(rehearsal, TWO)


def close(rehearsal: Rehearsal) -> str:
    """The domain is the only way in; BigQuery has none, and is left out."""
    _say(rehearsal, TWO, closed=True)
    counted = rehearsal.apply(rehearsal.root)
    urls = rehearsal.outputs["urls"].values()
    assert [httpx.get(f"{url}/health", trust_env=False).status_code for url in urls] == [404, 404]
    with caller(rehearsal, address="127.0.0.3") as client:
        assert predict(client).status_code == 200
    return f"{counted}; {rehearsal.plan_again(rehearsal.root)}"


def destroy(rehearsal: Rehearsal) -> str:
    """Everything goes, in an order that Google admits."""
    counted = rehearsal.destroy(rehearsal.root)
    assert rehearsal.cloud.existing() == rehearsal.noted["bootstrap"]
    return counted


def _say(rehearsal: Rehearsal, regions: tuple[str, ...], *, public: bool = True, closed: bool = False) -> None:
    names = ", ".join(f"{region} = {{}}" for region in regions)
    balancer = f'{{ domain = "{DOMAIN}", requests_per_minute = {REQUESTS_PER_MINUTE}, closed = {str(closed).lower()} }}'
    rehearsal.say(
        f"{EVERYWHERE}{'' if closed else BIGQUERY}regions = {{ {names} }}\nload_balancer = {balancer}\n"
        f"allow_unauthenticated = {str(public).lower()}\n"
    )


def _apply(rehearsal: Rehearsal, regions: tuple[str, ...]) -> str:
    counted = rehearsal.apply(rehearsal.root)
    groups = {name.split("/")[6] for name in rehearsal.cloud.existing() if "/networkEndpointGroups/" in name}
    assert groups == set(rehearsal.outputs["urls"]) == set(regions)
    assert all(_answers(url) for url in rehearsal.outputs["urls"].values())
    return counted


def _change(rehearsal: Rehearsal, regions: tuple[str, ...], *, public: bool = True) -> str:
    _say(rehearsal, regions, public=public)
    return f"{_apply(rehearsal, regions)}; {rehearsal.plan_again(rehearsal.root)}"


def _answers(url: str) -> bool:
    headers = {"Authorization": f"Bearer {PERSON}"}
    return httpx.get(f"{url}/health", headers=headers, timeout=60, trust_env=False).status_code == 200


STEPS: steps.Steps = (
    ("Bootstrap, once a project", bootstrap),
    ("Authenticate from GitHub", accounts.authenticate),
    ("Deploy to two regions, with BigQuery", deploy),
    ("Plan again", steps.plan_again),
    ("Plan as a pull request does", accounts.plan_as_planner),
    ("Read back which services are enabled", check_services),
    ("Publish a model", publish),
    ("Call it as the deployer", accounts.smoke_test),
    ("Rename the function's account", steps.rename_the_account),
    ("Query, an argument a feature", query),
    ("Query, a row as JSON", query_json),
    ("Ask at the domain", ask_at_the_domain),
    ("Lose a region", lose_a_region),
    ("Ask too often", ask_too_often),
    ("To three regions; plan again", go_to_three),
    ("To one, private; plan again; query", go_to_one),
    ("To two again; plan again", go_to_two),
    ("Close the regions' own URLs; plan again", close),
    ("Destroy", destroy),
    ("Find the step that fails without each grant", accounts.check_needed),
)
