"""The evaluation report as a person reads it, from a running function."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser
from tests.function_process import FunctionProcess

LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
STICKS_OUT = """
    return [...document.querySelectorAll('main *')]
        .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((part) => part.outerHTML.slice(0, 80));
"""


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A function that serves the default model, as it was trained."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_report_fits_and_asks_for_nothing(
    browser: Browser, function: FunctionProcess, width: int, scheme: str
) -> None:
    """On a phone and on a desk, light and dark, in the sandbox that the function puts it in."""
    browser.look(width, scheme)
    browser.open(f"{function.url}/report")
    assert browser.text("h1") == "flight-delay"
    assert len(browser.all("figure svg polyline")) >= 3
    assert browser.script(STICKS_OUT) == []
    dark = browser.script("return getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 29)"
    assert dark == (scheme == "dark")
    browser.screenshot(f"report-{width}-{scheme}")
    assert browser.complaints() == []
    assert browser.foreign_requests() == []
