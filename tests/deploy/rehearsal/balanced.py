"""Steps at the load balancer's address, as callers from anywhere see it."""

import httpx

from tests.deploy.rehearsal.rehearsal import PERSON, Rehearsal

DOMAIN = "delays.example.com"
REQUESTS_PER_MINUTE = 200
FLIGHT = {"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}
SERVICE = "/compute/compute/v1/projects/rehearsal/global/backendServices/taxiway"
FUNCTION = "projects/rehearsal/locations/{}/functions/taxiway"


def ask_at_the_domain(rehearsal: Rehearsal) -> str:
    """HTTPS predicts; HTTP leads there, by a status that leaves a POST one."""
    with caller(rehearsal) as https, caller(rehearsal, port=80) as http:
        assert [predict(https).status_code, predict(https).json()] == [200, {"predictions": [0]}]
        answer = http.post("/predict?a=b", json={})
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{DOMAIN}/predict?a=b")
    return "200, and 308 by HTTP"


def lose_a_region(rehearsal: Rehearsal) -> str:
    """After five failures in a row the other region answers all."""
    region = rehearsal.get(SERVICE)["backends"][0]["group"].split("/")[-3]
    nearest = rehearsal.cloud.functions.entrance(FUNCTION.format(region))
    assert nearest
    nearest.down = True
    with caller(rehearsal) as client:
        seen = [predict(client).status_code for _ in range(20)]
    nearest.down = False
    assert seen == [503] * 5 + [200] * 15
    return f"{region}: 5 of 20 failed, and then none"


def ask_too_often(rehearsal: Rehearsal) -> str:
    """429 to the client that does; another one goes on."""
    with caller(rehearsal) as client, caller(rehearsal, address="127.0.0.2") as another:
        seen = [predict(client).status_code for _ in range(2 * REQUESTS_PER_MINUTE + 1)]
        assert set(seen) == {200, 429}
        assert predict(another).status_code == 200
    return f"429 after {seen.index(429)} more; 200 to another client"


def predict(client: httpx.Client) -> httpx.Response:
    """Predict at the domain."""
    return client.post("/predict", json={"instances": [FLIGHT]})


def caller(rehearsal: Rehearsal, *, port: int = 443, address: str = "127.0.0.1") -> httpx.Client:
    """Return who asks at the load balancer's address, by the domain, from an address of its own."""
    url = rehearsal.cloud.load_balancers.url(rehearsal.outputs["address"], port)
    headers = {"Host": DOMAIN, "Authorization": f"Bearer {PERSON}"}
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=url, headers=headers, transport=transport, trust_env=False, timeout=60)
