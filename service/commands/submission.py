"""A study as a job of a Ray cluster: what is sent with it, what runs there, and how to find it again."""

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from service.commands.beginning import checked_data, first_line
from service.commands.ray_jobs import MOST_BYTES, RayJobs
from service.configuration.launch_config import LaunchConfig
from service.configuration.study_config import StudyConfig
from service.configuration.study_writing import toml_value, written_study
from service.errors import BadInputError
from service.report.terminal.interruption import INTERRUPTED_STATUS
from service.study.storage.database_url import next_command, parse_url, shown_storage

_FORGET = ("env", "--unset=PROCTOR_STORAGE", "--unset=PROCTOR_ADDRESS")
"""What the head has set for others goes before a study file, and is not what was asked for here."""

_ROOM_BYTES = 2**16
"""For the study file, and what packing adds."""


def submit_study(  # noqa: PLR0913 (the command's options, each by its name)
    file_name: str,
    config: StudyConfig,
    launch: LaunchConfig,
    *,
    address: str,
    flags: Sequence[str],
    with_tables: bool,
    is_followed: bool,
    say: Callable[..., None],
) -> int:
    """Have a cluster run a study, and return the command's exit status.

    Parameters
    ----------
    file_name
        What the study file is called.
    config, launch
        The study, and where it runs, as seen from the cluster's head.
    address
        URL of the head's dashboard.
    flags
        Further flags of `proctor run`.
    with_tables
        Whether the tables are here and are sent along; else they are where the head has them.
    is_followed
        Whether the job's log is shown until it ends.
    say
        Shows a line.

    Raises
    ------
    BadInputError
        The study would not outlive the job, its model is the user's own, its data cannot be read here or are
        too large to be sent, or no job server answers.
    """
    _check_outlives(launch)
    if config.model.code is not None:
        raise BadInputError(
            "a study of a model of one's own cannot be submitted, as its file is not sent: `proctor run` with"
            " --address runs it on a cluster"
        )
    tables = list(config.data.files().values()) if with_tables else []
    jobs = RayJobs(address)
    _check_can_be_sent(tables)
    if with_tables:
        say(first_line(config, checked_data(config)))
    job = f"{config.name}-{token_hex(3)}"
    with TemporaryDirectory() as directory:
        there = Path(directory)
        for table in tables:
            (there / table.name).symlink_to(table)
        (there / file_name).write_text(_study_file(config, launch, tables), encoding="utf-8")
        words = [*_FORGET, "proctor", "run", f"./{file_name}", "--resume", "--no-report", *flags]
        jobs.submit(job, shlex.join(words), there)
    at = shlex.join(["--address", address])
    say(
        f"job {job} submitted to {address}"
        + (f", with {', '.join(table.name for table in tables)}" if tables else "")
    )
    follow = f"ray job logs {at} --follow {job}"
    say(f"follow it: {follow}")
    say(f"watch it:  {next_command(shown_storage(launch), 'watch', config.name)}")
    say(f"stop it:   ray job stop {at} {job}")
    if not is_followed:
        return 0
    try:
        return jobs.follow(job, say)
    except KeyboardInterrupt:
        say(f"the job goes on; follow it: {follow}")
        return INTERRUPTED_STATUS


def _check_outlives(launch: LaunchConfig) -> None:
    """Refuse a database that the job would take along, or that only the head could read."""
    if launch.storage is None or parse_url(launch.storage).get_backend_name() == "sqlite":
        got = "none" if launch.storage is None else "SQLite"
        raise BadInputError(
            "--storage: expected a database on a server, such as postgresql+psycopg://USER@HOST/DATABASE, got"
            f" {got}: a file would lie on the cluster's head"
        )


def _check_can_be_sent(tables: Sequence[Path]) -> None:
    name, n_times = Counter(table.name for table in tables).most_common(1)[0] if tables else ("", 0)
    if n_times > 1:
        raise BadInputError(f"expected tables of different names to send, got {name} {n_times} times")
    n_bytes = sum(table.stat().st_size for table in tables if table.is_file())
    if n_bytes > MOST_BYTES - _ROOM_BYTES:
        raise BadInputError(
            f"the tables have {n_bytes / 1e6:.0f} MB, and Ray takes at most {MOST_BYTES / 1e6:.0f} MB with a"
            " job: put them where the cluster's head can read them, write those paths into the study file,"
            " and add --no-upload"
        )


def _study_file(config: StudyConfig, launch: LaunchConfig, tables: Sequence[Path]) -> str:
    """Write the study as the head reads it: tables that are sent lie beside it.

    It has the database's URL, password and all: a job's command and environment are shown by the dashboard.
    """
    sent = {key: f"./{path.name}" for key, path in config.data.files().items() if path in tables}
    there = config.model_copy(update={"data": config.data.model_copy(update=sent)})
    places = launch.model_dump(mode="json", exclude_defaults=True)
    lines = ["", "[launch]", *(f"{key} = {toml_value(value)}" for key, value in places.items())]
    return written_study(there, header=["A study of `proctor submit`."], reasons={}) + "\n".join(lines) + "\n"
