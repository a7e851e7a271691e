"""What stands before the dashboard: a token, the host's name, and reading alone."""

import json
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from service.commands.dashboard import DashboardGuard, StartResponse

TOKEN = "0123456789abcdef-_"  # noqa: S105
COOKIE = f"other=1; proctor-dashboard-8080={TOKEN}"


def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["REQUEST_METHOD"].encode()]


def ask(
    path: str = "/", *, method: str = "GET", writable: bool = False, **headers: str
) -> tuple[str, dict[str, str], bytes]:
    """Return the status, the headers and the body of an answer."""
    guard = DashboardGuard(app, token=TOKEN, port=8080, hosts=["Machine"], writable=writable)
    place, _, query = path.partition("?")
    environ: dict[str, Any] = {"HTTP_HOST": "127.0.0.1:8080"}
    setup_testing_defaults(environ)
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": place, "QUERY_STRING": query}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    answer: list[Any] = []
    body = b"".join(guard(environ, lambda status, sent: answer.extend((status, dict(sent)))))
    return answer[0], answer[1], body


@pytest.mark.parametrize(
    "cookie",
    ["", "proctor-dashboard-8080=", "proctor-dashboard-8080=no", f"proctor-dashboard-1={TOKEN}", "=;\x01"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
def test_nothing_is_seen_without_the_token(cookie: str, method: str) -> None:
    for path in ("/", "/api/studies", "/static/x.js", "/dashboard?token=", "/?token=no", "/?token=\xff"):
        status, _, body = ask(path, method=method, writable=True, cookie=cookie)
        assert status == "401 Unauthorized"
        assert "?token=..." in json.loads(body)["reason"]


def test_the_token_becomes_a_cookie_that_no_script_and_no_other_site_has_and_leaves_the_address() -> None:
    status, headers, body = ask(f"/dashboard/studies/1?a=b%26c&token={TOKEN}")
    assert (status, body) == ("303 See Other", b"")
    assert headers["Location"] == "/dashboard/studies/1?a=b%26c"
    (cookie,) = SimpleCookie(headers["Set-Cookie"]).values()
    assert (cookie.key, cookie.value) == ("proctor-dashboard-8080", TOKEN)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert ask(f"//evil.example?token={TOKEN}")[1]["Location"] == "/evil.example"
    assert ask("/api/studies", cookie=COOKIE)[::2] == ("200 OK", b"GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "MOVE"])
def test_what_changes_something_is_refused_unless_it_is_writable(method: str) -> None:
    status, _, body = ask(method=method, cookie=COOKIE)
    assert status == "403 Forbidden"
    assert json.loads(body) == {
        "reason": "this dashboard is read-only; `proctor dashboard --writable` lets it change studies"
    }
    assert ask(f"/?token={TOKEN}", method=method)[0] == "401 Unauthorized"
    assert ask(method=method, cookie=COOKIE, writable=True)[0] == "200 OK"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_what_reads_is_let_through(method: str) -> None:
    assert ask(method=method, cookie=COOKIE)[::2] == ("200 OK", method.encode())


def test_another_site_s_page_changes_nothing() -> None:
    of_another = {"cookie": COOKIE, "origin": "http://evil.example"}
    assert ask(method="POST", writable=True, **of_another)[0] == "403 Forbidden"
    own = {"cookie": COOKIE, "origin": "http://127.0.0.1:8080"}
    assert ask(method="POST", writable=True, **own)[0] == "200 OK"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "@"]
)
def test_a_name_that_was_pointed_here_is_refused_token_or_not(host: str) -> None:
    assert ask(f"/?token={TOKEN}", host=host)[0] == "403 Forbidden"
    assert ask(cookie=COOKIE, host=host)[0] == "403 Forbidden"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:8080", "machine:8080"])
def test_addresses_and_this_machine_s_names_are_served(host: str) -> None:
    assert ask(cookie=COOKIE, host=host)[0] == "200 OK"
