"""optuna-dashboard on a study's storage, behind a token; it is an extra."""

import os
import re
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from secrets import token_urlsafe
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from service.commands.dashboard_guard import DashboardGuard
from service.configuration.launch_config import LaunchConfig
from service.errors import BadInputError
from service.study.storage.database import opened_storage

TOKEN_VARIABLE = "PROCTOR_DASHBOARD_TOKEN"  # noqa: S105 (the variable's name)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")


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
    if not _TOKEN.fullmatch(given):
        raise BadInputError(
            f"{TOKEN_VARIABLE}: expected at least 16 letters, digits, '-' or '_', got something else;"
            f" `python3 -c 'import secrets; print(secrets.token_hex(32))'` makes one"
        )
    return given, f"${TOKEN_VARIABLE}"
