"""`proctor dashboard` in a real browser: nothing without the token, nothing changed through the page."""

import json
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser

from tests.end_to_end.commands import proctor, start_proctor
from tests.service.iris_study import new_store, search_iris
from tests.service.report.page.test_in_browser import CHROMIUM, browser

__all__ = ["browser"]

TOKEN = "a-token-of-the-test-0123456789"  # noqa: S105
VARIABLE = "PROCTOR_DASHBOARD_TOKEN"
OF_OUR_OWN = {VARIABLE: TOKEN}


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dashboard")
    search_iris(new_store(directory)).store.close()
    return directory


@contextmanager
def served(directory: Path, *words: str, **env: str) -> Iterator[str]:
    """Serve the dashboard; yield the address that it prints."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    serving = start_proctor("dashboard", "--port", f"{port}", *words, cwd=directory, **env)
    assert serving.stdout is not None
    said = [serving.stdout.readline() for _ in range(2)]
    assert said[1].startswith(f"http://127.0.0.1:{port}/dashboard?token="), serving.communicate()
    try:
        yield said[1].strip()
    finally:
        serving.send_signal(signal.SIGINT)
        out, err = serving.communicate(timeout=30)
    assert (serving.returncode, out, err) == (0, "", "")


def opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def names_of(address: str) -> list[str]:
    """Return the studies' names as a program reads them: with a cookie, by the token."""
    site, _, token = address.partition("/dashboard?token=")
    with opener().open(f"{site}/api/studies?token={token}", timeout=30) as answer:
        return [study["study_name"] for study in json.load(answer)["study_summaries"]]


def test_it_serves_the_study_on_the_loopback_address_to_who_has_the_token(studied: Path) -> None:
    with served(studied) as address:
        site, _, token = address.partition("/dashboard?token=")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
        for place in ("/", "/dashboard", "/api/studies", "/csv/1", "/api/studies?token=wrong"):
            with pytest.raises(HTTPError, match="401") as refused:
                opener().open(f"{site}{place}", timeout=30)
            assert b"iris" not in refused.value.read()
            refused.value.close()
        assert names_of(address) == ["iris"]


def test_a_token_of_one_s_own_is_named_by_its_variable(studied: Path) -> None:
    with served(studied, **OF_OUR_OWN) as address:
        assert address.endswith("?token=$PROCTOR_DASHBOARD_TOKEN")
        assert names_of(address.replace("$PROCTOR_DASHBOARD_TOKEN", TOKEN)) == ["iris"]
    short = proctor("dashboard", cwd=studied, **{VARIABLE: "short"})
    assert (short.returncode, short.stdout) == (2, "")
    assert "PROCTOR_DASHBOARD_TOKEN: expected at least 16 letters, digits" in short.stderr


def test_an_address_that_is_taken_is_said_in_one_line(studied: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused = proctor("dashboard", "--port", f"{taken.getsockname()[1]}", cwd=studied)
    assert refused.returncode == 2
    assert re.fullmatch(
        r"proctor: --host 127.0.0.1 --port \d+: cannot serve there: Address already in use\n", refused.stderr
    )


@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}")
def test_a_browser_without_the_token_sees_nothing_and_one_with_it_changes_nothing(
    studied: Path, browser: Browser
) -> None:
    with served(studied) as address:
        site = address.partition("/dashboard")[0]
        stranger = browser.new_context().new_page()
        answer = stranger.goto(f"{site}/dashboard")
        assert answer is not None
        assert answer.status == 401
        assert "iris" not in stranger.content()
        assert "open the address that `proctor dashboard` printed" in stranger.content()
        stranger.context.close()

        page = browser.new_context().new_page()
        page.goto(address)
        page.get_by_text("iris").first.wait_for()
        assert "token" not in page.url
        assert page.evaluate("document.cookie") == ""
        for method, place in (("DELETE", "/api/studies/1"), ("POST", "/api/studies/1/rename")):
            asked = f"fetch('{place}', {{method: '{method}', body: '{{\"study_name\": \"x\"}}',"
            asked += " headers: {'Content-Type': 'application/json'}})"
            status, told = page.evaluate(
                f"{asked}.then(async answer => [answer.status, await answer.json()])"
            )
            assert status == 403
            assert told["reason"].startswith("this dashboard is read-only")
        page.get_by_role("button", name="delete").first.click()
        page.get_by_role("button", name=re.compile("^yes$|^delete$", re.IGNORECASE)).last.click()
        page.get_by_text(re.compile("Failed to delete study")).first.wait_for()
        assert names_of(address) == ["iris"]
        page.context.close()


def test_a_writable_one_deletes(tmp_path: Path) -> None:
    search_iris(new_store(tmp_path)).store.close()
    with served(tmp_path, "--writable", **OF_OUR_OWN) as address:
        site, browser = address.partition("/dashboard")[0], opener()
        browser.open(f"{site}/api/studies?token={TOKEN}", timeout=30).close()
        deletion = urllib.request.Request(f"{site}/api/studies/1", method="DELETE")  # noqa: S310 (ours)
        with browser.open(deletion, timeout=30) as answer:
            assert answer.status == 204
        assert names_of(address.replace("$PROCTOR_DASHBOARD_TOKEN", TOKEN)) == []
