"""The API's documentation in a real browser: Swagger UI, from this very process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import Browser
from tests.support.function_process import FunctionProcess
from tests.support.hostile import MARKUP, hostile_bundle

TRY = ".opblock.is-open .try-out__btn"
SEND = ".opblock.is-open .execute"
ANSWER = ".opblock.is-open .live-responses-table .response-col_description .microlight"
SWAGGER_UI = {
    "color-contrast": ", ".join(
        f".swagger-ui {element}"
        for element in (".version", ".url", ".authorize span", ".opblock-summary-method", ".parameter__in")
    ),
    "nested-interactive": ".swagger-ui .opblock-summary-control",
    "select-name": ", ".join(
        f".swagger-ui {element}"
        for element in ("#servers", ".examples-select-element", ".parameters-col_description > select")
    ),
}
"""Violations that are Swagger UI's own: the rules of axe-core, and the elements that break them."""


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


@pytest.mark.parametrize("width", [390, 1280])
def test_a_request_is_sent_from_the_documentation(function: FunctionProcess, browser: Browser, width: int) -> None:
    """The example of a prediction, as it stands there, is answered; nothing goes to another host, nothing is amiss."""
    browser.look(width, "light")
    browser.open(f"{function.url}/docs")
    browser.find("#operations-Rows-post_predict .opblock-summary-control").click()
    browser.find(TRY).click()
    browser.find(SEND).click()
    assert browser.wait(lambda: '"predictions"' in browser.text(ANSWER))
    browser.screenshot(f"docs-{width}")
    assert browser.complaints() == []
    assert browser.foreign_requests() == []


def test_markup_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    """Names, categories and descriptions of a model are not markup, whatever they look like."""
    path = tmp_path / "model.zip"
    path.write_bytes(hostile_bundle())
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        browser.look(1280, "light")
        browser.open(f"{running.url}/docs")
        browser.find("#operations-Rows-post_predict .opblock-summary-control").click()
        browser.wait(lambda: MARKUP in browser.text("#docs"))
        browser.screenshot("docs-hostile")
        assert browser.script("return document.querySelectorAll('#docs img').length") == 0
        assert browser.complaints() == []
        assert browser.foreign_requests() == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_the_documentation_is_accessible(function: FunctionProcess, browser: Browser, width: int, scheme: str) -> None:
    """By every rule of axe-core but for what Swagger UI does."""
    browser.look(width, scheme)
    browser.open(f"{function.url}/docs")
    browser.find("#operations-Rows-post_predict .opblock-summary-control").click()
    browser.find(TRY)
    assert violations(browser, SWAGGER_UI) == []
    browser.screenshot(f"docs-{width}-{scheme}")
