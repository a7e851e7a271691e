"""The worker that the site's search runs in when it is opened from a disk, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.house.checkout import ROOT
from tests.service.report.page.test_in_browser import CHROMIUM, FLAGS

WORKER = """
self.onmessage = ({ data }) => {
  data.words.push("seen");
  self.postMessage({ answer: data.words.join(" ") });
};
"""

PAGE = """<!doctype html><html><head></head><body><script src="iframe-worker.js"></script><script>
const asked = { words: ["one", "two"] };
const worker = new Worker("worker.js");
let answeredAtOnce = true;
worker.onmessage = ({ data }) => {
  document.title = `${data.answer} / ${asked.words.join(" ")} / ${answeredAtOnce}`;
};
worker.postMessage(asked);
answeredAtOnce = false;
</script></body></html>"""


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}")
def test_it_answers_later_and_with_a_copy_as_a_worker_does(tmp_path: Path) -> None:
    (tmp_path / "iframe-worker.js").write_text(
        (ROOT / "docs" / "site" / "iframe-worker.js").read_text("utf-8")
    )
    (tmp_path / "worker.js").write_text(WORKER)
    (tmp_path / "page.html").write_text(PAGE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_function("document.title !== ''")
        title = page.title()
        browser.close()
    assert title == "one two seen / one two / false"
