"""The first right answer where the model comes out of a bucket."""

import os

from google.cloud import storage

from tests.load.peers.measuring.bench import Bench, Measured
from tests.load.peers.measuring.throttled import HALF
from tests.load.peers.servers.table import SERVERS
from tests.local_cloud import LocalCloud


def measure_bucket(bench: Bench, name: str) -> Measured:
    """Measure the time from the start of our process, on a core and on half of one."""
    if SERVERS[name].role != "ours":
        return {}
    with LocalCloud() as cloud:
        os.environ.update(cloud.environment())
        client = storage.Client("bench")
        client.create_bucket("models").blob("model").upload_from_filename(bench.model.folder / "model.zip")
        client.close()
        figures = {}
        for figure, share in (("first_answer_from_bucket", 1), ("first_answer_from_bucket_half", HALF)):
            with bench.started(name, environment={"MODEL_URI": "gs://models/model"}, share=share) as running:
                figures[figure] = running.first_answer
        return figures
