"""axe-core's rules of accessibility, applied to what the browser shows: https://github.com/dequelabs/axe-core."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.browser.chromium import Browser
from tests.support.function_process import ROOT
from tests.support.programs import need
from tests.support.sharing import locked, run_folder

SOURCE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
    const [excepted, done] = arguments;
    const broken = ({ id, nodes }) => nodes
        .filter(({ target }) => !(id in excepted && document.querySelector(target.join(" ")).matches(excepted[id])))
        .map(({ target }) => `${id}: ${target.join(" ")}`);
    axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => done(violations.flatMap(broken)));
"""


def violations(browser: Browser, excepted: Mapping[str, str] | None = None) -> list[str]:
    """Return `rule: selector` of each violation, except those of elements that match a selector given for the rule."""
    if not SOURCE.exists():
        _install()
    browser.script(SOURCE.read_text("utf-8"))
    found: list[str] = browser.driver.execute_async_script(RUN, excepted or {})
    return found


def _install() -> None:
    need("node")
    with locked(run_folder() / "axe.lock"):
        subprocess.run(["make", "--silent", "tests/browser/node_modules"], cwd=ROOT, check=True, timeout=600)
