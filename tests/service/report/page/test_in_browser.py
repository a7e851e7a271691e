"""The page in a real browser: nothing is asked of a network, no text becomes script, it fits any screen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from service.report.facts.report_contents import ReportContents
from service.report.page.page import page_html
from tests.service.report.page.hostile_contents import HOSTILE, hostile_contents
from tests.service.report.page.made_contents import full_contents

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@dataclass
class Shown:
    """A page that is open, and what happened as it was opened."""

    page: Page
    address: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    blocked: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(f"{error}"))
        self.page.on("dialog", lambda dialog: self.messages.append(dialog.message))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.blocked.append(request.failure))
        self.page.goto(self.address)

    def style(self, selector: str, name: str) -> str:
        """Return a computed style of the first element that a selector finds."""
        script = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
        return str(self.page.evaluate(script, [selector, name]))

    @property
    def width(self) -> int:
        """How wide the page is, more than the screen where it must be moved sideways to be read."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


def shown(browser: Browser, directory: Path, contents: ReportContents, *, width: int, dark: bool) -> Shown:
    """Open a report's page from disk."""
    file = directory / "report.html"
    file.write_text(page_html(contents), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    return Shown(page, file.as_uri())


@pytest.mark.parametrize("name", ["opened", "sealed", "folds", "regression", "searched"])
def test_it_asks_for_nothing_and_says_nothing(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path, name: str
) -> None:
    opened = shown(browser, tmp_path, full_contents(contents[name]), width=1200, dark=False)

    assert opened.messages == []
    assert opened.requests == [opened.address]
    assert opened.width == 1200
    opened.page.close()


def test_it_fits_a_phone_and_is_dark_where_that_is_wished(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    phone = shown(browser, tmp_path, full_contents(contents["opened"]), width=360, dark=True)
    light = shown(browser, tmp_path, full_contents(contents["opened"]), width=1200, dark=False)

    assert phone.width == 360
    for selector, name in (
        ("body", "backgroundColor"),
        ("body", "color"),
        ("circle", "fill"),
        ("text", "fill"),
    ):
        assert phone.style(selector, name) != light.style(selector, name)
    smallest = (
        "(document.querySelectorAll('details').forEach(folded => folded.open = true),"
        " Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)))"
    )
    assert phone.page.evaluate(smallest) > 9
    phone.page.close()
    light.page.close()


def test_a_wide_screen_is_used(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    page = full_contents(contents["opened"])
    heights = []
    for width in (1100, 1500):
        seen = shown(browser, tmp_path, page, width=width, dark=False)
        assert seen.width == width
        heights.append(seen.page.evaluate("document.documentElement.scrollHeight"))
        seen.page.close()
    assert heights[1] < 0.9 * heights[0]


def test_pictures_are_drawn(browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path) -> None:
    opened = shown(browser, tmp_path, full_contents(contents["opened"]), width=1200, dark=False)

    boxes = opened.page.evaluate(
        "[...document.querySelectorAll('svg')].map(svg => [svg.clientWidth, svg.clientHeight,"
        " svg.querySelectorAll('.series circle, .series path, .series rect').length])"
    )
    assert len(boxes) > 10
    assert all(width > 300 and height > 60 and n_marks for width, height, n_marks in boxes)
    opened.page.close()


def test_a_download_is_the_numbers(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    opened = shown(browser, tmp_path, contents["opened"], width=1200, dark=False)

    with opened.page.expect_download() as downloading:
        opened.page.click("a[download='trials.csv']")
    downloading.value.save_as(tmp_path / "trials.csv")
    lines = (tmp_path / "trials.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("trial,state,dev error,epochs,")
    assert len(lines) == 1 + len(contents["opened"].points)
    opened.page.close()


def test_hostile_names_are_text(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    opened = shown(browser, tmp_path, hostile_contents(contents["opened"]), width=1200, dark=False)

    assert opened.messages == []
    assert opened.requests == [opened.address]
    assert opened.page.title() != "struck"
    assert opened.page.locator("script, img, iframe, object").count() == 0
    assert opened.page.locator("h1").inner_text().startswith(f"Predicting {HOSTILE} from ")
    opened.page.close()


def test_nothing_may_run_even_if_it_got_in(
    browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path
) -> None:
    """The policy is a second wall: a script that stood in the page would not be run, nor an image fetched."""
    html = page_html(contents["opened"])
    script = "<script>document.title = 'struck'</script><img src='http://localhost:9/x.png'>"
    file = tmp_path / "broken.html"
    file.write_text(html.replace("<main>", f"<main>{script}"), encoding="utf-8")
    opened = Shown(browser.new_page(), file.as_uri())

    assert opened.page.title() != "struck"
    assert opened.blocked == ["csp"]
    assert any("Content Security Policy" in message for message in opened.messages)
    opened.page.close()


def test_it_prints(browser: Browser, contents: Mapping[str, ReportContents], tmp_path: Path) -> None:
    opened = shown(browser, tmp_path, full_contents(contents["opened"]), width=794, dark=True)
    opened.page.emulate_media(media="print", color_scheme="light")

    assert opened.style("nav", "display") == "none"
    assert opened.style("figure", "breakInside") == "avoid"
    assert opened.width <= 794
    assert opened.page.pdf(format="A4").startswith(b"%PDF")
    opened.page.close()
