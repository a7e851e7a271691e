"""A guard for optuna-dashboard, which has no login: a token, a check of the host, and read-only access.

It is a WSGI application around another. Whoever has the token is let in, for as long as the dashboard runs.
"""

import json
from collections.abc import Callable, Collection, Iterable
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from secrets import compare_digest
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing; optuna-dashboard keeps to that."""

_TOKEN = "token"  # noqa: S105 (the query's key, not a secret)

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class DashboardGuard:
    """Lets in who has the token, and unless it is writable, only what reads.

    Parameters
    ----------
    app
        What is guarded.
    token
        The secret, of letters, digits, `-` and `_`. It comes in the query, and is then kept in a cookie that
        no script can read and no other site's page sends.
    port
        Where it is served: the cookies of a host are shared by all its ports.
    hosts
        Names that the browser may call it by; `localhost` and addresses are always allowed. A page of another
        site that has its own name point here (DNS rebinding) has that name in its requests.
    writable
        Whether what changes studies is let through.
    """

    def __init__(
        self, app: WSGIApplication, *, token: str, port: int, hosts: Collection[str], writable: bool
    ) -> None:
        self._app, self._token, self._writable = app, token, writable
        self._cookie = f"proctor-dashboard-{port}"
        self._hosts = {"localhost", *(host.lower() for host in hosts)}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or have it answered."""
        method = environ["REQUEST_METHOD"]
        if not self._is_for_us(environ.get("HTTP_HOST", "")):
            told = (
                "this dashboard does not answer to that host name; `proctor dashboard --allow-host NAME`"
                " allows one"
            )
            return _refused(start_response, HTTPStatus.FORBIDDEN, told)
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        given = [value for key, value in query if key == _TOKEN]
        if given and method in READING and self._is_token(given[-1]):
            rest = urlencode([(key, value) for key, value in query if key != _TOKEN])
            place = quote(environ.get("PATH_INFO", "") or "/")
            cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
            headers = [
                ("Location", f"/{place.lstrip('/')}{'?' if rest else ''}{rest}"),
                ("Set-Cookie", cookie),
                ("Cache-Control", "no-store"),
                ("Referrer-Policy", "no-referrer"),
                ("Content-Length", "0"),
            ]
            start_response(_status(HTTPStatus.SEE_OTHER), headers)
            return []
        if not self._is_token(self._from_cookie(environ.get("HTTP_COOKIE", ""))):
            told = "open the address that `proctor dashboard` printed: it ends with ?token=..."
            return _refused(start_response, HTTPStatus.UNAUTHORIZED, told)
        if method not in READING:
            if not self._writable:
                told = "this dashboard is read-only; `proctor dashboard --writable` lets it change studies"
                return _refused(start_response, HTTPStatus.FORBIDDEN, told)
            if not _is_own_page(environ):
                return _refused(
                    start_response, HTTPStatus.FORBIDDEN, "refused: a page of another site asked for this"
                )
        return self._app(environ, start_response)

    def _is_for_us(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is not None and (name in self._hosts or _is_address(name))

    def _is_token(self, given: str) -> bool:
        return compare_digest(given.encode(), self._token.encode())

    def _from_cookie(self, written: str) -> str:
        try:
            found = SimpleCookie(written).get(self._cookie)
        except CookieError:
            return ""
        return "" if found is None else found.value


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_own_page(environ: dict[str, Any]) -> bool:
    """Tell whether the page that asks, where the browser names it, is one of ours."""
    origin = environ.get("HTTP_ORIGIN")
    return origin is None or urlsplit(origin).netloc == environ.get("HTTP_HOST")


def _refused(start_response: StartResponse, status: HTTPStatus, reason: str) -> list[bytes]:
    """Answer as optuna-dashboard's own API does, so that its page can show the reason."""
    body = json.dumps({"reason": reason}).encode() + b"\n"
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", f"{len(body)}"),
        ("Cache-Control", "no-store"),
    ]
    start_response(_status(status), headers)
    return [body]


def _status(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
