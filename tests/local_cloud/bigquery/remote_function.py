"""Calling a remote function as BigQuery does for a query."""

import itertools
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx

# https://cloud.google.com/bigquery/docs/remote-functions
RETRIED = {408, 429, 500, 503, 504}
AT_ONCE = 10
ATTEMPTS = 5
SECONDS = 300

Row = Sequence[Any]


class QueryFailed(Exception):
    """A query that BigQuery would give up; the message is what its user sees."""


@dataclass(frozen=True)
class RemoteFunction:
    """A routine, as the catalogue has it: whom it calls, as whom, and how many rows at a time."""

    endpoint: str
    account: str
    max_rows: int
    context: Mapping[str, str]

    @classmethod
    def of(cls, cloud_url: str, routine: str, caller: str) -> "RemoteFunction":
        """Read `PROJECT.DATASET.ROUTINE` and its connection out of the cloud's catalogue, as a caller who may."""
        project, dataset, id = routine.split(".")
        with httpx.Client(base_url=cloud_url, headers={"Authorization": f"Bearer {caller}"}, trust_env=False) as api:
            place = f"/bigquery/bigquery/v2/projects/{project}/datasets/{dataset}/routines/{id}"
            options = api.get(place).raise_for_status().json()["remoteFunctionOptions"]
            connection = api.get(f"/bigqueryconnection/v1/{options['connection']}").raise_for_status().json()
        account = connection["cloudResource"]["serviceAccountId"]
        context = options.get("userDefinedContext", {})
        return cls(options["endpoint"], account, int(options["maxBatchingRows"]), context)

    def query(self, rows: Sequence[Row], repeated: Sequence[int] = ()) -> list[Any]:
        """Return the answer of each row.

        Batches go ten at once; afterwards those that `repeated` numbers are sent again, as BigQuery does at
        times. QueryFailed when a batch fails, or has another answer the second time.
        """
        batches = [rows[start : start + self.max_rows] for start in range(0, len(rows), self.max_rows)]
        limits = httpx.Limits(max_connections=AT_ONCE)
        with (
            httpx.Client(trust_env=False, timeout=SECONDS, limits=limits) as client,
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):
            ask = partial(self._ask, client)
            answers = list(pool.map(ask, batches))
            again = list(pool.map(ask, [batches[number] for number in repeated]))
        if again != [answers[number] for number in repeated]:
            raise QueryFailed("A batch that was sent again has other replies")
        return list(itertools.chain.from_iterable(answers))

    def _ask(self, client: httpx.Client, rows: Sequence[Row]) -> list[Any]:
        body = {
            "requestId": f"{time.monotonic_ns():x}",
            "caller": "//bigquery.googleapis.com/projects/rehearsal/jobs/rehearsal:EU.bquxjob_1",
            "sessionUser": "analyst@example.com",
            "userDefinedContext": self.context,
            "calls": [list(row) for row in rows],
        }
        # Nobody signs tokens here: the address is the token.
        headers = {"Authorization": f"Bearer {self.account}"}
        for attempt in range(ATTEMPTS):
            answer = client.post(self.endpoint, json=body, headers=headers)
            if answer.status_code not in RETRIED:
                return _replies(answer, len(rows))
            time.sleep(0.1 * 2**attempt)
        raise QueryFailed(f"{self.endpoint} answered {answer.status_code}, {ATTEMPTS} times")


def _replies(answer: httpx.Response, count: int) -> list[Any]:
    if answer.status_code != 200:
        raise QueryFailed(f"{answer.status_code}: {answer.text}")
    replies: list[Any] = answer.json()["replies"]
    if len(replies) != count:
        raise QueryFailed(f"{len(replies)} replies to {count} calls")
    return replies
