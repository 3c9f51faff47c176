"""User journeys in a browser: by mouse, by keyboard, and without scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Protocol
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from browser import LANGUAGES, in_a_browser

pytestmark = in_a_browser

TIMEOUT = 30_000  # milliseconds for a page or a change of it
MAX_TABS = 300  # presses of Tab that reach everything on these pages
DAY = "2010-06-15"
QUERY = "SELECT ?n { VALUES ?n { 3 1 2 } } ORDER BY ?n"

expect.set_options(timeout=TIMEOUT)


class Operator(Protocol):
    """A way to operate a page."""

    def reach(self, target: Locator) -> None:
        """Focus an element."""

    def act(self, target: Locator) -> None:
        """Follow a link, press a button, open a summary."""

    def to_start(self, slider: Locator) -> None:
        """Move a slider to one of its ends."""


class Mouse:
    """Point and click."""

    def reach(self, target: Locator) -> None:
        """Click it."""
        target.click()

    act = reach

    def to_start(self, slider: Locator) -> None:
        """Click near the end of its track."""
        box = slider.bounding_box()
        assert box
        slider.click(position={"x": box["width"] * 0.03, "y": box["height"] / 2})


class Keys:
    """Press Tab, Enter and Home, nothing else."""

    def reach(self, target: Locator) -> None:
        """Press Tab until the element has the focus."""
        page = target.page
        element = target.element_handle()
        for _ in range(MAX_TABS):
            page.keyboard.press("Tab")
            if element.evaluate(
                "e => e.matches(':focus') || e.matches(':focus-within')"
            ):
                return
        raise AssertionError(f"{MAX_TABS} presses of Tab do not reach {target}")

    def act(self, target: Locator) -> None:
        """Press Enter on it."""
        self.reach(target)
        target.page.keyboard.press("Enter")

    def to_start(self, slider: Locator) -> None:
        """Press Home on it."""
        self.reach(slider)
        slider.page.keyboard.press("Home")


@pytest.fixture(params=[Mouse, Keys], ids=["mouse", "keys"])
def operator(request: pytest.FixtureRequest) -> Operator:
    """Return each way to operate a page."""
    return request.param()


@pytest.fixture(params=LANGUAGES)
def home(site: str, request: pytest.FixtureRequest) -> str:
    """Return the address of the site in each language."""
    return f"{site}/{request.param}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return an empty page."""
    context = browser.new_context()
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()


@pytest.fixture
def page_without_scripts(browser: Browser) -> Iterator[Page]:
    """Return an empty page in a browser without scripts."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(TIMEOUT)
    yield context.new_page()
    context.close()


def from_question_to_quote(page: Page, home: str, operator: Operator) -> None:
    """Go from a question to a row of its result and to the quote in the text."""
    page.goto(f"{home}/queries")
    operator.act(page.locator('main a[href$="/lookup/embassies-by-city"]'))
    quote = page.locator("td.quotes a").first
    expect(quote).to_be_visible()
    text = quote.get_attribute("title")
    assert text
    operator.act(quote)
    evidence = page.locator(".evidence a.words").first
    expect(evidence).to_have_text(text)
    operator.act(evidence)
    marks = page.locator(".passage-words mark")
    expect(marks.first).to_be_in_viewport()
    assert "".join(marks.all_inner_texts()).split() == text.split()


def from_quote_to_proof(
    page: Page, home: str, operator: Operator, *, scripts: bool
) -> None:
    """Go from words of the text to their facts and to a proof."""
    page.goto(f"{home}/document/kazakhstan")
    words = page.locator(
        ".passage-words a.claimed[data-kind='DiplomaticRelation'][data-depth='2']"
    ).first
    text = words.inner_text()
    section = page.locator(".passage", has=words).first.get_attribute("id")
    operator.act(page.locator(f'.contents a[href="#{section}"]'))
    operator.act(words)
    container = ".popover" if scripts else ".statement:target"
    fact = page.locator(f"{container} .statement-gloss a").first
    expect(fact).to_be_visible()
    if scripts and isinstance(operator, Keys):
        expect(fact).to_be_focused()
        page.keyboard.press("Enter")
    else:
        operator.act(fact)
    evidence = page.locator(".evidence blockquote", has_text=text.strip())
    expect(evidence.first).to_be_visible()
    operator.act(page.locator("main a.why:visible").first)
    expect(page.locator(".proof .rule").first).to_be_visible()
    expect(page.locator(".proof .leaf").first).to_be_visible()
    expect(page.locator(".proof blockquote mark").first).not_to_be_empty()


def query_of(page: Page) -> str:
    """Return the query in the address of a page."""
    return parse_qs(urlsplit(page.url).query)["query"][0]


def test_from_a_question_to_its_quotes(
    page: Page, home: str, operator: Operator
) -> None:
    """The quotes of a row are marked in the text."""
    from_question_to_quote(page, home, operator)


def test_from_words_to_a_proof(page: Page, home: str, operator: Operator) -> None:
    """Through the facts that they state, and what is inferred from those."""
    from_quote_to_proof(page, home, operator, scripts=True)


def test_from_a_question_to_its_quotes_without_scripts(
    page_without_scripts: Page, home: str
) -> None:
    """Links are enough."""
    from_question_to_quote(page_without_scripts, home, Mouse())


def test_from_words_to_a_proof_without_scripts(
    page_without_scripts: Page, home: str
) -> None:
    """The words link their facts, which are beside the text."""
    from_quote_to_proof(page_without_scripts, home, Mouse(), scripts=False)


def test_a_query_is_run_edited_cited_and_downloaded(
    page: Page, home: str, operator: Operator
) -> None:
    """The file is the result of the query, and the permalink restores the query."""
    page.goto(f"{home}/sparql")
    editor = page.locator(".editor .cm-content")
    expect(editor).to_contain_text("SELECT")
    operator.reach(editor)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    expect(editor).to_have_text(QUERY)
    if isinstance(operator, Keys):
        page.keyboard.press("Control+Enter")
    else:
        operator.act(page.locator("#ask [type=submit]"))
    numbers = page.locator("#result tbody td")
    expect(numbers).to_have_text(["1", "2", "3"])
    query = urlencode({"query": QUERY})
    assert query_of(page) == QUERY

    operator.act(page.locator(".cite summary"))
    citation = page.locator("#citation")
    expect(citation).to_be_visible()
    digest = hashlib.sha256(QUERY.encode()).hexdigest()[:16]
    version = page.locator(".footer bdi.mono").get_attribute("title")
    assert version
    for part in (version[:16], f"sha256:{digest}", query):
        expect(citation).to_contain_text(part)

    with page.expect_download() as downloading:
        operator.act(page.locator('#result .files a[href*="format=csv"]'))
    request = Request(f"{home}/sparql?{query}", headers={"Accept": "text/csv"})
    with build_opener(ProxyHandler({})).open(request) as reply:
        assert downloading.value.path().read_bytes() == reply.read()

    operator.act(page.locator("#result .files a").last)
    expect(page.locator(".editor .cm-content")).to_have_text(QUERY)
    expect(numbers).to_have_text(["1", "2", "3"])
    assert query_of(page) == QUERY


@pytest.mark.parametrize("spelling", ["كازاخستان", "کازاخستان", "كَـازاخستان"])
def test_search_and_completion_find_the_same_spellings(
    page: Page, home: str, spelling: str
) -> None:
    """The search box queries the server, the editor its list of terms."""
    page.goto(f"{home}/sparql")
    page.locator("[data-site-search]").fill(spelling)
    suggested = page.locator(".suggestions li").first
    expect(suggested).to_contain_text("كازاخستان")
    page.locator(".editor .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(spelling)
    completed = page.locator(".editor .cm-tooltip-autocomplete li").first
    expect(completed).to_contain_text("state:KAZ")


def states_of(page: Page, selector: str) -> list[str]:
    """Return the classes of the elements of a selector, and whether they are hidden."""
    found: list[str] = page.locator(selector).evaluate_all(
        "all => all.map(e => `${e.getAttribute('class')} ${e.hidden ?? ''}`)"
    )
    return found


def test_the_slider_moves_the_day(page: Page, home: str, operator: Operator) -> None:
    """Map, network and lists change, and screen readers get an announcement."""
    page.goto(f"{home}/as-of/{DAY}")
    slider = page.locator('input[type="range"]')
    expect(slider).to_be_enabled()
    heading = page.locator("h1").inner_text()
    parts = (".map [data-course]", ".orbits [data-course]", ".day-list > li")
    before = [states_of(page, part) for part in parts]
    assert all(before)
    operator.to_start(slider)
    expect(page.locator("h1")).not_to_have_text(heading)
    expect(page.locator("[data-announce]")).to_contain_text(
        page.locator('[data-count="certain"]').inner_text()
    )
    for part, was in zip(parts, before, strict=True):
        assert states_of(page, part) != was, part
    day = page.locator('input[type="date"]').input_value()
    assert day != DAY
    assert page.url == f"{home}/as-of/{day}"


def test_the_day_is_chosen_without_scripts(
    page_without_scripts: Page, home: str
) -> None:
    """The form requests the page of the day."""
    page_without_scripts.goto(f"{home}/as-of/{DAY}")
    heading = page_without_scripts.locator("h1").inner_text()
    page_without_scripts.locator('input[type="date"]').fill("1995-03-01")
    page_without_scripts.locator(".day-form [type=submit]").click()
    expect(page_without_scripts).to_have_url(f"{home}/as-of?date=1995-03-01")
    expect(page_without_scripts.locator("h1")).not_to_have_text(heading)
    expect(page_without_scripts.locator('input[type="date"]')).to_have_value(
        "1995-03-01"
    )
