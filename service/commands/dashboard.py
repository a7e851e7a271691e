"""optuna-dashboard on a study's storage, behind a guard, as it has no login; it is an extra.

The guard asks for a token, checks the host, and lets through only what reads, unless more is allowed. It is a
WSGI application around another. Whoever has the token is let in, for as long as the dashboard runs.
"""

import json
import os
import re
import socket
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from secrets import compare_digest, token_urlsafe
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.storage.database import opened_storage

TOKEN_VARIABLE = "PROCTOR_DASHBOARD_TOKEN"  # noqa: S105 (the variable's name)
_EXPECTED_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing; optuna-dashboard keeps to that."""

_TOKEN = "token"  # noqa: S105 (the query's key, not a secret)

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class _Server(ThreadingMixIn, WSGIServer):
    """A thread a request: a page asks for much at once."""

    daemon_threads = True


class _ServerOnIPv6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    """Writes no log, in which the token would stand."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name there)
        """Write nothing."""


def serve_dashboard(  # noqa: PLR0913 (the command's options, each by its name)
    launch: LaunchConfig,
    *,
    host: str,
    port: int,
    writable: bool,
    allowed_hosts: Collection[str],
    say: Callable[[str], None],
) -> None:
    """Serve optuna-dashboard until the process is interrupted.

    Parameters
    ----------
    launch
        Where the studies are kept.
    host, port
        Where it is served.
    writable
        Whether it may change studies.
    allowed_hosts
        Names that it may be called by, beside its addresses and this machine's name.
    say
        Shows a line.

    Raises
    ------
    BadInputError
        When the extra is not installed, the storage or the address cannot be had, or the token is too simple.
    """
    try:
        from optuna_dashboard import wsgi  # noqa: PLC0415 (an extra)
    except ImportError:
        raise BadInputError(
            "the dashboard is an extra: install proctor[dashboard], or the package optuna-dashboard"
        ) from None
    token, shown_token = _token()
    with opened_storage(launch, create=False) as store:
        guard = DashboardGuard(
            wsgi(store.optuna_storage),
            token=token,
            port=port,
            hosts=[host, socket.gethostname(), *allowed_hosts],
            writable=writable,
        )
        try:
            server = make_server(
                host, port, guard, _ServerOnIPv6 if ":" in host else _Server, handler_class=_Handler
            )
        except OSError as error:
            raise BadInputError(
                f"--host {host} --port {port}: cannot serve there: {error.strerror}"
            ) from error
        with server, suppress(KeyboardInterrupt):
            shown_host = f"[{host}]" if ":" in host else host
            what = "can change and delete studies" if writable else "read-only"
            say(f"optuna-dashboard on {store.shown_url}, {what}; Ctrl-C ends it")
            say(f"http://{shown_host}:{port}/dashboard?token={shown_token}")
            server.serve_forever()


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


def _token() -> tuple[str, str]:
    """Return the token, and how it is shown: one from the environment by the variable that has it.

    Raises
    ------
    BadInputError
        The one from the environment is easily guessed, or cannot stand in a URL.
    """
    given = os.environ.get(TOKEN_VARIABLE)
    if not given:
        made = token_urlsafe(32)
        return made, made
    if not _EXPECTED_TOKEN.fullmatch(given):
        raise BadInputError(
            f"{TOKEN_VARIABLE}: expected at least 16 letters, digits, '-' or '_', got something else;"
            f" `python3 -c 'import secrets; print(secrets.token_hex(32))'` makes one"
        )
    return given, f"${TOKEN_VARIABLE}"
