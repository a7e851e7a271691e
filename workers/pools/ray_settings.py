"""Settings that Ray reads from the environment as it is imported, so that they must be there before."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from secrets import token_hex

_ALWAYS = {
    "RAY_USAGE_STATS_ENABLED": "0",
}
_JOINED_CLUSTER = {
    # An address at which no Ray answers is given up after 7 seconds, not after two minutes: Ray waits twice
    # for the connection, without giving up, and then for an answer.
    "RAY_gcs_rpc_server_connect_timeout_s": "1",
    "RAY_py_gcs_connect_timeout_s": "4",
    "RAY_NUM_REDIS_GET_RETRIES": "1",
}
_OWN_CLUSTER = {
    # Named after the systems where it is the default; on each it makes a cluster listen on loopback alone.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # Where /dev/shm is small, objects lie in the cluster's directory: slower is better than not at all.
    "RAY_OBJECT_STORE_ALLOW_SLOW_STORAGE": "1",
}
_TOKEN = "RAY_AUTH_TOKEN"  # noqa: S105 (a variable's name)
_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""What Ray Jobs tells the command that a job runs."""

_SAY_THE_TOKEN = (_TOKEN, "RAY_AUTH_TOKEN_PATH")  # not RAY_AUTH_MODE: Ray sets that itself as it starts


def apply_ray_settings(*, address: str | None) -> None:
    """Put the settings into this process's environment; call it before `workers.pools.ray_pool` is imported.

    Parameters
    ----------
    address
        The running cluster that will be joined; None for a cluster of this process's own.
    """
    settings = _ALWAYS | (_JOINED_CLUSTER if address else _OWN_CLUSTER)
    for name, value in settings.items():
        os.environ.setdefault(name, value)


@contextmanager
def own_cluster_environment() -> Iterator[None]:
    """Have the environment, for as long as the block runs, in which a cluster of this process's own starts.

    Ray writes its token into the home directory, which may be read only: where there is none yet, the cluster
    has one of this process's, which is nowhere written. With PYTHONOPTIMIZE each of Ray's processes would
    compile its modules anew where what is compiled cannot be kept, and none would be there in time.
    """
    values: dict[str, str | None] = {"PYTHONOPTIMIZE": None}
    if not any(name in os.environ for name in _SAY_THE_TOKEN) and not _has_token_file():
        values[_TOKEN] = _own_token()
    with _environment(values):
        yield


@contextmanager
def job_without_its_files() -> Iterator[None]:
    """Have a job's workers not be sent its working directory, for as long as the block runs.

    Ray would send it to every node. A table in it has the test rows too, which no worker is to have.
    """
    written = os.environ.get(_JOB)
    if written is None:
        yield
        return
    job = json.loads(written)
    (job.get("runtime_env") or {}).pop("working_dir", None)
    with _environment({_JOB: json.dumps(job)}):
        yield


@contextmanager
def _environment(values: dict[str, str | None]) -> Iterator[None]:
    """Have other values in the environment, None for no value, for as long as the block runs."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@cache
def _own_token() -> str:
    """Return the token of this process's clusters: Ray reads it once a process."""
    return token_hex(32)


def _has_token_file() -> bool:
    try:
        return (Path.home() / ".ray" / "auth_token").is_file()
    except (OSError, RuntimeError):  # no home, or none that can be read
        return False
