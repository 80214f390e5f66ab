"""A headless Chromium of its own profile, driven by Selenium."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.support.function_process import ROOT
from tests.support.programs import CHROMIUM, need

SCREENSHOTS = ROOT / "build" / "screenshots"
WAIT_SECONDS = 20
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # which root can't have, and root is who a container runs as
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """One tab; it remembers what it asked for and what it complained of."""

    def __init__(self, driver: Chrome) -> None:
        """Take a driver that logs performance and console."""
        self.driver = driver
        self._url = ""

    def look(self, width: int, scheme: str, height: int = 900) -> None:
        """Be a screen of that width in CSS pixels, set to `light` or `dark`."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < height}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    @contextmanager
    def without_policies(self) -> Iterator[None]:
        """Ignore the Content-Security-Policy of pages that are opened meanwhile, so that scripts of a test can wait."""
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        yield
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": False})

    def open(self, url: str) -> None:
        """Go there, and forget what was before."""
        self._log("browser")
        self._log("performance")
        self._url = url
        self.driver.get(url)

    def find(self, selector: str) -> WebElement:
        """Wait for an element that is shown."""
        found: WebElement = self.wait(lambda: next((e for e in self.all(selector) if e.is_displayed()), None))
        return found

    def all(self, selector: str) -> list[WebElement]:
        """Return the elements of a CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """Wait for an element and return the text that it shows."""
        return self.find(selector).text

    def wait(self, condition: Any) -> Any:
        """Wait until something is so, and return it."""
        return WebDriverWait(self.driver, WAIT_SECONDS, 0.05).until(lambda _: condition())

    def script(self, text: str, *arguments: Any) -> Any:
        """Run JavaScript in the page."""
        return self.driver.execute_script(text, *arguments)

    def screenshot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        height = self.script("return document.documentElement.scrollHeight")
        width = self.script("return document.documentElement.clientWidth")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def complaints(self) -> list[str]:
        """Return what the console has said since `open`."""
        return self._log("browser")

    def foreign_requests(self) -> list[str]:
        """Return the addresses at other hosts that were asked for since `open`; there must have been some at ours."""
        asked = [urlsplit(url) for url in self._requested() if not url.startswith("data:")]
        ours = urlsplit(self._url).netloc
        assert any(url.netloc == ours for url in asked)
        return [url.geturl() for url in asked if url.netloc != ours]

    def _requested(self) -> list[str]:
        """Return what went out, without what the page's own policy kept in."""
        urls: dict[str, str] = {}
        for entry in self._log("performance"):
            message = json.loads(entry)["message"]
            params = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                urls[params["requestId"]] = params["request"]["url"]
            elif message["method"] == "Network.loadingFailed" and params.get("blockedReason") == "csp":
                urls.pop(params["requestId"], None)
        return list(urls.values())

    def _log(self, name: str) -> list[str]:
        """Empty one of the browser's logs."""
        get_log: Callable[[str], list[dict[str, str]]] = self.driver.get_log
        return [entry["message"] for entry in get_log(name)]


@contextmanager
def chromium(profile: Path, environment: Mapping[str, str]) -> Iterator[Browser]:
    """Start Chromium with an empty profile, and stop it."""
    need("browser")
    options = ChromeOptions()
    options.binary_location = _program(*CHROMIUM)
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, ChromeService(_program("chromedriver"), env=dict(environment)))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def _program(*names: str) -> str:
    return next(filter(None, map(shutil.which, names)))
