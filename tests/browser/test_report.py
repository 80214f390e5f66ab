"""The evaluation report as a person reads it, from a running function."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.chromium import Browser
from tests.support.commands import run
from tests.support.function_process import FunctionProcess
from tests.support.tables import written_for

LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
STICKS_OUT = """
    return [...document.querySelectorAll('main *')]
        .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((part) => part.outerHTML.slice(0, 80));
"""
FAINT = """
    const light = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
            .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = light(getComputedStyle(document.querySelector('.card')).backgroundColor);
    const contrast = (other) => (Math.max(ground, other) + 0.05) / (Math.min(ground, other) + 0.05);
    return [...document.querySelectorAll('main th, main td, main small, main p, figcaption, svg text')]
        .filter((part) => contrast(light(getComputedStyle(part)[part.closest('svg') ? 'fill' : 'color'])) < 4.5)
        .map((part) => part.outerHTML.slice(0, 80));
"""
"""Text whose contrast with a card is under what WCAG 2 asks of small text (AA)."""

TARGETS = {"flights": ("binary", 3), "band": ("multiclass", 9), "minutes": ("regression", 1)}
"""What each model predicts, and how many curves its report has at least."""


@pytest.fixture(scope="module", params=TARGETS)
def report(
    request: pytest.FixtureRequest, bundle_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, FunctionProcess]]:
    """A function that serves the default model, or one of a table, as they were trained."""
    path, folder = bundle_path, tmp_path_factory.mktemp("report")
    if request.param != "flights":
        path = folder / "model.zip"
        table = written_for(folder, request.param, rows=2000)
        result = run("train", "--data", table, "--target", request.param, "--out", path, "--categorical", "month")
        assert result.exit_code == 0, result.stderr
    with FunctionProcess({"MODEL_URI": str(path)}) as running:
        yield request.param, running


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_report_fits_and_asks_for_nothing(
    browser: Browser, report: tuple[str, FunctionProcess], width: int, scheme: str
) -> None:
    """On a phone and on a desk, light and dark, in the sandbox that the function puts it in; for every task."""
    target, function = report
    task, curves = TARGETS[target]
    browser.look(width, scheme)
    browser.open(f"{function.url}/report")
    assert browser.text("h1") == ("flight-delay" if target == "flights" else "parcels")
    assert task in browser.text(".facts")
    assert len(browser.all("figure svg polyline")) >= curves
    assert browser.script(STICKS_OUT) == []
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")
    assert browser.script(FAINT) == []
    dark = browser.script("return getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 29)"
    assert dark == (scheme == "dark")
    browser.screenshot(f"report-{task}-{width}-{scheme}")
    assert browser.complaints() == []
    assert browser.foreign_requests() == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_report_is_accessible(
    browser: Browser, report: tuple[str, FunctionProcess], width: int, scheme: str
) -> None:
    """By every rule of axe-core."""
    _, function = report
    browser.look(width, scheme)
    with browser.without_policies():
        browser.open(f"{function.url}/report")
        browser.find("h1")
        assert violations(browser) == []
