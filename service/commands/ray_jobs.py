"""Jobs of a Ray cluster, over HTTP: no node of the cluster is needed here, but Ray's client, an extra."""

import asyncio
import logging
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from service.errors import BadInputError, ProctorError
from workers.pools.ray_settings import apply_ray_settings

MOST_BYTES = 100 * 2**20
"""What a head takes with a job at most, whatever Ray's own limit on a working directory (bytes)."""

_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>\[[\w:.%]+\]|[\w.-]+)(:(?P<port>\d+))?(/[^?#]*)?")

_CONNECT_SECONDS = 5.0
_SECONDS_BETWEEN_LOOKS = 0.5

_STARTING = "No available agent"
"""Answered by a head that has just been started."""

_START_SECONDS = 60.0


class RayJobs:
    """The job server of a cluster's head.

    Parameters
    ----------
    address
        URL of the head's dashboard.

    Raises
    ------
    BadInputError
        The extra is not installed, the address is none, or no job server answers there.
    """

    def __init__(self, address: str) -> None:
        if find_spec("aiohttp") is None:
            raise BadInputError("submit is an extra: install proctor[submit], or the package ray[default]")
        _check_answers(address)
        # Ray would read another address from the environment, and prefer that.
        os.environ["RAY_API_SERVER_ADDRESS"] = address
        apply_ray_settings(address=address)
        from ray.job_submission import JobSubmissionClient  # noqa: PLC0415 (Ray reads settings as it is imported)

        logging.disable(logging.WARNING)  # Ray's lines on its own work; what goes wrong is raised
        self._address = address
        with self._told():
            self._client = JobSubmissionClient(address)

    def submit(self, name: str, command: str, directory: Path) -> None:
        """Have the head run a command in a copy of a directory.

        Parameters
        ----------
        name
            The job's, which no other has had.
        command
            For a shell.
        directory
            What it finds in its working directory; symbolic links are followed.

        Raises
        ------
        BadInputError
            The job server refuses it, or does not answer any more.
        """
        began = time.monotonic()
        with self._told():
            while True:
                try:
                    self._client.submit_job(
                        entrypoint=command, submission_id=name, runtime_env={"working_dir": f"{directory}"}
                    )
                except RuntimeError as error:
                    if _STARTING not in str(error) or time.monotonic() - began > _START_SECONDS:
                        raise
                    time.sleep(_SECONDS_BETWEEN_LOOKS)
                else:
                    return

    def follow(self, name: str, say: Callable[..., None]) -> int:
        """Show a job's log until it ends, and return the status that its command ended with.

        Raises
        ------
        ProctorError
            The connection is lost; the job goes on.
        """
        from aiohttp import ClientError  # noqa: PLC0415 (of the extra)

        try:
            asyncio.run(self._show_log(name, say))
            while not (job := self._client.get_job_info(name)).status.is_terminal():
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        except (ClientError, OSError, RuntimeError) as error:
            raise ProctorError(
                f"the connection to {self._address} is lost, and job {name} goes on without:"
                f" {_first_line(error)}"
            ) from error
        if job.driver_exit_code is None and job.status != "SUCCEEDED":
            raise ProctorError(f"job {name} has {job.status.lower()}: {_first_line(job.message)}")
        return job.driver_exit_code or 0

    async def _show_log(self, name: str, say: Callable[..., None]) -> None:
        async for lines in self._client.tail_job_logs(name):
            say(lines, nl=False)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Explain in one line whatever goes wrong."""
        from ray.exceptions import AuthenticationError  # noqa: PLC0415 (as above)

        try:
            yield
        except AuthenticationError as error:
            raise BadInputError(
                f"--address {self._address}: the cluster asks for its token: set RAY_AUTH_MODE=token and"
                " RAY_AUTH_TOKEN"
            ) from error
        except (OSError, RuntimeError, ValueError, LookupError) as error:
            raise BadInputError(
                f"--address {self._address}: expected Ray's job server: {_first_line(error)}"
            ) from error


def _check_answers(address: str) -> None:
    """Refuse an address at which nobody listens; Ray would wait for minutes."""
    url = _ADDRESS.fullmatch(address)
    if url is None:
        raise BadInputError("--address: expected the URL of a head's dashboard, such as http://HOST:8265")
    port = int(url["port"] or {"http": 80, "https": 443}[url["scheme"]])
    try:
        socket.create_connection((url["host"].strip("[]"), port), timeout=_CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise BadInputError(
            f"--address {address}: nobody answers: {error}; a head serves jobs there where Ray was installed"
            " as ray[default], and started with --dashboard-host=0.0.0.0"
        ) from error


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]
