"""The surface of BigQuery."""

from tests.local_cloud.bigquery import connections
from tests.local_cloud.bigquery.connections import CONNECTIONS
from tests.local_cloud.bigquery.datasets import DATASETS, DatasetApi
from tests.local_cloud.bigquery.routines import ROUTINES, RoutineApi
from tests.local_cloud.common import Common
from tests.local_cloud.dispatch import Operation
from tests.local_cloud.regular.collection import Collection


def operations(common: Common, functions: Collection) -> list[Operation]:
    """Return the calls about connections, datasets and routines, which call `functions`."""
    all_connections, datasets = Collection(CONNECTIONS, common), Collection(DATASETS, common)
    routines = Collection(ROUTINES, common, parent=datasets)
    return [
        *connections.operations(common, all_connections),
        *RoutineApi(routines, datasets, all_connections, functions).operations(),
        *DatasetApi(datasets, routines).operations(),
    ]
