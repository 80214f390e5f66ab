"""What the OpenAPI document tells, without a process."""

from function.openapi.document import OPERATIONS, document
from function.openapi.json_schema import plain
from function.routes import TABLE


def test_every_route_is_told_of_but_the_files_of_pages() -> None:
    """And nothing that is no route."""
    routes = {f"{method} {path}" for path, handlers in TABLE.items() for method in handlers}
    assert routes - set(OPERATIONS) == {"GET /assets/{name}"}
    assert set(OPERATIONS) <= routes


def test_operations_have_names_of_their_own() -> None:
    """As programs that write clients need them."""
    paths = document(TABLE, None, 1)["paths"]
    names = [operation["operationId"] for operations in paths.values() for operation in operations.values()]
    assert len(set(names)) == len(names) == len(OPERATIONS)


def test_descriptions_are_text() -> None:
    """What Markdown would take for markup is marked as none."""
    assert plain("<img src=x> [a](b) *c* `d` 1 & 2") == r"\<img src=x\> \[a\]\(b\) \*c\* \`d\` 1 \& 2"
