"""What people come for, from beginning to end: by mouse, by keys, without scripts."""

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

PATIENCE = 30_000  # milliseconds for a page or a change of it
FAR = 300  # presses of Tab within which everything on these pages is reached
DAY = "2010-06-15"
QUERY = "SELECT ?n { VALUES ?n { 3 1 2 } } ORDER BY ?n"

expect.set_options(timeout=PATIENCE)


class Hand(Protocol):
    """How somebody acts on a page."""

    def reach(self, target: Locator) -> None:
        """Get to something, so that what is typed goes there."""

    def act(self, target: Locator) -> None:
        """Follow a link, press a button, open what is folded."""

    def begin(self, slider: Locator) -> None:
        """Move a slider near its beginning or end."""


class Mouse:
    """By pointing and clicking."""

    def reach(self, target: Locator) -> None:
        """Click on it."""
        target.click()

    act = reach

    def begin(self, slider: Locator) -> None:
        """Click near the end of its track."""
        box = slider.bounding_box()
        assert box
        slider.click(position={"x": box["width"] * 0.03, "y": box["height"] / 2})


class Keys:
    """By Tab, Enter and arrows alone."""

    def reach(self, target: Locator) -> None:
        """Press Tab until it has the focus."""
        page = target.page
        element = target.element_handle()
        for _ in range(FAR):
            page.keyboard.press("Tab")
            if element.evaluate(
                "e => e.matches(':focus') || e.matches(':focus-within')"
            ):
                return
        raise AssertionError(f"{FAR} presses of Tab do not reach {target}")

    def act(self, target: Locator) -> None:
        """Press Enter on it."""
        self.reach(target)
        target.page.keyboard.press("Enter")

    def begin(self, slider: Locator) -> None:
        """Press Home on it."""
        self.reach(slider)
        slider.page.keyboard.press("Home")


@pytest.fixture(params=[Mouse, Keys], ids=["mouse", "keys"])
def hand(request: pytest.FixtureRequest) -> Hand:
    """Each way to act."""
    return request.param()


@pytest.fixture(params=LANGUAGES)
def home(site: str, request: pytest.FixtureRequest) -> str:
    """The address of the site in each language."""
    return f"{site}/{request.param}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    """An empty page in a browser without scripts."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def words_of_an_answer(page: Page, home: str, hand: Hand) -> None:
    """From a question to an answer to its words."""
    page.goto(f"{home}/queries")
    hand.act(page.locator('main a[href$="/lookup/embassies-by-city"]'))
    quote = page.locator("td.quotes a").first
    expect(quote).to_be_visible()
    said = quote.get_attribute("title")
    assert said
    hand.act(quote)
    evidence = page.locator(".evidence a.words").first
    expect(evidence).to_have_text(said)
    hand.act(evidence)
    lit = page.locator(".passage-words mark")
    expect(lit.first).to_be_in_viewport()
    assert "".join(lit.all_inner_texts()).split() == said.split()


def proof_of_words(page: Page, home: str, hand: Hand, *, scripts: bool) -> None:
    """From words of the text to their facts to a proof."""
    page.goto(f"{home}/document/kazakhstan")
    words = page.locator(
        ".passage-words a.said[data-kind='DiplomaticRelation'][data-depth='2']"
    ).first
    said = words.inner_text()
    section = page.locator(".passage", has=words).first.get_attribute("id")
    hand.act(page.locator(f'.contents a[href="#{section}"]'))
    hand.act(words)
    shown = ".popover" if scripts else ".statement:target"
    fact = page.locator(f"{shown} .statement-gloss a").first
    expect(fact).to_be_visible()
    if scripts and isinstance(hand, Keys):
        expect(fact).to_be_focused()
        page.keyboard.press("Enter")
    else:
        hand.act(fact)
    evidence = page.locator(".evidence blockquote", has_text=said.strip())
    expect(evidence.first).to_be_visible()
    hand.act(page.locator("main a.why:visible").first)
    expect(page.locator(".proof .rule").first).to_be_visible()
    expect(page.locator(".proof .leaf").first).to_be_visible()
    expect(page.locator(".proof blockquote mark").first).not_to_be_empty()


def query_of(page: Page) -> str:
    """The query that the address of a page holds."""
    return parse_qs(urlsplit(page.url).query)["query"][0]


def test_a_question_leads_to_its_words(page: Page, home: str, hand: Hand) -> None:
    """They are marked in the text, and are those that the row of the answer quotes."""
    words_of_an_answer(page, home, hand)


def test_words_lead_to_a_proof(page: Page, home: str, hand: Hand) -> None:
    """By the facts that they state, and what follows from those."""
    proof_of_words(page, home, hand, scripts=True)


def test_a_question_leads_to_its_words_without_scripts(bare: Page, home: str) -> None:
    """Links and the server are enough."""
    words_of_an_answer(bare, home, Mouse())


def test_words_lead_to_a_proof_without_scripts(bare: Page, home: str) -> None:
    """The link of words leads to their facts, which stand beside the text."""
    proof_of_words(bare, home, Mouse(), scripts=False)


def test_a_query_is_run_edited_cited_and_downloaded(
    page: Page, home: str, hand: Hand
) -> None:
    """The file is that of the query, and its permalink brings it back."""
    page.goto(f"{home}/sparql")
    editor = page.locator(".editor .cm-content")
    expect(editor).to_contain_text("SELECT")
    hand.reach(editor)
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    expect(editor).to_have_text(QUERY)
    if isinstance(hand, Keys):
        page.keyboard.press("Control+Enter")
    else:
        hand.act(page.locator("#ask [type=submit]"))
    numbers = page.locator("#result tbody td")
    expect(numbers).to_have_text(["1", "2", "3"])
    asked = urlencode({"query": QUERY})
    assert query_of(page) == QUERY

    hand.act(page.locator(".cite summary"))
    citation = page.locator("#citation")
    expect(citation).to_be_visible()
    digest = hashlib.sha256(QUERY.encode()).hexdigest()[:16]
    version = page.locator(".footer bdi.mono").get_attribute("title")
    assert version
    for part in (version[:16], f"sha256:{digest}", asked):
        expect(citation).to_contain_text(part)

    with page.expect_download() as downloading:
        hand.act(page.locator('#result .files a[href*="format=csv"]'))
    there = Request(f"{home}/sparql?{asked}", headers={"Accept": "text/csv"})
    with build_opener(ProxyHandler({})).open(there) as reply:
        assert downloading.value.path().read_bytes() == reply.read()

    hand.act(page.locator("#result .files a").last)
    expect(page.locator(".editor .cm-content")).to_have_text(QUERY)
    expect(numbers).to_have_text(["1", "2", "3"])
    assert query_of(page) == QUERY


@pytest.mark.parametrize("spelling", ["كازاخستان", "کازاخستان", "كَـازاخستان"])
def test_search_and_completion_find_the_same_spellings(
    page: Page, home: str, spelling: str
) -> None:
    """The search box asks the server, the editor looks for itself."""
    page.goto(f"{home}/sparql")
    page.locator("[data-site-search]").fill(spelling)
    suggested = page.locator(".suggestions li").first
    expect(suggested).to_contain_text("كازاخستان")
    page.locator(".editor .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(spelling)
    completed = page.locator(".editor .cm-tooltip-autocomplete li").first
    expect(completed).to_contain_text("state:KAZ")


def looks(page: Page, selector: str) -> list[str]:
    """The classes of all that a selector finds, and what of it is hidden."""
    found: list[str] = page.locator(selector).evaluate_all(
        "all => all.map(e => `${e.getAttribute('class')} ${e.hidden ?? ''}`)"
    )
    return found


def test_the_slider_moves_the_day(page: Page, home: str, hand: Hand) -> None:
    """Map, network and lists change, and whoever listens is told."""
    page.goto(f"{home}/as-of/{DAY}")
    slider = page.locator('input[type="range"]')
    expect(slider).to_be_enabled()
    heading = page.locator("h1").inner_text()
    parts = (".map [data-course]", ".orbits [data-course]", ".day-list > li")
    before = [looks(page, part) for part in parts]
    assert all(before)
    hand.begin(slider)
    expect(page.locator("h1")).not_to_have_text(heading)
    expect(page.locator("[data-announce]")).to_contain_text(
        page.locator('[data-count="certain"]').inner_text()
    )
    for part, was in zip(parts, before, strict=True):
        assert looks(page, part) != was, part
    day = page.locator('input[type="date"]').input_value()
    assert day != DAY
    assert page.url == f"{home}/as-of/{day}"


def test_the_day_is_chosen_without_scripts(bare: Page, home: str) -> None:
    """The form asks the server for the day."""
    bare.goto(f"{home}/as-of/{DAY}")
    heading = bare.locator("h1").inner_text()
    bare.locator('input[type="date"]').fill("1995-03-01")
    bare.locator(".day-form [type=submit]").click()
    expect(bare).to_have_url(f"{home}/as-of?date=1995-03-01")
    expect(bare.locator("h1")).not_to_have_text(heading)
    expect(bare.locator('input[type="date"]')).to_have_value("1995-03-01")
